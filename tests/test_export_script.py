"""The stand-alone script: its losses are those of the run, for every preset that is shipped and every setting that counts."""

from __future__ import annotations

import contextlib
import io
import itertools
import json
import runpy
import subprocess
import sys
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest
import torch

from engine_runs import EACH_STEP, Script, Trained, changing, run
from tui_trainer import config, paths
from tui_trainer.commands import Command, ScaleLearningRate, Set, SetLearningRate
from tui_trainer.config import Config
from tui_trainer.engine import export, model, script
from tui_trainer.engine.errors import TrainingError
from tui_trainer.events import RunStarted
from tui_trainer.runs import log, store
from tui_trainer.runs.store import Run
from tui_trainer.runs.whole import Whole, read
from tui_trainer.session import export as session_export
from tui_trainer.session.export import ExportError

SHIPPED = sorted(path.stem for path in paths.shipped_presets().glob("*.py"))
SMALL = dict.fromkeys(
    ("speedrun", "resnet9", "convbn", "barebones", "three_layer", "three_layer_sequential", "vit", "mixer", "resnet18"), 8
)
"""Batches of the presets whose steps take long."""
STEPS = {"resnet18": 6}
"""That are compared where a hundred, which are the same as well, would take most of the time of all tests here."""
DIGITS = {"speedrun", "resnet9", "convbn", "barebones", "three_layer", "three_layer_sequential"}
"""Presets for `shapes` that are tried on the smaller pictures here; one of them is on `shapes` as well, below."""


def given(name: str, **settings: object) -> Config:
    preset = model.run_file(paths.shipped_presets() / f"{name}.py", name)
    short = {"preset": name, "threads": "1", "precision": "fp32", "reproducible": True}
    return config.read(config.overlay(config.overlay(preset.DEFAULTS, short), settings))


def recorded(setup: Config, folder: Path, asked: Script = lambda events: [], **more: Any) -> tuple[Run, Trained]:
    """A run that was trained here, and its record as production keeps it; the losses of the `Trained` have every digit."""
    run_here = store.create(setup, paths.shipped_presets() / f"{setup.preset}.py")
    done = run(setup, folder, asked, **more)
    with log.Writer(run_here.events) as write:
        for event in done.events:
            write(event)
    return run_here, done


def losses_of(path: Path) -> list[float]:
    """What a script gives when it is run in this process."""
    threads = torch.get_num_threads()
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            made = runpy.run_path(str(path))
            return list(made.get("our_train", made["train"])())
    finally:
        torch.set_num_threads(threads)


def written(run_here: Run, folder: Path) -> Path:
    made, said = session_export.script(run_here, read(run_here), folder, seconds=0.0)
    assert said.startswith("tried: ")
    return made[0]


def assert_same(setup: Config, tmp_path: Path, asked: Script = lambda events: [], **more: Any) -> str:
    run_here, done = recorded(setup, tmp_path / "trained", asked, **more)
    path = written(run_here, tmp_path / "out")
    assert losses_of(path) == done.losses  # to the last bit
    return path.read_text()


@pytest.mark.parametrize("name", SHIPPED)
def test_every_preset_gives_the_same_losses(name: str, tmp_path: Path) -> None:
    settings: dict[str, object] = {"dataset": "digits"} if name in DIGITS else {}
    settings |= {"batch_size": SMALL[name]} if name in SMALL else {}
    text = assert_same(given(name, steps=STEPS.get(name, 100), **settings), tmp_path)
    assert "tui_trainer" not in text
    assert "def build(" in text


@pytest.mark.long
@pytest.mark.parametrize("name", sorted(STEPS))
def test_the_largest_give_the_same_hundred_losses(name: str, tmp_path: Path) -> None:
    assert_same(given(name, steps=100, batch_size=SMALL[name]), tmp_path)


SETTINGS: list[tuple[str, dict[str, object]]] = [
    ("linear", {"dataset": "shapes", "flip": True, "steps": 4}),
    ("svm", {"dataset": "digits", "knobs": {"features": "hog"}, "steps": 5}),
    ("mlp", {"dataset": "points", "data": {"kind": "spirals", "size": 100}, "steps": 9, "schedule": "step"}),
    ("mlp", {"dataset": "sine", "steps": 40, "clip": 0.5, "data": {"noise": 0.1}}),
    ("linear", {"dataset": "linear-system", "batch_size": 2, "steps": 4}),
    ("cnn", {"flip": True, "shift": True, "cutout": True, "jitter": True, "mixup": True, "steps": 44, "label_smoothing": 0.1}),
    ("resnet9", {"dataset": "digits", "inputs": "unit", "precision": "bf16", "clip": 1.0, "steps": 3}),
    ("cnn", {"inputs": "centred", "knobs": {"dropout": 0.3}, "schedule": "cosine", "optimizer": "rmsprop", "steps": 12}),
    ("lenet", {"schedule": "linear", "nesterov": True, "weight_decay": 0.01, "steps": 12, "seed": 7, "validation": 0.3}),
]


@pytest.mark.parametrize(("name", "settings"), SETTINGS, ids=lambda one: one if isinstance(one, str) else "-".join(map(str, one)))
def test_every_setting_is_in_it(name: str, settings: dict[str, object], tmp_path: Path) -> None:
    assert_same(given(name, **settings), tmp_path)


CHANGED: list[dict[int, list[Command]]] = [
    {3: [SetLearningRate(0.01)], 7: [ScaleLearningRate(0.5), Set("momentum", 0.5)], 9: [Set("clip", 0.1)]},
    {4: [Set("batch_size", 48)], 8: [Set("label_smoothing", 0.2), Set("weight_decay", 0.02), Set("batch_size", 20)]},
]


@pytest.mark.parametrize("schedule", ["constant", "one-cycle"])
@pytest.mark.parametrize("changes", CHANGED, ids=["rate", "batch"])
def test_what_was_changed_by_hand_is_changed_at_its_step(changes: dict[int, list[Command]], schedule: str, tmp_path: Path) -> None:
    setup = given("lenet", epochs=1, schedule=schedule, shift=True, validation=0.5)
    text = assert_same(setup, tmp_path, changing(changes)(), tick=EACH_STEP)
    assert "CHANGES = {" in text


def test_it_is_a_program_of_its_own(tmp_path: Path) -> None:
    """A fresh interpreter that cannot find us runs it, and prints what the run recorded."""
    run_here, done = recorded(given("cnn", steps=50), tmp_path / "trained")
    path = written(run_here, tmp_path / "out")
    assert sorted(one.name for one in path.parent.iterdir()) == ["digits.csv.gz", "train.py"]
    code = f"""
import runpy, sys

class Nowhere:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == "tui_trainer":
            raise ModuleNotFoundError(name)

sys.meta_path.insert(0, Nowhere())
runpy.run_path({str(path)!r}, run_name="__main__")
assert not any(name.startswith("tui_trainer") for name in sys.modules)
"""
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=120)
    assert ran.returncode == 0, ran.stderr
    printed = [line for line in ran.stdout.splitlines() if line.startswith("step")]
    assert [line.split()[-1] for line in printed] == [f"{done.losses[at]:.5g}" for at in (0, 1, 2, 3, 4, 49)]
    assert "validation loss" in ran.stdout
    assert "test loss" in ran.stdout


def test_first_weights_of_another_run_lie_beside_it(tmp_path: Path) -> None:
    first, _ = recorded(given("linear", steps=5), tmp_path / "first")
    (tmp_path / "second" / "checkpoints").mkdir(parents=True)
    source = tmp_path / "first" / "checkpoints" / "last.pt"
    (tmp_path / "second" / "checkpoints" / "from.pt").write_bytes(source.read_bytes())
    run_here, done = recorded(given("linear", steps=5, start_from=first.name), tmp_path / "second")
    (run_here.checkpoints / "from.pt").write_bytes(source.read_bytes())
    path = written(run_here, tmp_path / "out")
    assert losses_of(path) == done.losses
    assert (path.parent / "first.pt").is_file()


def test_a_longer_budget_is_followed(tmp_path: Path) -> None:
    setup = given("linear", steps=6, schedule="cosine")
    run_here, first = recorded(setup, tmp_path / "trained")
    more = run(setup, tmp_path / "trained", resume="last.pt", budget=("steps", 10.0))
    with log.Writer(run_here.events) as write:
        for event in more.events:
            write(event)
    assert losses_of(written(run_here, tmp_path / "out")) == [*first.losses, *more.losses]


AWKWARD = '''"""A preset whose names are those of the script."""
from __future__ import annotations

from torch import nn

DEFAULTS = {"dataset": "digits"}
SEED, STEPS = 3, 5


def train(width: int) -> nn.Module:
    return nn.Linear(64, width)


def normalise(net: nn.Module) -> nn.Module:
    return nn.Sequential(nn.Flatten(), net)


def build(input_shape, num_classes):
    return normalise(train(num_classes))


if __name__ == "__main__":
    raise SystemExit("not to be run")
'''


def test_names_of_the_preset_are_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "awkward.py"
    file.write_text(AWKWARD)
    setup = given("linear", steps=8)
    run_here = store.create(setup, file)
    done = run(setup, tmp_path / "trained", preset=AWKWARD)
    with log.Writer(run_here.events) as write:
        for event in done.events:
            write(event)
    path = written(run_here, tmp_path / "out")
    assert losses_of(path) == done.losses
    assert "our_train" in path.read_text()


# What cannot be had


def test_a_preset_with_another_meaning_of_what_is_imported_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "awkward.py"
    file.write_text(AWKWARD + "\nfrom random import random\n")
    run_here = store.create(given("linear", steps=2), file)
    done = run(given("linear", steps=2), tmp_path / "trained", preset=file.read_text())
    whole = Whole()
    whole.extend(done.events)
    with pytest.raises(ExportError, match="the preset has a random of its own"):
        session_export.script(run_here, whole, tmp_path / "out")


def refusal(setup: Config, change: Callable[[RunStarted], RunStarted], tmp_path: Path) -> str:
    run_here, done = recorded(given("linear", steps=2), tmp_path / "trained")
    whole = Whole()
    whole.extend([change(one) if isinstance(one, RunStarted) else one for one in done.events])
    with pytest.raises(ExportError) as error:
        session_export.script(run_here, whole, tmp_path / "out")
    assert not (tmp_path / "out" / "train.py").exists()
    return str(error.value)


def test_a_run_on_a_gpu_is_refused_in_words(tmp_path: Path) -> None:
    said = refusal(given("linear"), lambda one: replace(one, device="cuda:0"), tmp_path)
    assert said == "it was trained on cuda:0, and a script gives the same losses on a CPU alone"


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"compile": True}, "torch.compile"),
        ({"schedule": "cosine", "epochs": None, "steps": None, "seconds": 5.0}, "its rate followed the clock"),
        ({"dataset": "cifar10", "data": {}}, "cifar10 is not here any more: tui-trainer datasets fetch cifar10"),
    ],
    ids=["compile", "clock", "gone"],
)
def test_what_a_script_would_not_repeat_is_refused(settings: dict[str, object], said: str, tmp_path: Path) -> None:
    def change(one: RunStarted) -> RunStarted:
        steps = 0 if "seconds" in settings else one.steps
        return replace(one, config=asdict(given("linear")) | {"epochs": None, "steps": 2} | settings, steps=steps)

    assert said in refusal(given("linear"), change, tmp_path)


def test_other_losses_are_found_and_no_script_is_left(tmp_path: Path) -> None:
    run_here, _ = recorded(given("linear", steps=5), tmp_path / "trained")
    lines = run_here.events.read_text().splitlines()
    at, stepped = next((number, json.loads(line)) for number, line in enumerate(lines) if '"Stepped"' in line)
    stepped["losses"][1] += 0.001
    lines[at] = json.dumps(stepped)
    run_here.events.write_text("\n".join(lines) + "\n")
    with pytest.raises(ExportError, match=r"the loss of step 2 is .* here, and the record says"):
        session_export.script(run_here, read(run_here), tmp_path / "out")
    assert list((tmp_path / "out").iterdir()) == []


def test_a_script_that_fails_is_told_with_its_step(tmp_path: Path) -> None:
    path = tmp_path / "train.py"
    path.write_text("def train():\n    yield 1.0\n    raise ValueError('no more')\n")
    with pytest.raises(TrainingError, match="at step 2 the script says ValueError: no more"):
        export.checked(path, [1.0, 2.0], 5.0)
    ticks = itertools.count()
    assert export.checked(path, [1.0, 2.0], 0.5, clock=lambda: float(next(ticks))) == 1
    assert path.name == script.NAME
