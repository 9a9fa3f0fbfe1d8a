"""A sweep run here: what it is and how long it takes, a line for each run, and what came of all; interrupted at any point it
goes on where it was."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tui_trainer.console.output import Output
from tui_trainer.console.several import Several
from tui_trainer.console.sweep_result import Result
from tui_trainer.console.sweep_runs import Teller
from tui_trainer.console.sweeps import named
from tui_trainer.runs import store
from tui_trainer.runs.swept import Manner
from tui_trainer.session import parallel, sweeping
from tui_trainer.session.parallel import ParallelError
from tui_trainer.session.sweeping import Queue
from tui_trainer.sweeps import Sweep, SweepError

FAILED = frozenset({"failed", "diverged", "lost", "abandoned"})


@dataclass(frozen=True)
class Asked:
    """What was asked of a sweep."""

    settings: Mapping[str, object]
    """Laid over those of each run."""
    folders: Sequence[Path] = ()
    only: Sequence[str] = ()
    skip: Sequence[str] = ()
    """Labels of entries that are not to be run any more."""
    seeds: int | None = None
    """Runs of each entry; None for as many as it was begun with."""
    halving: bool | None = None
    parallel: int = 1
    again: bool = False
    form: str = ""
    """`json`, `csv` or `markdown`; empty for a person."""
    quiet: bool = False


def sweep(name: str, asked: Asked) -> int:
    """Run what is left of this sweep and say what came of all; the exit code. Raises SweepError, ConfigError, StoreError."""
    return run(named(name, asked.folders), asked)


def check(found: Sweep, asked: Asked) -> None:
    """Raises SweepError, ConfigError where it cannot be run, before anything of it is kept."""
    sweeping.plan(found, asked.settings, asked.folders)


def run(found: Sweep, asked: Asked) -> int:
    """The same for a sweep from anywhere."""
    before = _before(found, asked)
    seeds = before.seeds if asked.seeds is None else asked.seeds
    if asked.only and asked.halving:
        raise SweepError("--only with --halving: the worse half is that of all settings; leave one of the two out")
    halving = before.halving and not asked.only if asked.halving is None else asked.halving
    planned = sweeping.plan(found, asked.settings, asked.folders, seeds=seeds, only=asked.only)
    queue = Queue(found, asked.settings, planned, again=asked.again, halving=halving)
    _skip(queue, asked.skip)
    labels = {one.label for one in planned}
    entries = [entry for entry in found.entries if entry.label in labels]
    code = _teller(queue, asked).run()
    _tell(Result(queue, entries, asked.settings, asked.folders), asked.form)
    return code or (1 if _is_broken(queue) else 0)


def _before(found: Sweep, asked: Asked) -> Manner:
    record = None if asked.again else sweeping.latest(found, asked.settings)
    return record.told().manner if record is not None else Manner()


def _skip(queue: Queue, labels: Sequence[str]) -> None:
    known = {one.label.casefold() for one in queue.planned}
    for label in labels:
        if label.casefold() not in known:
            there = ", ".join(dict.fromkeys(one.label for one in queue.planned))
            raise SweepError(f"{queue.sweep.name} has no run {label!r} to skip; there are {there}")
        for one in [one for one in queue.planned if one.label.casefold() == label.casefold()]:
            queue.skip(one)


def _teller(queue: Queue, asked: Asked) -> Teller:
    apart = bool(asked.form)
    if asked.parallel == 1 or not queue.waiting:
        return Teller(queue, quiet=asked.quiet, apart=apart, folders=asked.folders)
    try:
        several = parallel.Parallel(queue, asked.parallel)
        return Several(queue, several, quiet=asked.quiet, apart=apart, folders=asked.folders)
    except ParallelError as error:
        raise SweepError(str(error)) from error


def _tell(result: Result, form: str) -> None:
    out = Output()
    match form:
        case "json":
            out.line(result.json())
        case "csv":
            out.lines(result.csv())
        case "markdown":
            out.lines(result.markdown())
        case _:
            out.lines(result.lines(out.width()))


def _is_broken(queue: Queue) -> bool:
    """Whether a run is missing or did not come to its end, and nobody said that it was not to."""
    runs = dict(queue.entries())
    wanted = [one for one in queue.planned if not queue.state(one.label) and one.key not in queue.skipped]
    there = {(label, run.config().seed): run for label, several in runs.items() for run in several}
    return any(one.key not in there or store.summary(there[one.key]).status in FAILED for one in wanted)
