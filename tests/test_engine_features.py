"""Features that a preset computes of pictures: once, whole, normalised over the training split, and refused in words."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from engine_runs import run, settings
from tui_trainer import paths
from tui_trainer.config import Config
from tui_trainer.engine import features, prepare
from tui_trainer.engine.errors import TrainingError
from tui_trainer.engine.prepare import Ready
from tui_trainer.events import Evaluated, Preparing, Probed, RunStarted

HALVES = """
import torch
from torch import nn

def build(input_shape, num_classes, *, kind: str = "halves"):
    return nn.Sequential(nn.Flatten(), nn.Linear(torch.Size(input_shape).numel(), num_classes))

def features(pictures, config):
    assert pictures.dtype == torch.uint8 and not torch.is_grad_enabled()
    if config.knobs["kind"] == "raw":
        return pictures
    rows = pictures.float().mean(3)[:, 0]
    columns = pictures.float().mean(2)[:, 0]
    return torch.cat([rows, columns, torch.full((len(rows), 1), 3.0)], 1)
"""


@pytest.fixture(autouse=True)
def none_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(features, "_kept", {})


def ready(source: str, folder: Path, said: list[tuple[object, ...]] | None = None, **given: object) -> Ready:
    file = folder / "mine.py"
    file.write_text(source, encoding="utf-8")
    seen = [] if said is None else said
    return prepare.prepare(setup(**given), file, paths.datasets(), lambda *what: seen.append(what))


def setup(**given: object) -> Config:
    return settings(preset="mine", **{"knobs": {"kind": "halves"}} | given)


def test_the_net_learns_from_features_normalised_over_the_training_split(tmp_path: Path) -> None:
    made = ready(HALVES, tmp_path).data
    assert made.shape == (17,)
    inputs = made.normalise(made.train.inputs)
    assert inputs.dtype == torch.float32
    assert torch.allclose(inputs.mean(0), torch.zeros(17), atol=1e-5)
    assert torch.allclose(inputs.std(0, correction=0)[:16], torch.ones(16), atol=1e-4)
    assert inputs[:, 16].abs().max() < 1e-3, "what is constant stays so"
    assert made.train.pictures is not None
    first = made.train.pictures.take(torch.tensor([0]))
    assert torch.allclose(first.float().mean(3)[0, 0], made.train.inputs[0, :8])


def test_it_is_told_how_far_it_is_and_computed_once(tmp_path: Path) -> None:
    said: list[tuple[object, ...]] = []
    ready(HALVES, tmp_path, said)
    assert [one for one in said if one[0] == "computing features"] == [
        ("computing features", start, 1797) for start in (0, 500, 1000, 1500)
    ]
    said.clear()
    ready(HALVES, tmp_path, said, lr=0.1, seed=3)
    assert not any(one[0] == "computing features" for one in said)
    ready(HALVES + "\n# another file\n", tmp_path, said)
    assert any(one[0] == "computing features" for one in said)


def test_pictures_given_back_are_no_features(tmp_path: Path) -> None:
    made = ready(HALVES, tmp_path, knobs={"kind": "raw"}, shift=True).data
    assert made.shape == (1, 8, 8)
    assert made.train.pictures is None


def test_a_run_with_features_shows_its_mistakes_as_pictures(tmp_path: Path) -> None:
    done = run(setup(lr=0.01, epochs=2), tmp_path, preset=HALVES)
    assert done.of(RunStarted)[0].input_shape == (17,)
    assert any(event.what == "computing features" and event.total == 1797 for event in done.of(Preparing))
    assert (done.ended.test_accuracy or 0) > 0.5
    assert done.of(Probed)[-1].shape[1:] == (1, 8, 8)
    assert len(done.of(Evaluated)) == 3


def test_what_the_features_drew_has_no_part_in_the_weights(tmp_path: Path) -> None:
    noisy = HALVES.replace("    rows =", "    torch.rand(3)\n    rows =")
    weights = [ready(source, tmp_path).built.net[1].weight for source in (HALVES, noisy)]  # type: ignore[index,union-attr]
    assert torch.equal(*weights)  # type: ignore[arg-type]  # two parameters


def test_rows_have_no_features_and_that_is_said(tmp_path: Path) -> None:
    made = ready(HALVES, tmp_path, dataset="points")
    assert made.data.shape == (2,)
    assert [note.text for note in made.notes] == ["points has no pictures: the preset computes no features of it"]


def test_pictures_are_not_changed_after_features_were_computed(tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match="flip and cutout: preset mine computes features once, from pictures as they are"):
        ready(HALVES, tmp_path, flip=True, cutout=True)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("return None", "features gave a value of type NoneType; floats of shape (500, F) are needed for 500 pictures"),
        ("return pictures.float()", "features gave shape (500, 1, 8, 8); floats of shape (500, F)"),
        ("return pictures[:3].flatten(1).float()", "features gave shape (3, 64); floats of shape (500, F)"),
        ("return pictures.flatten(1)", "features gave uint8 values; floats of shape (500, F)"),
        ("return pictures.flatten(1).float() / pictures.flatten(1)[:, :1]", "not finite for picture 0"),
        (
            "return torch.zeros(len(pictures), 3 if len(pictures) == 500 else 4)",
            "features gave shape (297, 4); floats of shape (297, 3) are needed for 297 pictures",
        ),
        ("return pictures.nothing", "preset mine, line 6: AttributeError"),
        ("return torch.zeros(1).expand(len(pictures), 10**7)", "features of 1 797 pictures take 71.9 GB"),
    ],
)
def test_what_is_wrong_is_said(body: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tui_trainer.engine.devices.cpu_memory", lambda: (8_000_000_000, 16_000_000_000))
    source = "import torch\nfrom torch import nn\ndef build(shape, classes, *, kind='halves'):\n    return nn.Linear(3, classes)\n"
    with pytest.raises(TrainingError) as caught:
        ready(f"{source}def features(pictures, config):\n    {body}\n", tmp_path)
    assert said in str(caught.value)


def test_a_cancelled_trial_gives_up_between_two_chunks(tmp_path: Path) -> None:
    file = tmp_path / "mine.py"
    file.write_text(HALVES)

    def say(what: str, done: int = 0, total: int = 0) -> None:
        if done == 500:
            raise InterruptedError

    with pytest.raises(InterruptedError):
        prepare.prepare(setup(), file, paths.datasets(), say)
    assert not features._kept
