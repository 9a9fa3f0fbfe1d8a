"""Runs that a person deleted: they lie in a folder of their own, not counted and not found, until that is emptied.

The names there say all that is to be known, `20261121-170500-123456+20261121-071900-cnn-digits-7f3a`: when a run was deleted
(UTC, with microseconds, the same for all that went together) and what its folder was called. So nothing need be written to delete.
"""

from __future__ import annotations

import errno
import re
import secrets
import shutil
import time
from calendar import timegm
from collections.abc import Iterable
from dataclasses import dataclass

from tui_trainer import paths
from tui_trainer.runs import held, labels
from tui_trainer.runs.run import Run, StoreError, why

_NAME = re.compile(r"(\d{8}-\d{6})-(\d{6})\+(.+)", re.DOTALL)
_STAMP = "%Y%m%d-%H%M%S"
_GOING = ".going-"
"""How the name of a run begins that is being removed for good."""


@dataclass(frozen=True, slots=True)
class Trashed:
    """A run in the trash."""

    run: Run
    """Where it lies now."""
    name: str
    """What its folder was called, and will be when it is restored."""
    moment: int
    """Microseconds since 1970 at which it was deleted; runs that were deleted together have the same."""

    @property
    def id(self) -> str:
        return Run(paths.runs() / self.name).id

    @property
    def time(self) -> float:
        """Seconds since 1970."""
        return self.moment / 1e6


def put(run: Run, moment: int = 0) -> Trashed:
    """Move a run to the trash, at once, however large it is. What goes together is given one `moment`, see there.

    Raises StoreError while it is being trained, where it is no run, or where it cannot be moved."""
    held.refuse(run)
    moment = moment or new_moment()
    target = paths.trash() / f"{_stamp(moment)}+{run.name}"
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        run.folder.rename(target)
    except OSError as error:
        far = error.errno == errno.EXDEV
        said = f"the trash, {paths.short(paths.trash())}, is on another disk than {paths.short(run.folder)}" if far else why(error)
        raise StoreError(f"run {run.id} cannot be moved to the trash: {said}") from error
    return Trashed(Run(target), run.name, moment)


def new_moment() -> int:
    """What all the runs get that are deleted together: now, and later than anything in the trash, whatever the clock does."""
    return max([time.time_ns() // 1000, *(one.moment + 1 for one in everything()[:1])])


def everything() -> list[Trashed]:
    """All that lies in the trash, what was deleted last first."""
    try:
        names = [entry.name for entry in paths.trash().iterdir()]
    except OSError:
        return []
    found = [one for name in names if (one := _read(name)) is not None]
    return sorted(found, key=lambda one: (one.moment, one.name), reverse=True)


def latest() -> list[Trashed]:
    """What was deleted last, all that went together."""
    found = everything()
    return [one for one in found if one.moment == found[0].moment]


def find(text: str) -> Trashed:
    """One by its id, the name of its folder, the name that a person gave it, or the beginning of these. Raises StoreError."""
    found = everything()
    if not found:
        raise StoreError("the trash is empty")
    wanted = text.casefold()
    called = [(one, (one.id, one.name, labels.read(one.run).name.casefold())) for one in found]
    for matches in (
        [one for one, names in called if wanted in names],
        [one for one, names in called if wanted and any(name.startswith(wanted) for name in names)],
    ):
        if len(matches) == 1:
            return matches[0]
        if matches:
            shown = ", ".join(one.name for one in matches[:4])
            raise StoreError(f"{text!r} fits {len(matches)} runs in the trash: {shown}")
    raise StoreError(f"there is no run {text!r} in the trash; there are {', '.join(one.id for one in found[:4])}")


def restore(trashed: Trashed) -> Run:
    """Bring a run back to where runs lie, as it was. Raises StoreError where its name was taken since, or it is gone."""
    run = Run(paths.runs() / trashed.name)
    if run.folder.exists():
        raise StoreError(f"run {trashed.id} cannot be restored: there is a folder {paths.short(run.folder)} already")
    try:
        run.folder.parent.mkdir(parents=True, exist_ok=True)
        trashed.run.folder.rename(run.folder)
    except FileNotFoundError as error:
        raise StoreError(f"run {trashed.id} is not in the trash any more") from error
    except OSError as error:
        raise StoreError(f"run {trashed.id} cannot be restored: {why(error)}") from error
    return run


def restore_all(found: Iterable[Trashed]) -> tuple[list[Run], list[str]]:
    """Bring back as many as can be; those, and for each of the others why not."""
    back, problems = [], []
    for one in found:
        try:
            back.append(restore(one))
        except StoreError as error:
            problems.append(str(error))
    return back, problems


def empty(older: float = 0.0) -> int:
    """Remove for good what has lain there for longer than `older` seconds; how many runs that were. Raises StoreError at the end
    where some could not be removed."""
    count, problems = 0, []
    for one in everything():
        if older and time.time() - one.time <= older:
            continue
        going = paths.trash() / f"{_GOING}{secrets.token_hex(8)}"  # half of a run is never restored
        try:
            one.run.folder.rename(going)
            shutil.rmtree(going)
        except OSError as error:
            problems.append(f"{one.id} ({why(error)})")
        else:
            count += 1
    for left in paths.trash().glob(f"{_GOING}*"):
        shutil.rmtree(left, ignore_errors=True)
    if problems:
        raise StoreError(f"not all could be removed from the trash: {', '.join(problems[:4])}")
    return count


def _stamp(moment: int) -> str:
    seconds, micro = divmod(moment, 1_000_000)
    return f"{time.strftime(_STAMP, time.gmtime(seconds))}-{micro:06d}"


def _read(name: str) -> Trashed | None:
    """What a name in the trash says; None for what is no run of ours."""
    match = _NAME.fullmatch(name)
    if match is None:
        return None
    try:
        seconds = timegm(time.strptime(match[1], _STAMP))
    except ValueError:
        return None
    return Trashed(Run(paths.trash() / name), match[3], seconds * 1_000_000 + int(match[2]))
