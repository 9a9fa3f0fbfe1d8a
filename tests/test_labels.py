"""What a person calls a run: one line, safe to show, found by it, and never half written."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from made import ended, made
from tui_trainer.runs import labels, store
from tui_trainer.runs.labels import LONGEST_NAME, LONGEST_NOTE, Label
from tui_trainer.runs.store import StoreError


def test_name_and_note_are_kept_apart_and_taken_away() -> None:
    run = made("cnn")
    assert labels.read(run) == Label()
    labels.write(run, name="wide net")
    assert labels.write(run, note="try wider next") == labels.read(run) == Label("wide net", "try wider next")
    told = store.summary(run)
    assert (told.name, told.note) == ("wide net", "try wider next")
    labels.write(run, name="")
    assert labels.read(run) == Label("", "try wider next")
    labels.write(run, note=" \n ")
    assert not (run.folder / labels.FILE).exists()


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  two\n lines\tand  tabs ", "two lines and tabs"),
        ("\x1b[31mred\x07", "[31mred"),
        ("\u202eevil\u2066", "evil"),
        ("[bold]markup[/] stays", "[bold]markup[/] stays"),
        ("größer 网络 👩‍🔬", "größer 网络 👩‍🔬"),
        ("half \ud800 a sign", "half a sign"),
    ],
)
def test_a_label_is_one_line_without_what_steers_a_terminal(typed: str, kept: str) -> None:
    run = made("cnn")
    assert labels.write(run, name=typed, note=typed) == Label(kept, kept) == labels.read(run)


def test_what_is_too_long_is_said_and_changes_nothing() -> None:
    run = made("cnn")
    labels.write(run, name="x" * LONGEST_NAME, note="y" * LONGEST_NOTE)
    with pytest.raises(StoreError, match="a name has at most 60 characters, this one has 61"):
        labels.write(run, name="x" * 61, note="new")
    with pytest.raises(StoreError, match="a note has at most 500 characters"):
        labels.write(run, name="new", note="y" * 501)
    with pytest.raises(StoreError, match="cannot be called last"):
        labels.write(run, name="Last")
    assert labels.read(run) == Label("x" * LONGEST_NAME, "y" * LONGEST_NOTE)


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b"null", b'{"name": 3, "note": null}', b"\xff\xfe", b"[" * 5000, b'{"name": "' + b"x" * 50_000]
)
def test_a_damaged_file_says_nothing_and_can_be_written_over(content: bytes) -> None:
    run = made("cnn")
    (run.folder / labels.FILE).write_bytes(content)
    assert labels.read(run) == Label()
    assert labels.write(run, name="new") == labels.read(run) == Label("new")


def test_what_others_wrote_is_made_safe() -> None:
    run = made("cnn")
    (run.folder / labels.FILE).write_text('{"name": "\\u001b[2J' + "n" * 100 + '", "note": "a\\nb"}')
    assert labels.read(run) == Label("[2J" + "n" * 57, "a b")


def test_a_full_disk_leaves_what_was_there(monkeypatch: pytest.MonkeyPatch) -> None:
    run = made("cnn")
    labels.write(run, name="before")

    def full(path: Path, text: str, encoding: str) -> None:
        path.touch()
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))

    with monkeypatch.context() as patched:
        patched.setattr(Path, "write_text", full)
        with pytest.raises(StoreError, match="cannot be written: no space left on device"):
            labels.write(run, name="after")
    assert labels.read(run) == Label("before")
    assert sorted(path.name for path in run.folder.iterdir()) == ["checkpoints", "config.json", "label.json", "preset.py"]


def test_a_run_is_found_by_what_it_is_called() -> None:
    first, second = made("cnn", ended()), made("mlp", ended())
    labels.write(first, name="Wide Net")
    labels.write(second, name="wide nets, all of them")
    assert store.find("wide net") == first
    assert store.find("WIDE NETS") == second
    with pytest.raises(StoreError, match="fits 2 runs"):
        store.find("wide")
    labels.write(second, name=first.id)
    assert store.find(first.id) == first
