"""What was asked in the sheet before a sweep, judged: the queue or the race that it makes, or what is wrong with which field."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tui_trainer import units
from tui_trainer.app.screens.race_budget_sheet import ALLOWED, budget_of
from tui_trainer.config import ConfigError
from tui_trainer.runs.store import StoreError
from tui_trainer.session import parallel, race, sweeping
from tui_trainer.session.forecast import Forecaster
from tui_trainer.session.race import Budget, RaceError
from tui_trainer.session.setup import Setup
from tui_trainer.session.sweeping import Planned, Queue
from tui_trainer.sweeps import Sweep, SweepError

ONE_BY_ONE, RACE = "one by one", "race"
MOST_SEEDS = 100


@dataclass(frozen=True, slots=True)
class Typed:
    """What stands in the fields of the sheet."""

    dataset: str = ""
    """In place of the sweep's own."""
    way: str = ONE_BY_ONE
    seeds: str = "1"
    parallel: str = "1"
    halving: str = "no"
    keep: str = ""
    """The name under which it is kept as a file."""
    budget: str = "20 s"


def begun_before(sweep: Sweep) -> Typed:
    """As its newest record was begun, so that it goes on; else as a sweep is by itself."""
    dataset = sweep.datasets[0] if len(sweep.datasets) == 1 else ""
    record = sweeping.latest(sweep)
    if record is None:
        return Typed(dataset=dataset)
    manner = record.told().manner
    seeds = manner.seeds if not any(entry.seeds for entry in sweep.entries) else 1
    return Typed(str(record.given.get("dataset", dataset)), seeds=str(seeds), halving="yes" if manner.halving else "no")


@dataclass(slots=True)
class Judged:
    """What that makes."""

    queue: Queue | None = None
    parallel: int = 1
    planned: Sequence[Planned] = ()
    budget: Budget | None = None
    problems: dict[str, str] = field(default_factory=dict)
    """By the field that is to blame; under nothing what no field is to blame for."""
    notes: dict[str, str] = field(default_factory=dict)
    """What a field does, in words."""
    state: str = ""
    """What is there already, how many runs are left, how long they take and how that is known."""

    @property
    def count(self) -> int:
        return len(self.planned)

    @property
    def begun(self) -> int:
        """How many were begun before and have not come to their end."""
        queue = self.queue
        there = sum(len(runs) for _, runs in queue.entries()) if queue is not None else 0
        return max(there - queue.kept, 0) if queue is not None else 0

    @property
    def word(self) -> str:
        """What the button says that starts it."""
        if self.budget is not None:
            return "Race"
        if self.queue is not None and (self.queue.kept or self.begun):
            return "Results" if self.queue.over else "Go on"
        return "Start"


def judge(
    sweep: Sweep,
    typed: Typed,
    folders: Iterable[Path] = (),
    forecaster: Forecaster | None = None,
    *,
    again: bool = False,
    gpus: int = 0,
) -> Judged:
    """The queue of a sweep as it was asked for, going on with its newest record unless `again`; or what is wrong.

    `gpus` are here.
    """
    found = Judged()
    given: Mapping[str, object] = {} if typed.dataset in {"", *sweep.datasets} else {"dataset": typed.dataset}
    racing = typed.way == RACE
    seeds = 1 if racing else _whole(found, "seeds", typed.seeds, MOST_SEEDS)
    try:
        found.planned = sweeping.plan(sweep, given, folders, seeds=seeds)
    except ConfigError as error:
        name, text = next(iter(error.problems.items()))
        found.problems["dataset" if name == "dataset" else ""] = text if name == "dataset" else f"{name}: {text}"
    except SweepError as error:
        found.problems[""] = str(error)
    if not found.planned:
        return found
    if racing:
        _race(found, typed)
    else:
        _queue(found, sweep, given, typed, again=again, gpus=gpus)
        _say(found, forecaster or Forecaster())
    return found


def _whole(found: Judged, name: str, text: str, most: int) -> int:
    """A whole number from 1 on; where it is none, that is noted, and 1 stands for it."""
    if text.strip().isdecimal() and 1 <= int(text) <= most:
        return int(text)
    found.problems[name] = f"a whole number, 1 to {most}"
    return 1


def _race(found: Judged, typed: Typed) -> None:
    found.planned = first_seeds(found.planned)
    found.budget = budget_of(typed.budget)
    if found.budget is None:
        found.problems["budget"] = ALLOWED
    elif found.budget.unit == "seconds":
        found.notes["budget"] = "for all together; or 2 min, 50 000 samples, 500 steps each"
    else:
        found.notes["budget"] = "for each of them; or 30 s, 2 min for all together"
    try:
        race.plan([one.setup for one in found.planned], found.budget or Budget("seconds", 20.0))
    except RaceError as error:
        found.problems["way"] = str(error)
    found.state = "they take turns on one device, from the same seed, over the same batches"


def first_seeds(planned: Sequence[Planned]) -> list[Planned]:
    """One run of each setting: that with its first seed."""
    return list({one.label: one for one in reversed(planned)}.values())[::-1]


def _queue(found: Judged, sweep: Sweep, given: Mapping[str, object], typed: Typed, *, again: bool, gpus: int) -> None:
    most, why = at_once([one.setup for one in found.planned], gpus)
    found.notes["parallel"] = f"{most} at most: {why}" if most > 1 else why
    found.parallel = _whole(found, "parallel", typed.parallel, most)
    halving = typed.halving == "yes"
    try:
        found.queue = Queue(sweep, given, found.planned, again=again, halving=halving)
    except SweepError as error:
        found.problems["halving" if halving else ""] = str(error)
    except StoreError as error:
        found.problems[""] = str(error)
    if found.queue is not None and found.queue.ladder is not None:
        found.notes["halving"] = found.queue.ladder.plan()


def at_once(setups: Sequence[Setup], gpus: int) -> tuple[int, str]:
    """How many may train at the same time, and why not more."""
    asked = {setup.config.device for setup in setups}
    if fixed := sorted(name for name in asked if name.startswith(("cuda:", "mps"))):
        return 1, f"all train on {fixed[0]}, which one fills"
    if gpus and asked - {"cpu"}:
        return gpus, "each takes a GPU" if gpus > 1 else "there is one GPU, and each takes one"
    threads = max((int(setup.config.threads) for setup in setups if setup.config.threads != "auto"), default=1)
    most = max(parallel.cores() // threads, 1)
    return most, "each in a process of its own, the cores shared out" if most > 1 else "there is one core, and each takes one"


def _say(found: Judged, forecaster: Forecaster) -> None:
    """What is there, what is left, and how long that takes: of rungs only as much as their settings get."""
    queue = found.queue
    if queue is None:
        return
    there, left = queue.going_on(), len(queue.waiting)
    if queue.over:
        found.state = f"{there}; nothing is left to run"
        return
    forecast = forecaster.of([one.setup for one in queue.waiting])
    part = 1.0
    if queue.ladder is not None and left:
        seeds = len({one.setup.config.seed for one in found.planned})
        part = queue.ladder.share + queue.ladder.to_come(seeds) / left
    amount = units.duration(forecast.seconds * part)
    about = (
        f"{'over' if forecast.unknown else 'about'} {amount} of training, {forecast.words}" if forecast.seconds else forecast.words
    )
    runs = f"{units.count(left)} run{'s' * (left != 1)}{' to go' if there else ''}"
    resumed = f"{found.begun} of them from where {'it was' if found.begun == 1 else 'they were'}" if found.begun else ""
    found.state = "; ".join(filter(None, (there, ", ".join(filter(None, (runs, resumed, about))))))
