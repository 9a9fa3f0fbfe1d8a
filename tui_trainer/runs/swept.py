"""What was run of which sweep: a small file for each time that one was begun, a line for each run."""

from __future__ import annotations

import json
import re
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tui_trainer import paths
from tui_trainer.runs.store import Run, StoreError

FILE = "runs.jsonl"

Key = tuple[str, int]
"""The label of an entry, and the seed of one of its runs."""


@dataclass(frozen=True, slots=True)
class Swept:
    """One time that a sweep was begun: its folder holds the names of the runs, which lie where all runs do."""

    folder: Path
    name: str
    """Of the sweep."""
    given: Mapping[str, object]
    """What was laid over the settings of its file."""
    time: float
    """Seconds since 1970 at which it was begun."""

    def add(self, key: Key, run: Run) -> None:
        """This run stands for this entry from now on. Raises StoreError where that cannot be written."""
        label, seed = key
        _append(self.folder / FILE, {"label": label, "seed": seed, "run": run.name})

    def runs(self) -> dict[Key, Run]:
        """The newest run of each entry; those that were deleted since are left out."""
        found: dict[Key, Run] = {}
        for line in _lines(self.folder / FILE):
            label, seed, name = line.get("label"), line.get("seed"), line.get("run")
            if isinstance(label, str) and isinstance(seed, int) and isinstance(name, str):
                found[label, seed] = Run(paths.runs() / Path(name).name)
        return {key: run for key, run in found.items() if run.config_file.is_file()}


def begin(name: str, given: Mapping[str, object]) -> Swept:
    """A new record for a sweep that is begun now. Raises StoreError where none can be made."""
    now = time.time()
    word = re.sub(r"[^A-Za-z0-9_.-]+", "_", name).strip("._") or "_"
    folder = paths.sweeps() / f"{word}-{time.strftime('%Y%m%d-%H%M%S', time.localtime(now))}-{secrets.token_hex(2)}"
    _append(folder / FILE, {"sweep": name, "given": dict(given), "time": now})
    return Swept(folder, name, dict(given), now)


def everything(name: str | None = None) -> list[Swept]:
    """All records, or those of one sweep, newest first."""
    try:
        folders = [one for one in paths.sweeps().iterdir() if one.is_dir()]
    except OSError:
        return []
    found = [swept for folder in folders if (swept := _read(folder)) is not None]
    return sorted((one for one in found if name in {None, one.name}), key=lambda one: one.time, reverse=True)


def _read(folder: Path) -> Swept | None:
    first = next(iter(_lines(folder / FILE)), {})
    name, given, when = first.get("sweep"), first.get("given"), first.get("time")
    if not isinstance(name, str) or not isinstance(given, dict) or not isinstance(when, (int, float)):
        return None
    return Swept(folder, name, given, float(when))


def _lines(path: Path) -> list[dict[str, object]]:
    """The lines that are whole; one that was torn off is as if it never was."""
    try:
        texts = path.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return []
    found = []
    for text in texts:
        try:
            line = json.loads(text)
        except ValueError:
            continue
        if isinstance(line, dict):
            found.append(line)
    return found


def _append(path: Path, line: Mapping[str, object]) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")
    except OSError as error:
        why = (error.strerror or str(error)).lower()
        raise StoreError(f"what was run of the sweep cannot be kept in {paths.short(path.parent)}: {why}") from error
