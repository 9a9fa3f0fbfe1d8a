"""What a person calls a run and says of it: `label.json` in its folder, which the training never touches."""

from __future__ import annotations

import json
import re
import secrets
from dataclasses import asdict, dataclass
from pathlib import Path

from tui_trainer import units
from tui_trainer.runs.run import Run, StoreError, why

FILE = "label.json"
LONGEST_NAME = 60
LONGEST_NOTE = 500
MOST = 1 << 14
"""Bytes of a label that are read: more is no label."""


@dataclass(frozen=True, slots=True)
class Label:
    """One line each; empty where nobody said anything."""

    name: str = ""
    note: str = ""


def read(run: Run) -> Label:
    """What was said of a run; a file that is damaged says nothing."""
    try:
        with (run.folder / FILE).open("rb") as file:
            raw = json.loads(file.read(MOST))
    except (OSError, ValueError, RecursionError):
        return Label()
    if not isinstance(raw, dict):
        return Label()
    name, note = (line(found) if isinstance(found := raw.get(key), str) else "" for key in ("name", "note"))
    return Label(name[:LONGEST_NAME], note[:LONGEST_NOTE])


def line(text: str) -> str:
    """The text on one line, without what would steer a terminal."""
    if text.isprintable():
        return re.sub(" +", " ", text).strip()
    kept = "".join(sign if sign == " " or units.plain(sign) == sign else " " if sign.isspace() else "" for sign in text)
    return re.sub(r"\s+", " ", kept).strip()


def write(run: Run, *, name: str | None = None, note: str | None = None) -> Label:
    """Call a run so, and say this of it; None leaves what there is, empty takes it away. Raises StoreError in words, and then
    nothing is changed."""
    before = read(run)
    said = Label(before.name if name is None else line(name), before.note if note is None else line(note))
    for what, text, most in (("name", said.name, LONGEST_NAME), ("note", said.note, LONGEST_NOTE)):
        if len(text) > most:
            raise StoreError(f"a {what} has at most {most} characters, this one has {len(text)}")
    if name is not None and said.name.casefold() == "last":
        raise StoreError("a run cannot be called last: that means the newest one")
    if said != before:
        try:
            _put(run.folder / FILE, said)
        except OSError as error:
            raise StoreError(f"the label of run {run.id} cannot be written: {why(error, run.folder)}") from error
    return said


def _put(path: Path, label: Label) -> None:
    """Aside first: a disk that is full leaves what was there."""
    if label == Label():
        path.unlink(missing_ok=True)
        return
    aside = path.with_name(f".{FILE}-{secrets.token_hex(4)}")
    try:
        aside.write_text(json.dumps(asdict(label), ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
        aside.replace(path)
    except OSError:
        aside.unlink(missing_ok=True)
        raise
