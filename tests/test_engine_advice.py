"""What is odd about a net is said once, with what it does."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from torch.nn import functional

from engine_runs import run, settings
from tui_trainer.engine import advice, preflight
from tui_trainer.events import Noted, RunStarted

DENSE = """
from math import prod
from torch import nn
def build(input_shape, num_classes, *, softmax: bool = True):
    net = nn.Sequential(nn.Flatten(), nn.Linear(prod(input_shape), num_classes))
    return nn.Sequential(net, nn.Softmax(1)) if softmax else net
"""
SIGMOID = DENSE.replace("nn.Softmax(1)", "nn.Sigmoid()")
LOSS = "def loss(outputs, targets): return nn.functional.nll_loss(outputs.clamp_min(1e-9).log(), targets)\n"


def texts(source: str, folder: Path, **given: object) -> list[str]:
    done = run(settings(steps=1, **given), folder, preset=source)
    at = next(index for index, event in enumerate(done.events) if isinstance(event, RunStarted))
    notes = done.of(Noted)
    assert done.events[at + 1 : at + 1 + len(notes)] == notes, "before the first step"
    return [note.text for note in notes if note.level == "info"]


def test_a_softmax_before_cross_entropy_is_said_with_what_it_does(tmp_path: Path) -> None:
    found = texts(DENSE, tmp_path)
    assert len(found) == 1
    assert "for 10 classes the loss cannot fall below 1.46" in found[0]
    assert "p(1−p)" in found[0]


@pytest.mark.parametrize("classes", [2, 4, 10, 100])
def test_the_bound_is_the_loss_of_a_perfect_answer(classes: int) -> None:
    perfect = functional.one_hot(torch.tensor([1]), classes).float()
    least = functional.cross_entropy(perfect, torch.tensor([1])).item()
    assert f"cannot fall below {least:.2f}," in advice.softmax_twice(classes)


@pytest.mark.parametrize(
    ("source", "given"),
    [
        (DENSE, {"knobs": {"softmax": False}}),
        (SIGMOID, {}),
        (SIGMOID, {"dataset": "points"}),
        (DENSE + LOSS, {}),
        (DENSE, {"dataset": "sine"}),
    ],
)
def test_nothing_is_said_of_other_nets(source: str, given: dict[str, object], tmp_path: Path) -> None:
    assert texts(source, tmp_path, **given) == []


def test_the_trial_says_it_too(tmp_path: Path) -> None:
    file = tmp_path / "mine.py"
    file.write_text(DENSE)
    measured = preflight.measure(settings(preset="mine"), preset_file=file, datasets_home=tmp_path)
    assert any("cannot fall below 1.46" in note for note in measured.notes)


def test_looking_changes_no_number_of_the_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = DENSE.replace("nn.Flatten(), nn.Linear", "nn.Flatten(), nn.Dropout(0.5), nn.Linear")
    looked = run(settings(steps=5), tmp_path / "a", preset=source)
    monkeypatch.setattr(advice, "_gives_probabilities", lambda *given: False)
    assert run(settings(steps=5), tmp_path / "b", preset=source).losses == looked.losses


def test_smoothing_that_the_loss_of_a_preset_does_not_do_is_said(tmp_path: Path) -> None:
    for source, given in ((DENSE + LOSS, 0.1), (DENSE + LOSS, 0.0), (SIGMOID, 0.1)):
        done = run(settings(steps=1, label_smoothing=given), tmp_path, preset=source)
        said = [note for note in done.of(Noted) if "smoothing" in note.text]
        assert len(said) == (source.endswith(LOSS) and given > 0)
