"""A checkpoint is whole or absent, and reading one runs no code."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest
import torch

from engine_runs import Counting
from tui_trainer.engine import checkpoint
from tui_trainer.engine.saves import Best, Saves
from tui_trainer.events import CheckpointSaved, Event, Noted


def test_what_is_saved_is_read_back(tmp_path: Path) -> None:
    state = {"weights": {"a": torch.arange(6.0).view(2, 3)}, "step": 3, "config": {"lr": 0.1, "knobs": {}}}
    size = checkpoint.save(state, tmp_path / "deep" / "last.pt")
    assert size == (tmp_path / "deep" / "last.pt").stat().st_size
    read = checkpoint.load(tmp_path / "deep" / "last.pt")
    assert torch.equal(read.pop("weights")["a"], state.pop("weights")["a"])  # type: ignore[index,attr-defined]  # a dict
    assert read == state


def test_only_the_file_itself_is_left(tmp_path: Path) -> None:
    for step in range(3):
        checkpoint.save({"step": step}, tmp_path / "last.pt")
    assert [file.name for file in tmp_path.iterdir()] == ["last.pt"]


def test_a_write_that_fails_leaves_the_older_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    checkpoint.save({"step": 1}, tmp_path / "last.pt")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(checkpoint.os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        checkpoint.save({"step": 2}, tmp_path / "last.pt")
    assert checkpoint.load(tmp_path / "last.pt") == {"step": 1}
    assert [file.name for file in tmp_path.iterdir()] == ["last.pt"]


class Bomb:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return (print, ("boom",))


def test_a_file_with_code_in_it_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    torch.save({"step": Bomb()}, tmp_path / "last.pt")
    with pytest.raises(pickle.UnpicklingError):
        checkpoint.load(tmp_path / "last.pt")
    assert "boom" not in capsys.readouterr().out


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"text"])
def test_no_whole_file_is_none(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "last.pt").write_bytes(content)
    assert checkpoint.load_or_none(tmp_path / "last.pt") is None
    assert checkpoint.load_or_none(tmp_path / "nowhere.pt") is None


def test_best_is_by_accuracy_then_by_loss() -> None:
    best = Best(0.9, 0.5, 3)
    assert best.beaten_by(0.91, 0.9)
    assert best.beaten_by(0.9, 0.4)
    assert not best.beaten_by(0.9, 0.5)
    assert not best.beaten_by(0.8, 0.1)
    assert Best().beaten_by(0.0, float("nan"))


def state(step: int, values: torch.Tensor) -> dict[str, object]:
    return {"step": step, "epoch": step, "weights": values}


def test_many_better_epochs_in_a_second_are_written_once_with_the_weights_of_the_last(tmp_path: Path) -> None:
    clock, said, weights = Counting(0.001), list[Event](), torch.zeros(3)
    saves = Saves(tmp_path, said.append, clock)
    for step in range(1, 5):
        weights.fill_(step)
        saves.best(state(step, weights), float(step))
    weights.fill_(99)
    assert [event.step for event in said if isinstance(event, CheckpointSaved)] == [1]
    clock.sleep(2)
    saves.tick(9.0)
    assert [event.step for event in said if isinstance(event, CheckpointSaved)] == [1, 4]
    assert checkpoint.load(tmp_path / "best.pt")["weights"].tolist() == [4, 4, 4]
    saves.flush(9.0)
    assert len(said) == 2


def test_last_is_due_each_minute(tmp_path: Path) -> None:
    clock, said = Counting(0.001), list[Event]()
    saves = Saves(tmp_path, said.append, clock)
    assert not saves.last_is_due()
    clock.sleep(60)
    assert saves.last_is_due()
    saves.last(state(1, torch.zeros(1)), 60.0)
    assert not saves.last_is_due()
    assert isinstance(said[0], CheckpointSaved)
    assert (said[0].best, said[0].bytes) == (False, (tmp_path / "last.pt").stat().st_size)


def test_a_folder_that_cannot_be_written_is_a_note(tmp_path: Path) -> None:
    said = list[Event]()
    (tmp_path / "checkpoints").write_text("")
    Saves(tmp_path / "checkpoints", said.append, Counting()).last(state(4, torch.zeros(1)), 1.0)
    assert isinstance(said[0], Noted)
    assert said[0].level == "warning"
    assert said[0].text.startswith("last.pt cannot be written: ")
