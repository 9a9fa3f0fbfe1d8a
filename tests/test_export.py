"""What a run is exported as: figures for other programs, weights for a plain net, a card, and words for what cannot be."""

from __future__ import annotations

import csv
import json
import re
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import pytest
import torch

import recorded
from engine_runs import run as trained
from engine_runs import settings
from tui_trainer import paths
from tui_trainer.cli import main
from tui_trainer.console import card, record
from tui_trainer.events import CheckpointSaved, Evaluated, Event, LearningRateChanged, RunEnded, RunResumed, Stepped, ThreadsChanged
from tui_trainer.runs import export, log, store, whole
from tui_trainer.runs.store import Run
from tui_trainer.schedules import factor
from tui_trainer.session import export as session_export
from tui_trainer.session.export import ExportError


def stepped(first: int, *losses: float, epoch: int = 1, lr: float = 0.1, seconds: float = 0.0) -> Stepped:
    last = first + len(losses) - 1
    return Stepped(last, epoch, losses, 5, 10 * len(losses), lr, seconds or last / 10)


def resumed(step: int, *, evaluated: bool = False) -> RunResumed:
    return RunResumed(step, 1, step / 10, evaluated=evaluated, steps=100, steps_per_epoch=10, config={"batch_size": 10})


TWICE: tuple[Event, ...] = (
    recorded.started(),
    stepped(1, *(1.0 - at / 100 for at in range(10))),
    recorded.evaluated(),
    CheckpointSaved(10, 1, best=False),
    stepped(11, 0.5, 0.4, 0.3, epoch=2),
    ThreadsChanged(12, 1, 2),
    LearningRateChanged(14, 0.1, 0.05),
    stepped(14, 0.2, epoch=2),
    resumed(10, evaluated=True),
    stepped(11, 0.45, 0.35, epoch=2),
    RunEnded(12, 2, "stopped", 1.2, 0.8, 1, 0.5),
)


@pytest.fixture
def twice() -> Run:
    """A run that went on from step 10 after it had been at step 14."""
    return recorded.made("cnn", *TWICE)


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_a_resumed_run_tells_nothing_twice(twice: Run, tmp_path: Path) -> None:
    told = whole.read(twice)
    steps, validations = export.to_csv(told, tmp_path)
    found = rows(steps)
    assert [int(row["step"]) for row in found] == list(range(1, 13))
    assert [row["loss"] for row in found[9:]] == ["0.91", "0.45", "0.35"]
    assert [row["epoch"] for row in found[9:]] == ["1", "2", "2"]
    assert [(one.threads, one.resumed[0].step) for one in [told]] == [([], 10)]
    (only,) = rows(validations)
    assert (only["split"], only["step"], only["loss"]) == ("val", "10", "0.5")
    assert [float(only[f"recall of {name}"]) for name in recorded.CLASSES] == [0.8, 0.9, 0.96]


def test_a_run_that_begins_again_forgets_what_was_before(tmp_path: Path) -> None:
    run = recorded.made("cnn", recorded.started(), stepped(1, 9.0, 8.0), recorded.started(), stepped(1, 1.0))
    assert [one.loss for one in whole.read(run).steps] == [1.0]


def test_every_step_has_the_rate_that_it_was_learned_with() -> None:
    told = whole.Whole()
    told.extend([recorded.started(), LearningRateChanged(3, 0.1, 0.01), stepped(1, 1.0, 1.0, 1.0, 1.0, lr=0.01, seconds=0.4)])
    assert [one.lr for one in told.steps] == [0.1, 0.1, 0.01, 0.01]
    assert [one.seconds for one in told.steps] == [0.1, 0.2, 0.3, 0.4]


@pytest.mark.parametrize("schedule", ["cosine", "one-cycle"])
def test_the_rate_of_every_step_follows_its_schedule(schedule: str, tmp_path: Path) -> None:

    done = trained(settings(steps=40, schedule=schedule, lr=0.2), tmp_path)
    told = whole.Whole()
    told.extend(done.events)
    assert len(told.steps) == 40
    assert [one.loss for one in told.steps] == done.losses
    assert [one.lr for one in told.steps] == pytest.approx([0.2 * factor(schedule, at / 40) for at in range(40)], rel=1e-6)


def test_json_says_what_was_given_and_what_came_of_it(twice: Run, tmp_path: Path) -> None:
    told = json.loads(export.to_json(whole.read(twice), twice, tmp_path, "repeat it").read_text())
    assert told["run"] == twice.id
    assert told["config"]["preset"] == "cnn"
    assert told["result"]["reason"] == "stopped"
    assert told["resumed"] == [{"step": 10, "checkpoint": "last.pt"}]
    assert told["changes"] == []
    assert told["again"] == "repeat it"
    assert [one["recall"] for one in told["validations"][0]["per_class"]] == [0.8, 0.9, 0.96]
    assert told["started"]["device_name"] == "a cpu"


def test_what_is_not_finite_is_null_in_json(tmp_path: Path) -> None:
    end = RunEnded(3, 1, "diverged", 0.3, last_loss=float("nan"))
    run = recorded.made("cnn", recorded.started(), stepped(1, 1.0, 2.0, float("inf")), end)
    told = whole.read(run)
    assert json.loads(export.to_json(told, run, tmp_path, "").read_text())["result"]["last_loss"] is None
    assert [row["loss"] for row in rows(export.to_csv(told, tmp_path)[0])] == ["1", "2", "inf"]


def test_numbers_that_are_predicted_have_errors_in_place_of_accuracy(tmp_path: Path) -> None:

    begun = replace(recorded.started(()), task="regression")
    judged = Evaluated(2, 1, "val", 0.25, None, (), 0.2, 0.1, True, mae=0.4, r2=0.9)
    run = recorded.made("mlp", begun, stepped(1, 1.0, 0.5), judged, RunEnded(2, 1, "finished", 0.2, best_loss=0.25))
    told = whole.read(run)
    (row,) = rows(export.to_csv(told, tmp_path)[1])
    assert (row["loss"], row["mae"], row["r2"]) == ("0.25", "0.4", "0.9")
    assert "accuracy" not in row
    assert any(line.startswith("  best      loss 0.250, MAE 0.400, R² 0.900") for line in card.lines(told.history, run))


def test_the_card_is_a_dozen_plain_lines(twice: Run) -> None:
    lines = card.lines(record.read(twice), twice)
    text = "\n".join(lines)
    assert 8 <= len(lines) <= 14
    assert all(len(line) < 120 for line in lines)
    assert lines[0].startswith(f"cnn on digits  (run {twice.id}")
    for word in ("best", "loss", "settings", "machine   a cpu, 1 thread, fp32", "again     tui-trainer train cnn"):
        assert f"  {word}" in text


def test_the_card_names_settings_that_the_preset_does_not_suggest() -> None:
    run = recorded.made("cnn", *TWICE, lr=0.5, knobs={"width": 16}, flip=True)
    (settings_line,) = [line for line in card.lines(record.read(run), run) if line.startswith("  settings")]
    assert settings_line == "  settings  lr 0.5, flip, width 16, seed 0"


def test_the_card_says_what_was_changed_by_hand() -> None:
    changes = [LearningRateChanged(at, 0.1, 0.05) for at in range(2, 7)]
    run = recorded.made("cnn", recorded.started(), stepped(1, 1.0), *changes, stepped(2, *([1.0] * 6)))
    lines = card.lines(record.read(run), run)
    told = [line for line in lines if "rate " in line and " at step " in line]
    assert len(told) == card.MOST_CHANGES
    assert told[0].startswith("  by hand   ")
    assert "            and 2 more" in lines


# What torch makes


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Callable[[], Run]:
    """A run of `linear` on `digits`, trained once; each test gets its own copy of it."""
    folder = tmp_path_factory.mktemp("trained")
    setup = settings(steps=20, threads="1", precision="fp32", reproducible=True)
    done: list[object] = []

    def make() -> Run:
        if not done:
            done.append(trained(setup, folder))
        run = store.create(setup, paths.shipped_presets() / "linear.py")
        with log.Writer(run.events) as write:
            for event in done[0].events:  # type: ignore[attr-defined]  # what was trained
                write(event)
        for file in (folder / "checkpoints").iterdir():
            (run.checkpoints / file.name).write_bytes(file.read_bytes())
        return run

    return make


def test_weights_go_into_a_plain_net(finished: Callable[[], Run], tmp_path: Path) -> None:
    run = finished()
    made = session_export.weights(run, tmp_path)
    assert [path.name for path in made] == ["weights-best.pt", "weights-last.pt"]
    net = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(64, 10))
    net.load_state_dict(torch.load(made[1], weights_only=True))
    kept = torch.load(run.checkpoints / "last.pt", weights_only=True)["weights"]
    assert all(torch.equal(kept[name], value) for name, value in net.state_dict().items())


def test_without_a_checkpoint_there_are_no_weights(twice: Run, tmp_path: Path) -> None:
    with pytest.raises(ExportError, match="it has saved no weights"):
        session_export.weights(twice, tmp_path)


def test_safetensors_are_written_by_their_package(
    finished: Callable[[], Run], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept: dict[str, dict[str, torch.Tensor]] = {}
    package = ModuleType("safetensors.torch")
    package.save_file = lambda tensors, path: kept.update({Path(path).name: tensors})  # type: ignore[attr-defined]  # a stand-in
    monkeypatch.setitem(sys.modules, "safetensors", ModuleType("safetensors"))
    monkeypatch.setitem(sys.modules, "safetensors.torch", package)
    session_export.safetensors(finished(), tmp_path)
    assert sorted(kept) == ["weights-best.safetensors", "weights-last.safetensors"]
    assert kept["weights-last.safetensors"]["1.weight"].shape == (10, 64)


def test_event_files_are_written_by_their_package(twice: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[tuple[str, float, int]] = []

    class SummaryWriter:
        def __init__(self, folder: str) -> None:
            self.folder = folder

        def add_scalar(self, name: str, value: float, step: int, walltime: float) -> None:
            said.append((name, value, step))

        def close(self) -> None:
            said.append(("closed", 0.0, 0))

    package = ModuleType("torch.utils.tensorboard")
    package.SummaryWriter = SummaryWriter  # type: ignore[attr-defined]  # a stand-in
    monkeypatch.setitem(sys.modules, "torch.utils.tensorboard", package)
    session_export.tensorboard(whole.read(twice), tmp_path)
    assert ("loss/train", 0.35, 12) in said
    assert ("learning rate", 0.1, 12) in said
    assert ("loss/val", 0.5, 10) in said
    assert len([one for one in said if one[0] == "loss/train"]) == 12
    assert said[-1][0] == "closed"


# The command


def absent(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("safetensors", "safetensors.torch", "torch.utils.tensorboard"):
        monkeypatch.setitem(sys.modules, name, None)


def test_all_that_can_be_made_is_made(
    finished: Callable[[], Run], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    absent(monkeypatch)
    run = finished()
    assert main(["export", run.id, "--to", str(tmp_path)]) == 0
    folder = tmp_path / f"linear-digits-{run.id}"
    files = (
        "card.txt digits.csv.gz run.json screen.png screen.svg steps.csv train.py validations.csv weights-best.pt weights-last.pt"
    )
    assert sorted(path.name for path in folder.iterdir()) == files.split()
    said = capsys.readouterr().out
    assert "  ! no safetensors: safetensors is not installed; pip install safetensors\n" in said
    assert "  ! no tensorboard: tensorboard is not installed; pip install tensorboard\n" in said
    assert re.search(r"tried: its first \d+ losses are those of the run", said)


def test_what_was_asked_for_and_cannot_be_made_is_a_failure(
    finished: Callable[[], Run], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    absent(monkeypatch)
    run = finished()
    assert main(["export", run.id, "--csv", "--safetensors", "--to", str(tmp_path)]) == 1
    assert sorted(path.name for path in (tmp_path / f"linear-digits-{run.id}").iterdir()) == ["steps.csv", "validations.csv"]
    assert "! no safetensors" in capsys.readouterr().out


def test_several_runs_get_a_folder_each_here(twice: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other = recorded.made("cnn", *TWICE)
    monkeypatch.chdir(tmp_path)
    assert main(["export", twice.id, other.id, twice.id, "--csv", "--card", "--json"]) == 0
    assert {path.name for path in tmp_path.glob("cnn-digits-*")} == {f"cnn-digits-{one.id}" for one in (twice, other)}
    assert len(list((tmp_path / f"cnn-digits-{other.id}").iterdir())) == 4


def test_a_name_that_is_none_ends_it_before_anything_is_written(
    twice: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["export", twice.id, "zzzz", "--csv", "--to", str(tmp_path / "to")]) == 2
    assert "there is no run 'zzzz'" in capsys.readouterr().err
    assert not (tmp_path / "to").exists()


def test_a_folder_that_cannot_be_made_is_said(twice: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").write_text("")
    assert main(["export", twice.id, "--csv", "--to", str(tmp_path / "file")]) == 2
    assert "cannot be made: not a directory" in capsys.readouterr().err


def test_figures_and_card_need_no_torch(twice: Run, run_python: Callable[[str], str], tmp_path: Path) -> None:
    words = ["export", twice.id, "--csv", "--json", "--card", "--to", str(tmp_path)]
    code = f"import sys; from tui_trainer.cli import main; assert main({words!r}) == 0; print('torch' in sys.modules)"
    assert run_python(code).splitlines()[-1] == "False"
