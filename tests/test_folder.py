"""Folders of pictures as datasets: what is found by names alone, and what is said where nothing can be learned."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest
from PIL import Image

from tui_trainer import datasets
from tui_trainer.datasets import Dataset, DatasetError, folder
from tui_trainer.engine import decoding


def made(root: Path, *files: str) -> Path:
    """Empty files: `cat/*6` stands for six pictures of a cat, `cat/` for none."""
    for file in files:
        name, _, count = file.partition("*")
        for number in range(int(count or 0)):
            path = root / name / f"{number}.jpg"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch()
        if not count:
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).mkdir(parents=True) if name.endswith("/") else (root / name).touch()
    return root


def scan(root: Path) -> Dataset:
    return datasets.find(f"folder:{root}")


def settled(root: Path) -> None:
    """As if nothing had changed for a minute."""
    for place, _, _ in os.walk(root):
        os.utime(place, (time.time() - 60,) * 2)


def test_one_tree_is_split_by_the_seed(tmp_path: Path) -> None:
    found = scan(made(tmp_path, "dog/*7", "cat/*5", "cat/.hidden.jpg", "cat/notes.txt", ".git/*3", "__MACOSX/cat/*3", "read.me"))
    assert found.name == f"folder:{tmp_path}"
    assert found.folder == tmp_path
    assert found.classes == ("cat", "dog")
    assert (found.train_size, found.val_size, found.test_size) == (12, 0, 0)
    assert found.task == "classification"
    assert found.pictures
    assert found.about == "12 pictures of your own, 2 classes"


@pytest.mark.parametrize(
    ("train", "val", "test"), [("train", "val", "test"), ("Train", "validation", "TEST"), ("train", "valid", "test")]
)
def test_the_splits_of_the_folder_are_taken(tmp_path: Path, train: str, val: str, test: str) -> None:
    names = [f"{train}/cat/*6", f"{train}/dog/*6", f"{val}/cat/*2", f"{val}/dog/*1", f"{test}/dog/*4", f"{test}/cat/"]
    found = scan(made(tmp_path, *names, "drafts/*3"))
    assert found.classes == ("cat", "dog")
    assert (found.train_size, found.val_size, found.test_size) == (12, 3, 4)


def test_train_can_be_a_class_too(tmp_path: Path) -> None:
    assert scan(made(tmp_path, "bus/*6", "train/*6")).classes == ("bus", "train")


def test_every_ending_counts_in_small_and_capitals(tmp_path: Path) -> None:
    assert scan(made(tmp_path, "a/*5", "b/*4", "b/x.PNG", "b/y.TifF", "b/z.jpg.txt", "b/jpg")).train_size == 11


def test_names_stay_as_they_are(tmp_path: Path) -> None:
    names = ("\x1b[31mred", "[bold]x", "line\nbreak", "ø" * 120, "two words")
    assert scan(made(tmp_path, *(f"{name}/*3" for name in names))).classes == tuple(sorted(names))


def test_names_that_are_no_text_become_text(tmp_path: Path) -> None:
    made(tmp_path, "cat/*6")
    try:
        os.mkdir(os.fsencode(tmp_path) + b"/d\xffg")  # noqa: PTH102
    except OSError:
        pytest.skip("this disk takes text only")
    made(tmp_path / os.fsdecode(b"d\xffg"), *(f"{number}.png" for number in range(6)))
    assert scan(tmp_path).classes == ("cat", r"d\xffg")


@pytest.mark.parametrize(
    ("files", "said"),
    [
        (["a.jpg", "b.jpg"], "{} has 2 pictures but no folders; put the pictures of each class in a folder of its own"),
        (["notes.txt"], "{} has no folders in it; put the pictures of each class in a folder of its own"),
        (["cat/*12"], "{} has one class only, cat; two or more are needed, each a folder of pictures"),
        (["cat/*6", "dog/", "eel/*6"], "the class dog has no pictures in {}"),
        (["cat/*6", "dog/", "eel/"], "the classes dog, eel have no pictures in {}"),
        (["a/*6", "b/", "c/", "d/", "e/", "f/"], "the classes b, c, d and more have no pictures in {}"),
        (["cat/*6", "dog/a.txt"], "the class dog has no pictures in {}; no file in it is a picture that can be read"),
        (["cat/*6", "dog/images/*6"], "the class dog has no pictures in {}; pictures are looked for in the folder itself, not"),
        (["Cat/*6", "cat/*6"], "Cat, cat in {} differ only by case; rename one, or join them"),
        (["caf\u00e9/*6", "cafe\u0301/*6"], "differ only by case"),
        (["cat/*4", "dog/*5"], "{} has 9 pictures to learn from; 10 or more are needed, for some are held out"),
        (["train/cat/*12"], "{}/train has one class only"),
        (["train/cat/*6", "train/dog/"], "the class dog has no pictures in {}/train"),
        (["train/a.jpg", "test/b.jpg"], "{}/train has 1 picture but no folders"),
        (["test/cat/*6", "test/dog/*6"], "{} has test but no train; the pictures to learn from belong in it"),
        (["train/cat/*6", "train/dog/*6", "test/dgo/*1"], "{}/test has dgo, which {}/train has not; did you mean dog?"),
        (["train/cat/*6", "train/dog/*6", "val/eel/*1"], "{}/val has eel, which {}/train has not"),
        (["train/c/*6", "train/d/*6", "val/c/*1", "valid/c/*1"], "{} has more than one folder for a split: train, val, valid"),
        (["\x1b[2Jx/", f"{'y' * 90}/"], f"the classes \\x1b[2Jx, {'y' * 39}… have no pictures"),
    ],
)
def test_what_cannot_be_learned_is_said(tmp_path: Path, files: list[str], said: str) -> None:
    root = made(tmp_path / "p", *files)
    if len(list(root.iterdir())) < len({file.partition("/")[0] for file in files}):
        pytest.skip("this disk does not tell these names apart")
    with pytest.raises(DatasetError) as raised:
        scan(root)
    assert said.format(root, root) in str(raised.value)
    assert "\x1b" not in str(raised.value)


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    made(tmp_path, "file.jpg")
    with pytest.raises(DatasetError, match=r"there is no folder .*nowhere"):
        scan(tmp_path / "nowhere")
    with pytest.raises(DatasetError, match=r"file.jpg is no folder; give the one that holds"):
        scan(tmp_path / "file.jpg")
    with pytest.raises(DatasetError, match="needs the path of a folder, such as folder:~/pictures"):
        datasets.find("folder: ")
    with pytest.raises(DatasetError, match="cannot be read: File name too long"):
        scan(tmp_path / ("x" * 300))
    with pytest.raises(DatasetError, match="cannot be read: embedded null byte"):
        scan(tmp_path / "a\0b")


def test_a_folder_that_may_not_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made(tmp_path, "cat/*6", "dog/*6")

    def refuse(path: Path) -> object:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(os, "scandir", refuse)
    with pytest.raises(DatasetError, match="cannot be read: Permission denied"):
        scan(tmp_path)


def test_a_path_from_here_or_from_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made(tmp_path / "pets", "cat/*6", "dog/*6")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("folder:pets", "folder:~/pets", "folder: pets/ ", "folder:./x/../pets"):
        assert datasets.find(name).name == f"folder:{tmp_path / 'pets'}"


def test_a_thousand_classes_and_more_than_can_be(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made(tmp_path, *(f"c{number:04}/*1" for number in range(1000)))
    assert len(scan(tmp_path).classes) == 1000
    monkeypatch.setattr(folder, "MOST_CLASSES", 999)
    settled(tmp_path / "c0000")
    made(tmp_path, "c1000/*1")
    with pytest.raises(DatasetError, match="has 1 001 folders; at most 999 classes can be learned"):
        scan(tmp_path)


def test_more_files_than_can_be(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folder, "MOST_FILES", 5)
    with pytest.raises(DatasetError, match="cannot be read: more than 5 files are in it"):
        scan(made(tmp_path, "cat/*6", "dog/*6"))


def test_what_did_not_change_is_not_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made(tmp_path, "cat/*6", "dog/*6")
    settled(tmp_path)
    first = scan(tmp_path)
    read: list[Path] = []
    real = folder._read
    monkeypatch.setattr(folder, "_read", lambda path: read.append(path) or real(path))
    assert scan(tmp_path) == first
    assert read == []
    made(tmp_path, "cat/more.jpg")
    assert scan(tmp_path).train_size == 13
    assert read
    (tmp_path / "cat" / "more.jpg").unlink()
    assert scan(tmp_path).train_size == 12
    for path in (tmp_path / "dog").iterdir():
        path.unlink()
    for _ in range(2):
        with pytest.raises(DatasetError, match="the class dog has no pictures"):
            scan(tmp_path)


def test_a_change_right_after_a_look_is_seen(tmp_path: Path) -> None:
    made(tmp_path, "cat/*6", "dog/*6")
    for number in range(20):
        assert scan(tmp_path).train_size == 12 + number
        made(tmp_path, f"dog/more{number}.png")


def test_what_was_found_is_bounded(tmp_path: Path) -> None:
    for number in range(folder.MOST_KEPT + 3):
        made(tmp_path / str(number), "cat/*6", "dog/*6")
        settled(tmp_path / str(number))
        scan(tmp_path / str(number))
    assert len(folder._kept) <= folder.MOST_KEPT


def test_the_endings_are_those_that_pillow_reads() -> None:
    decoding.formats()
    readable = {ending for ending, name in Image.registered_extensions().items() if name in Image.OPEN}
    elsewhere = {ending for ending, name in Image.registered_extensions().items() if name in decoding.OTHERS}
    assert readable - elsewhere <= folder.SUFFIXES
    assert not folder.SUFFIXES & elsewhere
    assert all(suffix == suffix.lower() and suffix.startswith(".") for suffix in folder.SUFFIXES)
