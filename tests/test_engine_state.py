"""A checkpoint that cannot be used is refused with a sentence, and nothing in it is run."""

from __future__ import annotations

import pickle
import random
import zipfile
from pathlib import Path

import pytest
import torch

from engine_runs import EACH_STEP, at_step, run, same, settings
from tui_trainer.commands import FitBatch, HandOver
from tui_trainer.engine import state
from tui_trainer.engine.errors import TrainingError
from tui_trainer.engine.state import CheckpointError
from tui_trainer.events import RunResumed

SMALL = settings(preset="mlp", knobs={"width": 8}, threads="1")
DAMAGED = r"^last\.pt is damaged, or was not written by this program$"


@pytest.fixture
def last(tmp_path: Path) -> Path:
    """The checkpoint of a run that was handed over after nine steps."""
    return run(SMALL, tmp_path / "run", at_step(9, HandOver()), tick=EACH_STEP).checkpoints / "last.pt"


def test_what_was_packed_is_read(last: Path) -> None:
    read = state.read(last)
    assert (read["format"], read["step"], read["epoch"], read["position"]) == (state.FORMAT, 9, 1, 9 * 32)
    assert read["config"]["preset"] == "mlp"


def test_cut_off_anywhere_it_is_refused(last: Path) -> None:
    whole, draw = last.read_bytes(), random.Random(1)
    for length in [0, 1, 4, 100, len(whole) // 2, len(whole) - 1, *(draw.randrange(len(whole)) for _ in range(40))]:
        last.write_bytes(whole[:length])
        with pytest.raises(CheckpointError, match=DAMAGED):
            state.read(last)


@pytest.mark.filterwarnings("ignore")
def test_a_flipped_bit_is_found_or_makes_no_difference(last: Path) -> None:
    whole, draw, before = last.read_bytes(), random.Random(2), state.read(last)
    refused = 0
    for _ in range(250):
        spoilt, at = bytearray(whole), draw.randrange(len(whole))
        spoilt[at] ^= 1 << draw.randrange(8)
        last.write_bytes(spoilt)
        try:
            read = state.read(last)
        except CheckpointError:
            refused += 1
        else:
            assert same(read, before), at
    assert refused > 125


def test_every_byte_of_the_weights_counts(last: Path) -> None:
    with zipfile.ZipFile(last) as archive:
        part = max((one for one in archive.infolist() if "/data/" in one.filename), key=lambda one: one.file_size)
        content = archive.read(part)
    whole = bytearray(last.read_bytes())
    at = whole.index(content)
    whole[at + len(content) // 2] ^= 1
    last.write_bytes(whole)
    torch.load(last, weights_only=True)  # which alone would take it
    with pytest.raises(CheckpointError, match=DAMAGED):
        state.read(last)


class Bomb:
    """Code that would run where a pickle is trusted."""

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return print, ("boom",)


@pytest.mark.parametrize("content", [Bomb(), {"weights": {"a": Bomb()}, "format": state.FORMAT}])
def test_nothing_in_it_is_run(content: object, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    torch.save(content, tmp_path / "last.pt")
    with pytest.raises(CheckpointError, match=DAMAGED):
        state.read(tmp_path / "last.pt")
    (tmp_path / "last.pt").write_bytes(pickle.dumps(content))
    with pytest.raises(CheckpointError, match=DAMAGED):
        state.read(tmp_path / "last.pt")
    assert "boom" not in capsys.readouterr().out


@pytest.mark.parametrize("content", [b"", b"{}", b"PK\x03\x04", b"some text\n" * 100, bytes(5000)])
def test_what_is_no_checkpoint_is_refused(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "last.pt").write_bytes(content)
    with pytest.raises(CheckpointError, match=DAMAGED):
        state.read(tmp_path / "last.pt")


@pytest.mark.parametrize("content", [torch.zeros(3), {}, {"model": {}}, [1, 2], {"weights": 3}])
def test_what_somebody_else_wrote_is_refused(content: object, tmp_path: Path) -> None:
    torch.save(content, tmp_path / "last.pt")
    with pytest.raises(CheckpointError, match=r"^last\.pt is no checkpoint of a run$"):
        state.read(tmp_path / "last.pt")


def test_a_zip_of_something_else_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "last.pt", "w") as archive:
        archive.writestr("letter.txt", "hello")
    with pytest.raises(CheckpointError, match=DAMAGED):
        state.read(tmp_path / "last.pt")


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"format": state.FORMAT + 1, "version": "9.1"}, r"last\.pt was written by a newer version \(9\.1, this is .+\)"),
        ({"format": "x"}, r"last\.pt was written by a newer version"),
        ({"format": 1}, r"last\.pt was written by an older version, without its place .*: only its weights can be used"),
    ],
)
def test_another_version(changed: dict[str, object], said: str, last: Path) -> None:
    torch.save({**state.read(last), **changed}, last)
    with pytest.raises(CheckpointError, match=said):
        state.read(last)
    assert len(state.read(last, weights_only=True)["weights"]) == 6


def test_the_weights_of_an_older_version_begin_a_run(last: Path, tmp_path: Path) -> None:
    weights = state.read(last)["weights"]
    (tmp_path / "b" / "checkpoints").mkdir(parents=True)
    torch.save({"weights": weights, "step": 9}, tmp_path / "b" / "checkpoints" / "from.pt")
    done = run(SMALL.but(steps=1, lr=1e-9), tmp_path / "b")
    assert all(torch.allclose(done.last["weights"][name], values, atol=1e-6) for name, values in weights.items())


def test_a_missing_one(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match=r"^there is no last\.pt$"):
        state.read(tmp_path / "last.pt")


def test_a_folder_in_its_place(tmp_path: Path) -> None:
    (tmp_path / "last.pt").mkdir()
    with pytest.raises(CheckpointError, match=r"^last\.pt cannot be read: Is a directory$"):
        state.read(tmp_path / "last.pt")


@pytest.mark.parametrize("error", [PermissionError(13, "Permission denied"), OSError(5, "Input/output error")])
def test_what_the_disk_refuses_is_said(error: OSError, last: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> object:
        raise error

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(CheckpointError, match=rf"^last\.pt cannot be read: {error.strerror}$"):
        state.read(last)


def test_a_disk_that_fails_in_the_middle_is_not_called_damage(last: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> object:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(zipfile.ZipFile, "testzip", refuse)
    with pytest.raises(CheckpointError, match=r"^last\.pt cannot be read: Input/output error$"):
        state.read(last)


def test_memory_that_is_short_is_not_called_damage(last: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> object:
        raise MemoryError

    monkeypatch.setattr(torch, "load", refuse)
    with pytest.raises(MemoryError):
        state.read(last)


@pytest.mark.parametrize(
    ("other", "said"),
    [
        ({"knobs": {"width": 9}}, r"last\.pt is of another net: 1\.weight is 8×64 there and 9×64 here"),
        ({"preset": "linear", "knobs": {}}, r"last\.pt is of another net: 1\.weight is 8×64 there and 10×64 here"),
    ],
)
def test_one_of_another_net_is_refused(other: dict[str, object], said: str, last: Path) -> None:
    with pytest.raises(TrainingError, match=said):
        run(SMALL.but(**other), last.parent.parent, resume="last.pt")


def test_weights_of_another_net_are_refused_too(last: Path) -> None:
    last.rename(last.with_name("from.pt"))
    with pytest.raises(CheckpointError, match=r"from\.pt is of another net: 1\.weight is"):
        run(SMALL.but(knobs={"width": 9}), last.parent.parent)


def test_the_state_of_another_optimizer_is_refused(last: Path) -> None:
    broken = state.read(last)
    broken["optimizer"]["param_groups"].append(broken["optimizer"]["param_groups"][0])
    torch.save(broken, last)
    with pytest.raises(CheckpointError, match=r"last\.pt does not fit this run: "):
        run(SMALL, last.parent.parent, resume="last.pt")


@pytest.mark.parametrize("name", ["rate", "random", "best", "position", "paused"])
def test_one_with_something_left_out_is_refused(name: str, last: Path) -> None:
    broken = state.read(last)
    del broken[name]
    torch.save(broken, last)
    with pytest.raises(CheckpointError, match=rf"last\.pt does not fit this run: '{name}'"):
        run(SMALL, last.parent.parent, resume="last.pt")


@pytest.mark.parametrize("changed", [{"lr": -1.0}, {"batch_size": 0}, {"clip": "long"}])
def test_settings_that_cannot_be_are_refused(changed: dict[str, object], last: Path) -> None:
    broken = state.read(last)
    torch.save({**broken, "config": {**broken["config"], **changed}}, last)
    with pytest.raises(CheckpointError, match="the settings in the checkpoint cannot be used"):
        run(SMALL, last.parent.parent, resume="last.pt")


def test_what_was_told_for_when_memory_is_short_is_kept(tmp_path: Path) -> None:
    run(SMALL, tmp_path, at_step(3, FitBatch(), HandOver()), tick=EACH_STEP)
    done = run(SMALL, tmp_path, resume="last.pt")
    assert done.of(RunResumed)[0].config["fit_batch"] is True


def test_reading_leaves_the_file_as_it_was(last: Path) -> None:
    before, stamp = last.read_bytes(), last.stat().st_mtime_ns
    state.read(last)
    assert (last.read_bytes(), last.stat().st_mtime_ns) == (before, stamp)
