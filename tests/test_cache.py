"""Files of tensors: what comes back, what a damaged one is, and what a killed writer leaves."""

from __future__ import annotations

import subprocess
import sys
import warnings
from pathlib import Path

import pytest
import torch

from tui_trainer.engine import cache

PICTURES = torch.arange(5 * 3 * 4 * 2).remainder(256).to(torch.uint8).view(5, 3, 4, 2)
LABELS = torch.tensor([0, 1, 2, 1, 0])


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "cache" / "a.tensors"
    cache.write(path, PICTURES, LABELS, {"train": 5, "notes": ["größer"]})
    return path


def same(path: Path, inputs: torch.Tensor, targets: torch.Tensor) -> bool:
    found = cache.open_(path)
    return found is not None and torch.equal(found[0], inputs) and torch.equal(found[1], targets)


def test_what_was_written_comes_back(file: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = cache.open_(file)
    assert found is not None
    assert torch.equal(found[0], PICTURES)
    assert torch.equal(found[1], LABELS)
    assert found[2] == {"train": 5, "notes": ["größer"]}


@pytest.mark.parametrize(
    ("inputs", "targets"),
    [(torch.randn(7, 3), torch.randn(7, 2)), (torch.randn(3, 1), torch.tensor([1, 2, 3])), (torch.empty(0, 1, 2, 2), LABELS[:0])],
)
def test_numbers_of_every_kind_and_none_at_all(tmp_path: Path, inputs: torch.Tensor, targets: torch.Tensor) -> None:
    cache.write(tmp_path / "a", inputs, targets, {})
    assert same(tmp_path / "a", inputs, targets)


def test_pictures_in_another_order_in_memory_are_the_same_pictures(tmp_path: Path) -> None:
    cache.write(tmp_path / "a", PICTURES.contiguous(memory_format=torch.channels_last), LABELS, {})
    assert same(tmp_path / "a", PICTURES, LABELS)


def test_a_write_changes_the_copy_and_not_the_file(file: Path) -> None:
    found = cache.open_(file)
    assert found is not None
    found[0].fill_(7)
    assert same(file, PICTURES, LABELS)


def test_a_file_cut_anywhere_is_not_there(file: Path) -> None:
    whole = file.read_bytes()
    for length in [*range(60), 4095, 4096, 4097, len(PICTURES), *range(len(whole) - 200, len(whole))]:
        file.write_bytes(whole[:length])
        assert cache.open_(file) is None, length
    file.write_bytes(whole + b"\0")
    assert cache.open_(file) is None
    file.write_bytes(whole)
    assert same(file, PICTURES, LABELS)


def test_what_is_not_ours_is_not_there(file: Path, tmp_path: Path) -> None:
    whole = file.read_bytes()
    assert cache.open_(tmp_path / "nothing") is None
    assert cache.open_(tmp_path) is None
    for wrong in (
        whole.replace(b"tensors 1", b"tensors 2", 1),
        whole.replace(b'"train": 5', b'"train": 6'),
        whole.replace(b"tensors.", b"tensors!"),
        b"\x89PNG" + bytes(5000),
    ):
        file.write_bytes(wrong)
        assert cache.open_(file) is None


def test_rows_come_in_pieces(tmp_path: Path) -> None:
    path = tmp_path / "a"
    with cache.Writer(path, (3, 4, 2), torch.uint8, 100) as writer:
        for piece in PICTURES.split(2):
            writer.append(piece)
        assert not path.exists()
        assert writer.finish(LABELS, {}) == path.stat().st_size
    assert same(path, PICTURES, LABELS)
    assert list(tmp_path.iterdir()) == [path]


def test_a_writer_refuses_what_does_not_fit_together(tmp_path: Path) -> None:
    with cache.Writer(tmp_path / "a", (3, 4, 2), torch.uint8, 5) as writer:
        with pytest.raises(ValueError, match="rows of"):
            writer.append(PICTURES[:, :1])
        with pytest.raises(ValueError, match="rows of"):
            writer.append(PICTURES.float())
        writer.append(PICTURES)
        with pytest.raises(ValueError, match="5 targets are needed"):
            writer.finish(LABELS[:4], {})
    assert list(tmp_path.iterdir()) == []


def test_an_unfinished_file_goes_and_the_old_one_stays(file: Path) -> None:
    with cache.Writer(file, (3, 4, 2), torch.uint8, 5) as writer:
        writer.append(PICTURES * 2)
        assert len(list(file.parent.iterdir())) == 2
    assert list(file.parent.iterdir()) == [file]
    assert same(file, PICTURES, LABELS)


def test_more_than_the_disk_holds_is_refused_at_once(file: Path) -> None:
    with pytest.raises(OSError, match="No space left"):
        cache.Writer(file, (3, 1024, 1024), torch.uint8, 10**12)
    assert same(file, PICTURES, LABELS)


def test_what_a_killed_writer_left_is_removed_and_a_living_one_stays(tmp_path: Path) -> None:
    code = (
        "import os, sys, torch; from pathlib import Path; from tui_trainer.engine import cache\n"
        "writer = cache.Writer(Path(sys.argv[1]), (1,), torch.uint8, 9)\n"
        "print('writing', flush=True)\n"
        "if sys.argv[2] == 'wait': sys.stdin.read()\n"
        "os._exit(9)"
    )

    def writer(name: str, then: str) -> subprocess.Popen[bytes]:
        words = [sys.executable, "-c", code, str(tmp_path / name), then]
        made = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        assert made.stdout is not None
        assert made.stdout.readline() == b"writing\n"
        return made

    def left() -> list[str]:
        return sorted(path.name.partition(".")[0] for path in tmp_path.iterdir())

    with writer("killed", "go") as killed:
        killed.communicate()
    with writer("alive", "wait") as alive:
        assert left() == ["alive"]
        cache.write(tmp_path / "other", PICTURES, LABELS, {})
        assert left() == ["alive", "other"]
        alive.communicate()
    cache.clean(tmp_path)
    assert left() == ["other"]


def test_a_file_larger_than_memory_opens(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, file: Path) -> None:
    real = cache.mmap.mmap

    def stingy(*words: int, access: int) -> object:
        if access == cache.mmap.ACCESS_COPY:
            raise OSError(12, "Cannot allocate memory")
        return real(*words, access=access)

    monkeypatch.setattr(cache.mmap, "mmap", stingy)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert same(file, PICTURES, LABELS)
