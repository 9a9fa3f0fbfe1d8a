"""A checkpoint is whole or absent, and reading one runs no code."""

from __future__ import annotations

import os
import pickle
from pathlib import Path

import pytest
import torch

from tui_trainer.engine import checkpoint


def test_what_is_saved_is_read_back(tmp_path: Path) -> None:
    state = {"weights": {"a": torch.arange(6.0).view(2, 3)}, "step": 3, "config": {"lr": 0.1, "knobs": {}}}
    size = checkpoint.save(state, tmp_path / "deep" / "last.pt")
    assert size == (tmp_path / "deep" / "last.pt").stat().st_size
    read = checkpoint.load(tmp_path / "deep" / "last.pt")
    assert torch.equal(read.pop("weights")["a"], state.pop("weights")["a"])  # type: ignore[index]  # a dict
    assert read == state


def test_only_the_file_itself_is_left(tmp_path: Path) -> None:
    for step in range(3):
        checkpoint.save({"step": step}, tmp_path / "last.pt")
    assert [file.name for file in tmp_path.iterdir()] == ["last.pt"]


def test_a_write_that_fails_leaves_the_older_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    checkpoint.save({"step": 1}, tmp_path / "last.pt")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
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
