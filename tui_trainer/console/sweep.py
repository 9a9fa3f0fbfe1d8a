"""`sweep`: the list of sweeps, and one of them run here, one run after another, with what was published at the end."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tui_trainer import session, sweeps, units
from tui_trainer.commands import Stop
from tui_trainer.console import beside
from tui_trainer.console.output import Output, cut
from tui_trainer.console.progress import Progress
from tui_trainer.console.signals import BROKEN_PIPE, Signals, hangs_up
from tui_trainer.console.summary import headline
from tui_trainer.console.tables import table
from tui_trainer.console.train import notice
from tui_trainer.events import Evaluated, Event, Noted, RunStarted
from tui_trainer.runs import log, outcome
from tui_trainer.runs.beside import figures, signed, widest
from tui_trainer.runs.history import History
from tui_trainer.runs.store import Run, StoreError
from tui_trainer.session import sweeping
from tui_trainer.session.sweeping import Begun, Planned, Queue
from tui_trainer.sweeps import Entry, Sweep

FAILED = frozenset({"failed", "diverged", "lost", "abandoned"})


@dataclass(frozen=True)
class Asked:
    """What was asked of a sweep."""

    settings: Mapping[str, object]
    """Laid over those of each run."""
    folders: Sequence[Path] = ()
    only: Sequence[str] = ()
    seeds: int = 1
    again: bool = False
    json: bool = False
    markdown: bool = False
    quiet: bool = False


def listed(folders: Sequence[Path], width: int) -> list[str]:
    """A line for each sweep: what it is, how many runs, what was measured last."""
    rows = []
    for one in sweeps.everything(folders):
        name = f"{one.name} (yours)" if one.yours else one.name
        if one.problem:
            rows.append((name, "", "", f"✕ {one.problem}"))
        else:
            rows.append((name, units.count(len(one.entries)), _measured(one), one.about))
    return table(("sweep", "runs", "measured last", "what it is"), rows, right=("runs",), width=width)


def _measured(sweep: Sweep) -> str:
    """`6 of 6, 2 h ago, within 1.2 points`"""
    if (record := sweeping.latest(sweep)) is None:
        return units.UNKNOWN
    labels = {entry.label for entry in sweep.entries}
    found: dict[str, list[outcome.Outcome]] = {}
    for (label, _), run in record.runs().items():
        if label in labels and (one := outcome.read(run)).finished:
            found.setdefault(label, []).append(one)
    gap = widest(sweep, found)
    within = f", within {100 * gap:.1f} points" if gap is not None else ""
    return f"{len(found)} of {len(labels)}, {sweeping.ago(record.time)}{within}"


def sweep(name: str, asked: Asked) -> int:
    """Run what is left of this sweep and say what came of all; the exit code. Raises SweepError, ConfigError, StoreError."""
    found = sweeps.find(name, asked.folders)
    planned = sweeping.plan(found, asked.settings, asked.folders, seeds=asked.seeds, only=asked.only)
    queue = Queue(found, asked.settings, planned, again=asked.again)
    labels = {one.label for one in planned}
    entries = [entry for entry in found.entries if entry.label in labels]
    teller = Teller(queue, entries, asked)
    code = teller.run()
    results, out = queue.outcomes(), Output()
    if asked.json:
        out.line(json.dumps(beside.as_json(found, entries, results) | {"given": dict(asked.settings)}, indent=2))
    elif asked.markdown:
        out.lines(beside.markdown(found, entries, results))
    else:
        out.lines(["", *beside.lines(found, entries, results, out.width())])
    if code:
        return code
    ended = [one for several in results.values() for one in several]
    return 1 if len(ended) < len(planned) or any(one.status in FAILED for one in ended) else 0


@dataclass
class Teller:
    """Runs the queue in this thread and says how it goes."""

    queue: Queue
    entries: Sequence[Entry]
    asked: Asked
    current: Run | None = field(default=None, init=False)
    noted: set[str] = field(default_factory=set, init=False)

    def __post_init__(self) -> None:
        apart = self.asked.json or self.asked.markdown  # what was asked for goes where it can be kept, everything else beside it
        self.signals = Signals(ask=self._stop, say=notice)
        self.out = Output(sys.stderr if apart else None, when_gone=self._unheard)

    def run(self) -> int:
        """Train what is left; the code of the signal that ended it early, or 0."""
        self._say_plan()
        try:
            with self.signals, session.quiet():
                while not self.signals.code and (begun := self._next()) is not None:
                    self._train(begun)
        except KeyboardInterrupt:
            self.out.end_live()
            return 130
        except StoreError as error:  # no folder can be made or written: the runs to come would fare no better
            self.out.line(units.plain(str(error)))
            return 1
        if self.signals.code and not self.asked.quiet:
            self.out.line("stopped; the same command goes on where it was")
        return self.signals.code

    def _next(self) -> Begun | None:
        begun = self.queue.begin_next()
        self.current = begun.run if begun else None
        if self.signals.code:  # it came while the folder was made
            self._stop()
        return begun

    def _stop(self) -> None:
        if self.current is not None:
            log.append(self.current.commands, Stop())

    def _unheard(self) -> None:
        """Nobody reads any more: the end, unless it is a terminal that went and was not to be missed, as under nohup."""
        if hangs_up() or not self.out.terminal:
            self.signals.stop(BROKEN_PIPE)

    def _say_plan(self) -> None:
        queue = self.queue
        if self.asked.quiet:
            return
        self.out.line(units.plain(f"{queue.sweep.name}: {queue.sweep.about}"))
        if text := queue.going_on():
            more = f"; going on with {len(queue.waiting)}" if queue.waiting else "; --again starts over"
            self.out.line(text + more)
        if queue.waiting:
            seconds = sweeping.estimate(queue.waiting)
            about = f", about {units.duration(seconds)} of training" if seconds is not None else ""
            count = len(queue.waiting)
            self.out.line(f"{units.count(count)} run{'s' * (count != 1)}{about}; Ctrl+C stops, and keeps what is there")

    def _train(self, begun: Begun) -> None:
        one, run, history = begun.planned, begun.run, History()
        progress = Progress(self.out, history)

        def say(event: Event) -> None:
            history.apply(event)
            if not self.asked.quiet and not isinstance(event, (RunStarted, Evaluated)) and self._new(event):
                progress(event)  # a line that lives, and whatever was remarked: epochs are told by the record

        if not self.asked.quiet:
            self.out.line(f"{self._place()}  {units.plain(one.label)}{self._seed(one)}  run {run.id}")
        session.train(run, say, resume=begun.resume)
        self.out.end_live()
        if not self.asked.quiet:
            self.out.line(cut(f"     {self._result(one, run, history)}", self.out.width()))

    def _new(self, event: Event) -> bool:
        """What was noted of one run need not be said of the next."""
        if not isinstance(event, Noted):
            return True
        known = event.text in self.noted
        self.noted.add(event.text)
        return not known

    def _place(self) -> str:
        total = str(len(self.queue.planned))
        return f"{self.queue.number:>{len(total)}}/{total}"

    def _seed(self, one: Planned) -> str:
        return f", seed {one.setup.config.seed}" if self.asked.seeds > 1 else ""

    def _result(self, one: Planned, run: Run, history: History) -> str:
        """The end of the run, and how far its first figure is from the published one."""
        said = headline(history, alive=False)
        entry = next(entry for entry in self.entries if entry.label == one.label)
        lines = [line for line in figures(entry, [outcome.read(run)]) if line.apart is not None]
        if not lines or lines[0].apart is None:
            return said
        published, measured, _ = lines[0].cells()
        unit = f", {signed(100 * lines[0].apart, 1)} points" if lines[0].share else ""
        return f"{said}; {lines[0].figure} {measured}, published {published}{unit}"
