"""Folders of pictures as tensors: order, splits, sizes, what is left out, what is kept and for how long."""

from __future__ import annotations

import errno
import os
import threading
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch
from PIL import Image

from engine_runs import settings
from tui_trainer import datasets, paths
from tui_trainer.engine import cache, data, decoding, devices, folder, gather, samples
from tui_trainer.engine.errors import TrainingError
from tui_trainer.engine.samples import Samples

COLOUR = (250, 120, 10)


def picture(path: Path, colour: int | tuple[int, int, int] = COLOUR, size: tuple[int, int] = (6, 4)) -> None:
    """A picture of one colour, its mode by that, its format by the ending."""
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("L" if isinstance(colour, int) else "RGB", size, colour).save(path)


def two_classes(root: Path, count: int = 6, size: tuple[int, int] = (6, 4)) -> Path:
    """The number of a picture is its red, its class its green."""
    for label, name in enumerate(("cat", "dog")):
        for number in range(count):
            picture(root / name / f"{number:03}.png", (number, label, 9), size)
    return root


def read(root: Path, say: Callable[..., None] = lambda *_: None, **given: object) -> Samples:
    config = settings(dataset=f"folder:{root}", **given)
    return samples.read(config, datasets.of(config), paths.datasets(), say)


@pytest.fixture(name="root")
def _root(tmp_path: Path) -> Path:
    return tmp_path / "pictures"


def files() -> list[Path]:
    """What is kept."""
    return sorted(one for one in (paths.datasets() / "cache").iterdir() if one.suffix != ".lock")


@pytest.fixture
def never_decoded(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """From the call on, nothing may be decoded."""

    def refuse(*_: object) -> object:
        raise AssertionError("it was decoded anew")

    return lambda: monkeypatch.setattr(decoding, "decode", refuse)


def test_pictures_come_in_order_as_they_are(root: Path) -> None:
    for split, numbers in (("train", range(6)), ("val", range(6, 8)), ("test", range(8, 11))):
        for label, name in enumerate(("cat", "dog", "eel")):
            for number in numbers:
                if (split, name) != ("test", "dog"):
                    picture(root / split / name / f"{10 - number:02}.png", (number, label, 9))
    found = read(root)
    assert found.inputs.dtype == torch.uint8
    assert found.inputs.shape == (30, 3, 4, 6)
    assert (found.train, found.val, found.test) == (18, 6, 6)
    assert found.classes == ("cat", "dog", "eel")
    assert found.notes == ()
    names = [label for count in (6, 2) for label in (0, 1, 2) for _ in range(count)] + [0, 0, 0, 2, 2, 2]
    assert found.targets.tolist() == names
    assert found.inputs[:, 1, 0, 0].tolist() == names
    by_name = [*[5, 4, 3, 2, 1, 0] * 3, *[7, 6] * 3, *[10, 9, 8] * 2]
    assert found.inputs[:, 0, 3, 5].tolist() == by_name
    assert found.inputs[:, 2].unique().tolist() == [9]


def test_it_can_be_learned(root: Path) -> None:
    two_classes(root, 20)
    made = data.load(settings(dataset=f"folder:{root}", batch_size=4), paths.datasets(), lambda *_: None, torch.device("cpu"))
    assert (len(made.train), len(made.val), len(made.test)) == (29, 3, 8)
    assert made.shape == (3, 4, 6)
    inputs, targets = next(iter(made.batches(1, 4)))
    assert inputs.shape == (4, 3, 4, 6)
    assert (inputs[:, 1, 0, 0] > 0).tolist() == targets.bool().tolist()


def test_grey_folders_have_one_channel(root: Path) -> None:
    for number in range(6):
        picture(root / "cat" / f"{number}.png", 10 * number)
        picture(root / "dog" / f"{number}.gif", 200)
    found = read(root)
    assert found.inputs.shape == (12, 1, 4, 6)
    assert found.inputs[:6, 0, 0, 0].tolist() == [0, 10, 20, 30, 40, 50]


@pytest.mark.parametrize("looked_at", [1, 32])
def test_one_in_colour_makes_all_of_them_colour(root: Path, looked_at: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gather, "LOOKED_AT", looked_at)
    monkeypatch.setattr(gather, "AT_ONCE", 3)
    for number in range(8):
        picture(root / "cat" / f"{number}.png", 7)
        picture(root / "dog" / f"{number}.png", 8 if number < 7 else COLOUR)
    found = read(root)
    assert found.inputs.shape == (16, 3, 4, 6)
    assert found.inputs[0, :, 0, 0].tolist() == [7, 7, 7]
    assert found.inputs[15, :, 0, 0].tolist() == list(COLOUR)
    assert len(files()) == 1


@pytest.mark.parametrize("looked_at", [1, 32])
def test_pictures_of_different_sizes_are_resized(root: Path, looked_at: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gather, "LOOKED_AT", looked_at)
    monkeypatch.setattr(gather, "AT_ONCE", 3)
    two_classes(root)
    picture(root / "dog" / "last.jpg", 100, (50, 70))
    found = read(root)
    assert found.inputs.shape == (13, 3, 64, 64)
    assert found.notes == ("the pictures are not of one size: the middle of each is resized to 64×64; image_size changes that",)
    assert found.inputs[3, 0].unique().tolist() == [3]
    asked = read(root, image_size=10)
    assert asked.inputs.shape == (13, 3, 10, 10)
    assert asked.notes == ()


def test_pictures_too_large_to_be_taken_as_they_are(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folder, "LARGEST", 5)
    two_classes(root)
    with pytest.raises(TrainingError, match="the pictures are 6×4; give an image_size, such as 64 or 224"):
        read(root)
    assert read(root, image_size=5).inputs.shape == (12, 3, 5, 5)


def test_damaged_files_are_left_out_and_named(root: Path, never_decoded: Callable[[], None]) -> None:
    two_classes(root)
    for number in range(4):
        (root / "cat" / f"bad\x1b[2J{number}.png").write_bytes(b"no picture" * number)
    whole = (root / "dog" / "003.png").read_bytes()
    (root / "dog" / "003.png").write_bytes(whole[: len(whole) // 2])
    os.mkfifo(root / "dog" / "pipe.png")
    (root / "dog" / "nowhere.png").symlink_to("gone.png")
    found = read(root)
    assert found.train == len(found.inputs) == len(found.targets) == 11
    assert found.targets.tolist() == [0] * 6 + [1] * 5
    assert found.inputs[6:, 0, 0, 0].tolist() == [0, 1, 2, 4, 5]
    assert len(found.notes) == 1
    assert found.notes[0].startswith(
        "5 of 16 files cannot be read as pictures and are left out: cat/bad\\x1b[2J0.png (not a picture), "
    )
    assert found.notes[0].endswith(", …")
    never_decoded()
    again = read(root)
    assert again.notes == found.notes
    assert torch.equal(again.inputs, found.inputs)


def test_a_file_that_may_not_be_read_is_left_out(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    two_classes(root)
    real = open

    def refuse(file: str, *words: object, **named: object) -> object:
        if str(file).endswith("dog/002.png"):
            raise PermissionError(13, "Permission denied")
        return real(file, *words, **named)  # type: ignore[call-overload]

    monkeypatch.setattr(gather, "open", refuse, raising=False)
    assert read(root).notes == ("1 of 12 files cannot be read as a picture and is left out: dog/002.png (Permission denied)",)


def test_a_class_without_a_picture_that_can_be_read(root: Path) -> None:
    two_classes(root, 10)
    for number in range(5):
        path = root / "e\x1bl" / f"{number}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"")
    with pytest.raises(
        TrainingError, match=r"none of the pictures of the class e\\x1bl can be read: e\\x1bl/0\.png \(not a picture\), "
    ):
        read(root)
    assert files() == []


def test_more_than_half_damaged(root: Path) -> None:
    two_classes(root, 10)
    for number in range(11):
        (root / ("cat", "dog")[number % 2] / f"{number // 2:03}.png").write_bytes(b"x")
    with pytest.raises(TrainingError, match=r"11 of 20 files cannot be read as pictures, more than half: cat/000\.png"):
        read(root)


def test_no_file_can_be_read(root: Path) -> None:
    for number in range(12):
        path = root / ("cat", "dog")[number % 2] / f"{number}.jpg"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")
    with pytest.raises(TrainingError, match="12 of 12 files cannot be read"):
        read(root)


class Enough(Exception):
    """What a cancelled run raises."""


def test_it_can_be_given_up_in_the_middle(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    two_classes(root, 100)
    monkeypatch.setattr(gather, "AT_ONCE", 2)
    monkeypatch.setattr(gather, "TICK", 0)
    decoded: list[bytes] = []
    real = decoding.decode
    monkeypatch.setattr(decoding, "decode", lambda content, *rest: decoded.append(content) or real(content, *rest))

    def say(what: str, done: int = 0, total: int = 0) -> None:
        if what == "reading pictures" and done >= 20:
            assert total == 200
            raise Enough

    with pytest.raises(Enough):
        read(root, say)
    assert 20 <= len(decoded) < 150
    assert files() == []
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("pictures")]
    assert len(read(root).inputs) == 200


def test_progress_is_told(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    two_classes(root, 20)
    monkeypatch.setattr(gather, "AT_ONCE", 4)
    monkeypatch.setattr(gather, "TICK", 0)
    said: list[tuple[str, int, int]] = []
    read(root, lambda what, done=0, total=0: said.append((what, done, total)))
    done = [one[1] for one in said if one[0] == "reading pictures"]
    assert done == sorted(done)
    assert set(done) == set(range(0, 40, 4))
    assert said[-1][0] == "keeping the decoded pictures"


def test_what_was_decoded_is_kept_until_something_changes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = two_classes(tmp_path / "pets")
    first = read(root)
    read(root, image_size=8)
    assert len(files()) == 2
    with monkeypatch.context() as patch:
        patch.setattr(decoding, "decode", None)
        assert torch.equal(read(root).inputs, first.inputs)
        assert read(root, image_size=8).inputs.shape == (12, 3, 8, 8)
    changed = root / "cat" / "000.png"
    before = changed.stat()
    picture(changed, (77, 0, 9))
    os.utime(changed, ns=(before.st_atime_ns, before.st_mtime_ns + 1))
    second = read(root)
    assert int(second.inputs[0, 0, 0, 0]) == 77
    assert int(first.inputs[0, 0, 0, 0]) == 0
    assert len(files()) == 1
    changed.rename(root / "cat" / "zzz.png")
    assert int(read(root).inputs[5, 0, 0, 0]) == 77
    picture(root / "dog" / "new.png")
    assert len(read(root).inputs) == 13
    (root / "dog" / "new.png").unlink()
    assert len(read(root).inputs) == 12
    assert len(files()) == 1


def test_pixels_of_another_version_are_decoded_anew(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    two_classes(root)
    read(root)
    old = files()
    monkeypatch.setattr(decoding, "VERSION", decoding.VERSION + 1)
    read(root)
    assert len(files()) == 1
    assert files() != old


def test_a_damaged_file_of_tensors_is_made_again(root: Path) -> None:
    two_classes(root)
    first = read(root).inputs.clone()
    files()[0].write_bytes(files()[0].read_bytes()[:-1])
    assert torch.equal(read(root).inputs, first)
    assert cache.open_(files()[0]) is not None


def test_two_folders_of_one_name_are_two(tmp_path: Path) -> None:
    one, other = two_classes(tmp_path / "a" / "pets"), two_classes(tmp_path / "b" / "pets", 7)
    assert len(read(one).inputs) == 12
    assert len(read(other).inputs) == 14
    assert len(read(one).inputs) == 12
    assert len(files()) == 2


def test_where_nothing_can_be_written_it_works_in_memory(root: Path) -> None:
    two_classes(root / "pets")
    paths.home().mkdir()
    paths.datasets().write_text("in the way")
    found = read(root / "pets")
    assert found.inputs.shape == (12, 3, 4, 6)
    assert found.inputs[:6, 0, 0, 0].tolist() == [0, 1, 2, 3, 4, 5]
    assert found.notes[0].startswith("the decoded pictures cannot be kept in ")
    assert found.notes[0].endswith("each run decodes them anew")


@pytest.mark.parametrize("when", ["__init__", "append", "finish"])
def test_a_full_disk_is_no_end(root: Path, when: str, monkeypatch: pytest.MonkeyPatch) -> None:
    two_classes(root)
    (root / "cat" / "bad.png").write_bytes(b"x")

    def full(*_: object) -> object:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(cache.Writer, when, full)
    found = read(root)
    assert found.targets.tolist() == [0] * 6 + [1] * 6
    assert found.inputs.shape == (12, 3, 4, 6)
    assert "1 of 13 files" in found.notes[0]
    assert "No space left on device; each run decodes them anew" in found.notes[1]
    assert files() == []


def test_more_than_disk_and_memory_hold(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    two_classes(root)
    monkeypatch.setattr(cache.shutil, "disk_usage", lambda _: SimpleNamespace(free=3))
    monkeypatch.setattr(devices, "cpu_memory", lambda: (1000, 2000))
    with pytest.raises(TrainingError, match=r"12 pictures of 6×4 need 864 B, more than the memory has free, and .* No space left"):
        read(root)


def test_classes_that_change_between_form_and_run(root: Path) -> None:
    config = settings(dataset=f"folder:{two_classes(root)}")
    seen = datasets.of(config)
    picture(root / "eel" / "0.png")
    with pytest.raises(TrainingError, match="have changed meanwhile; start again"):
        samples.read(config, seen, paths.datasets(), lambda *_: None)
    for one in (root / "eel", root / "dog"):
        for path in one.iterdir():
            path.unlink()
        one.rmdir()
    with pytest.raises(TrainingError, match="has one class only, cat"):
        samples.read(config, seen, paths.datasets(), lambda *_: None)


def test_a_thousand_classes(root: Path) -> None:
    for number in range(1000):
        picture(root / f"c{number:03}" / "a.bmp", number % 256, (2, 2))
    found = read(root)
    assert found.targets.tolist() == list(range(1000))
    assert found.inputs[:, 0, 0, 0].tolist() == [number % 256 for number in range(1000)]


def test_an_image_size_is_a_square_of_the_middle(root: Path) -> None:
    two_classes(root, size=(30, 20))
    found = read(root, image_size=5)
    assert found.inputs.shape == (12, 3, 5, 5)
    assert found.inputs[:, 0].float().mean((1, 2)).tolist() == [float(number) for number in range(6)] * 2
