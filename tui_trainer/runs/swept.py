"""What was run of which sweep: a folder for each time that one was begun, with the sweep itself and a line for each thing that
happened to it."""

from __future__ import annotations

import json
import os
import re
import secrets
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from tui_trainer import paths, sweeps
from tui_trainer.runs import locks
from tui_trainer.runs.store import Run, StoreError
from tui_trainer.sweeps import Sweep

FILE = "runs.jsonl"
SWEEP = "sweep.toml"

Key = tuple[str, int]
"""The label of an entry, and the seed of one of its runs."""


@dataclass(frozen=True, slots=True)
class Manner:
    """How a sweep is run, as it was asked last."""

    seeds: int = 1
    """Runs of each entry."""
    halving: bool = False


@dataclass(frozen=True, slots=True)
class Rung:
    """Where the worse half was stopped: every setting by its label, best first, and how many of these went on."""

    share: float
    """Of the whole budget."""
    ranked: tuple[str, ...]
    kept: int
    said: Mapping[str, str] = field(default_factory=dict)
    """What is said of those that were stopped, by their labels: `stopped at 2 of 8 epochs: 5th of 6`."""

    @property
    def going_on(self) -> tuple[str, ...]:
        return self.ranked[: self.kept]


@dataclass(frozen=True, slots=True)
class Told:
    """What a record says."""

    runs: Mapping[Key, Run]
    """The newest run of each entry; those that were deleted since are left out."""
    skipped: frozenset[Key] = frozenset()
    """Entries that a person does not want."""
    manner: Manner = Manner()
    rungs: tuple[Rung, ...] = ()

    @property
    def states(self) -> dict[str, str]:
        """What became of settings that were not to go on to the end, in words, by their labels."""
        found = {label: said for rung in self.rungs for label, said in rung.said.items()} if self.manner.halving else {}
        left = {label for label, seed in self.runs if (label, seed) not in self.skipped}
        return found | {label: "skipped" for label, _ in self.skipped if label not in left}


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
        """This run stands for this entry from now on. Raises StoreError where that cannot be written, as all of these do."""
        _append(self.folder / FILE, {"label": key[0], "seed": key[1], "run": run.name})

    def skip(self, key: Key) -> None:
        """This entry is done with, whatever its run came to."""
        _append(self.folder / FILE, {"label": key[0], "seed": key[1], "skipped": True})

    def set_manner(self, manner: Manner) -> None:
        """It goes on so."""
        _append(self.folder / FILE, {"seeds": manner.seeds, "halving": manner.halving})

    def climb(self, rung: Rung) -> None:
        """The worse half was stopped here."""
        _append(self.folder / FILE, {"rung": rung.share, "ranked": rung.ranked, "kept": rung.kept, "said": rung.said})

    def keep(self, sweep: Sweep) -> None:
        """The sweep as it is by now, so that it can go on when its file is gone. Raises StoreError."""
        text, path = sweeps.as_toml(sweep), self.folder / SWEEP
        unfinished = path.with_suffix(f".{secrets.token_hex(4)}.part")
        try:
            if path.is_file() and path.read_text(encoding="utf-8") == text:
                return
            unfinished.write_text(text, encoding="utf-8")
            unfinished.replace(path)
        except OSError as error:
            raise _unkept(self.folder, error) from error

    def sweep(self) -> Sweep | None:
        """The sweep as it was begun or gone on with last; None in a record of before it was kept, or where it was damaged."""
        path = self.folder / SWEEP
        if not path.is_file():
            return None
        found = sweeps.read(path)
        return None if found.problem else replace(found, name=self.name, yours=True)

    def runs(self) -> dict[Key, Run]:
        """The newest run of each entry; those that were deleted since are left out."""
        return dict(self.told().runs)

    def told(self) -> Told:
        """All that the record says by now; what it says twice counts as it was said last."""
        runs: dict[Key, Run] = {}
        skipped: set[Key] = set()
        manner = Manner()
        rungs: list[Rung] = []
        for line in _lines(self.folder / FILE):
            key = _key(line)
            match line:
                case {"run": str(name)} if key is not None:
                    run = Run(paths.runs() / Path(name).name)
                    if run.config_file.is_file():
                        runs[key] = run
                    skipped.discard(key)
                case {"skipped": True} if key is not None:
                    skipped.add(key)
                case {"seeds": int(seeds), "halving": bool(halving)}:
                    manner = Manner(seeds, halving)
                case {"rung": float(share), "ranked": [*ranked], "kept": int(kept)}:
                    said = line.get("said")
                    rungs = [one for one in rungs if one.share < share]  # climbed anew with other settings
                    rungs.append(Rung(share, tuple(map(str, ranked)), kept, said if isinstance(said, dict) else {}))
        return Told(runs, frozenset(skipped), manner, tuple(rungs))

    def take(self) -> Hold | None:
        """The right to add to it, which one process has at a time; None where another has it."""
        return Hold.on(self.folder / FILE)


class Hold:
    """A record that is being gone on with, until it is let go of or the process ends."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    @classmethod
    def on(cls, path: Path) -> Hold | None:
        try:
            descriptor = os.open(path, os.O_RDWR)  # some file systems lock nothing that is only read
        except OSError:
            return cls(-1)  # whoever writes to it says what is wrong
        if locks.take(descriptor) is False:
            os.close(descriptor)
            return None
        return cls(descriptor)

    def let_go(self) -> None:
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    def __del__(self) -> None:
        self.let_go()


def begin(sweep: Sweep | str, given: Mapping[str, object]) -> Swept:
    """A new record for a sweep that is begun now. Raises StoreError where none can be made."""
    now, name = time.time(), sweep if isinstance(sweep, str) else sweep.name
    word = re.sub(r"[^A-Za-z0-9_.-]+", "_", name).strip("._") or "_"
    folder = paths.sweeps() / f"{word}-{time.strftime('%Y%m%d-%H%M%S', time.localtime(now))}-{secrets.token_hex(2)}"
    _append(folder / FILE, {"sweep": name, "given": dict(given), "time": now})
    swept = Swept(folder, name, dict(given), now)
    if isinstance(sweep, Sweep):
        swept.keep(sweep)
    return swept


def everything(name: str | None = None) -> list[Swept]:
    """All records, or those of one sweep, newest first."""
    try:
        folders = [one for one in paths.sweeps().iterdir() if one.is_dir()]
    except OSError:
        return []
    found = [swept for folder in folders if (swept := _read(folder)) is not None]
    return sorted((one for one in found if name in {None, one.name}), key=lambda one: one.time, reverse=True)


def kept(name: str) -> Sweep | None:
    """The sweep of this name as its newest record keeps it; None where none does."""
    return next((sweep for one in everything(name) if (sweep := one.sweep()) is not None), None)


def without_file(there: Sequence[Sweep]) -> list[Sweep]:
    """Those that only their records know: of lists, or of files that are gone."""
    names = {one.name for one in there}
    found: dict[str, Sweep] = {}
    for one in everything():
        if one.name not in names and one.name not in found and (sweep := one.sweep()) is not None:
            found[one.name] = sweep
    return list(found.values())


def _read(folder: Path) -> Swept | None:
    first = next(iter(_lines(folder / FILE)), {})
    name, given, when = first.get("sweep"), first.get("given"), first.get("time")
    if not isinstance(name, str) or not isinstance(given, dict) or not isinstance(when, (int, float)):
        return None
    return Swept(folder, name, given, float(when))


def _key(line: Mapping[str, object]) -> Key | None:
    label, seed = line.get("label"), line.get("seed")
    return (label, seed) if isinstance(label, str) and isinstance(seed, int) else None


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
    """One write: lines of several processes do not mix, and one that was torn off takes no other along."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a+b", buffering=0) as file:
            torn = file.seek(0, os.SEEK_END) > 0 and not _ends_whole(file.fileno())
            file.write((b"\n" if torn else b"") + json.dumps(line).encode() + b"\n")
    except OSError as error:
        raise _unkept(path.parent, error) from error


def _ends_whole(descriptor: int) -> bool:
    os.lseek(descriptor, -1, os.SEEK_END)
    return os.read(descriptor, 1) == b"\n"


def _unkept(folder: Path, error: OSError) -> StoreError:
    why = (error.strerror or str(error)).lower()
    return StoreError(f"what was run of the sweep cannot be kept in {paths.short(folder)}: {why}")
