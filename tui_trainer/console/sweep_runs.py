"""The runs of a sweep, one after another in this thread: what each is, how it goes, what it came to."""

from __future__ import annotations

import shlex
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

from tui_trainer import config, session, units
from tui_trainer.commands import Stop
from tui_trainer.console import record
from tui_trainer.console.output import Output, cut
from tui_trainer.console.progress import Progress
from tui_trainer.console.signals import BROKEN_PIPE, Signals, Terminal, hangs_up
from tui_trainer.console.summary import headline
from tui_trainer.console.train import notice
from tui_trainer.events import Evaluated, Event, HandedOver, Hosted, Noted, RunResumed, RunStarted
from tui_trainer.runs import ends, held, log, outcome
from tui_trainer.runs.beside import figures, signed
from tui_trainer.runs.history import History
from tui_trainer.runs.store import Run, StoreError
from tui_trainer.session.sweeping import Begun, Planned, Queue

LOOK = 0.1
"""Seconds between two looks at a run that another process trains."""


def again(queue: Queue, folders: Sequence[Path] = (), *, anew: bool = False) -> str:
    """The command that goes on with a sweep, or runs it `anew` in the same manner; `folders`: where presets were looked for."""
    words = ["tui-trainer", "sweep", queue.sweep.name]
    for name, value in queue.given.items():
        if isinstance(value, Mapping):
            words += [word for own, one in value.items() for word in (config.OWN[name], f"{own}={one}")]
        elif isinstance(value, bool):
            words.append(config.option_of(name) if value else f"--no-{config.option_of(name)[2:]}")
        else:
            words += [config.option_of(name), str(value)]
    words += [word for folder in folders for word in ("--presets", str(folder))]
    labels = dict.fromkeys(one.label for one in queue.planned)
    if some := len(labels) < len(queue.sweep.entries):
        words += [word for label in labels for word in ("--only", label)]
    own = max((len(entry.seeds) for entry in queue.sweep.entries), default=0)
    if (anew or some) and queue.seeds > max(own, 1):  # else the record knows
        words += ["--seeds", str(queue.seeds)]
    if anew:
        words += [*(["--halving"] if queue.ladder is not None else []), "--again"]
    return shlex.join(words)


class Teller:
    """Runs a queue and says how it goes."""

    def __init__(self, queue: Queue, *, quiet: bool = False, apart: bool = False, folders: Sequence[Path] = ()) -> None:
        """`apart`: said on standard error, because something else is asked for on standard output."""
        self.queue, self.quiet, self.folders = queue, quiet, folders
        self.now: Begun | None = None
        """What is trained here."""
        self.begun = True
        """Whether it trains, or did: before that it can be left only together with how it is to go on."""
        self.terminal = Terminal()
        self.signals = Signals(self.stop, notice, spares=self.hung_up)
        self.out = Output(sys.stderr if apart else None, when_gone=self._unheard)
        self._noted: set[str] = set()
        self._told = False
        """Whether how long it takes was said before."""
        self._climbed = len(queue.ladder.climbed) if queue.ladder is not None else 0

    def run(self) -> int:
        """Train what is left; the code of the signal that ended it early, or 0."""
        self.say_plan()
        try:
            with self.signals, session.quiet(), self._watched():
                self.go()
        except KeyboardInterrupt:
            self.out.end_live()
            return 130
        except StoreError as error:  # no folder can be made or written: the runs to come would fare no better
            self.out.line(units.plain(str(error)))
            return 1
        finally:
            self.queue.let_go()
        if self.signals.code:
            self.say(f"stopped; this goes on where it was: {again(self.queue, self.folders)}")
        return self.signals.code

    def go(self) -> None:
        while not self.signals.code and (begun := self._next()) is not None:
            self.say_rungs()
            if begun.elsewhere:
                self.wait(begun)
            else:
                self._try(begun)
            self.queue.ended(begun.run)
            self.now = None

    def _next(self) -> Begun | None:
        begun = self.queue.begin_next()
        self.now, self.begun = (None, True) if begun is None or begun.elsewhere else (begun, False)
        if self.signals.code:  # it came while the folder was made
            self.stop()
        return begun

    def stop(self) -> None:
        """Ask for the end of what is trained here."""
        if self.now is not None:
            log.append(self.now.run.commands, Stop())

    def hung_up(self) -> bool:
        return self.terminal.gone() or session.under_way()  # in this order: who leaves lets go of the terminal

    def _unheard(self) -> None:
        """Nobody reads any more: the end, unless it is the terminal that went."""
        if not (self.out.terminal or self.hung_up()):
            self.signals.stop(BROKEN_PIPE)

    def _watched(self) -> AbstractContextManager[object]:
        """While the terminal is watched: where it goes the run is left to a process in the background, and waited for when the
        sweep is gone on with."""
        return session.on_hangup(self._session) if hangs_up() else nullcontext()

    def _session(self) -> session.Session | None:
        return session.Session(self.now.run, resume=None if self.begun else self.now.resume) if self.now is not None else None

    # ---- one run ---------------------------------------------------------------------------------------------

    def _try(self, begun: Begun) -> None:
        """Train it; where it cannot be gone on with, another is made in its place."""
        before = ends.size(begun.run.events)
        try:
            self._train(begun)
        except StoreError as error:
            if not before:
                raise
            self.say(units.plain(f"     {error}; it begins again"))
            self.queue.anew()

    def _train(self, begun: Begun) -> None:
        run, history, let_go = begun.run, History(), False
        progress = Progress(self.out, history)

        def hear(event: Event) -> None:
            nonlocal let_go
            if isinstance(event, Hosted) and begun.resume is not None and history.hosted is None:
                record.fold(run, history)  # now that nobody else adds to it; this event is in it
            else:
                history.apply(event)
            let_go = isinstance(event, HandedOver)
            self.begun = self.begun or isinstance(event, RunStarted | RunResumed)
            if not self.quiet and not isinstance(event, RunStarted | Evaluated) and self._is_new(event):
                progress(event)  # a line that lives, and whatever was remarked: epochs are told by the record

        self.say(self.name(begun))
        session.see_through(run, hear, resume=begun.resume)
        self.out.end_live()
        if let_go:  # somebody took it to another process
            self.wait(begun)
        else:
            self.say(cut(f"     {self.result(begun.planned, run, history)}", self.out.width()))

    def wait(self, begun: Begun) -> None:
        """Another process trains it: until it has ended there."""
        if begun.elsewhere:
            self.say(f"{self.name(begun)}: waiting for it")
        else:
            self.say(f"     run {begun.run.id} goes on in another process: waiting for it")
        while held.trained(begun.run.events):
            if self.signals.code:
                self.say(f"     run {begun.run.id} goes on there; to stop it: tui-trainer send {begun.run.id} stop")
                return
            time.sleep(LOOK)
        self.say(cut(f"     {self.result(begun.planned, begun.run, record.read(begun.run))}", self.out.width()))

    # ---- words -----------------------------------------------------------------------------------------------

    def say(self, text: str) -> None:
        if not self.quiet:
            self.out.line(text)

    def say_plan(self) -> None:
        """What it is, what is there already, how many runs are left and how long they take, and how it goes on."""
        queue = self.queue
        self.say(units.plain(f"{queue.sweep.name}: {queue.sweep.about}"))
        if text := queue.going_on():
            self.say(text + (f"; going on with {len(queue.waiting)}" if queue.waiting else "; --again starts over"))
        if not queue.waiting:
            return
        if queue.ladder is not None and queue.ladder.climbs:
            self.say(queue.ladder.plan())
        count = len(queue.waiting)
        each = f", {queue.seeds} seeds each" if queue.seeds > 1 else ""
        self.say(f"{units.count(count)} run{'s' * (count != 1)}{each}, {queue.estimate.words()}")
        self.say(f"Ctrl+C stops, and keeps what is there; to go on: {again(queue, self.folders)}")

    def say_rungs(self) -> None:
        """Who was stopped since this was said last."""
        ladder = self.queue.ladder
        for rung in ladder.climbed[self._climbed :] if ladder is not None else ():
            self.say(units.plain(f"the better half goes on: {'; '.join(rung.going_on)}"))
            for label, said in rung.said.items():
                self.say(units.plain(f"     {label}: {said}"))
            self._climbed += 1

    def name(self, begun: Begun) -> str:
        """`2/18  mlp, lr 0.01, seed 1  run 7f3a`"""
        queue, one = self.queue, begun.planned
        words = [
            f"{queue.number:>{len(str(queue.total))}}/{queue.total}  {units.plain(one.label)}",
            f", seed {one.setup.config.seed}" if queue.seeds > 1 else "",
            f"  run {begun.run.id}",
            f", goes on{' in another process' if begun.elsewhere else ''}" if begun.goes_on else "",
            f"  {queue.ladder.words()}" if queue.ladder is not None else "",
            f"  about {units.duration(left)} left" if self._told and (left := queue.estimate.whole) else "",
        ]
        self._told = True
        return "".join(words)

    def result(self, one: Planned, run: Run, history: History) -> str:
        """The end of the run, and how far its first figure is from the published one."""
        said = headline(history, alive=held.trained(run.events))
        entry = next(entry for entry in self.queue.sweep.entries if entry.label == one.label)
        lines = [line for line in figures(entry, [outcome.read(run)]) if line.apart is not None]
        if not lines or lines[0].apart is None:
            return said
        published, measured, _ = lines[0].cells()
        unit = f", {signed(100 * lines[0].apart, 1)} points" if lines[0].share else ""
        return f"{said}; {lines[0].figure} {measured}, published {published}{unit}"

    def _is_new(self, event: Event) -> bool:
        """What was noted of one run need not be said of the next."""
        if not isinstance(event, Noted):
            return True
        known = event.text in self._noted
        self._noted.add(event.text)
        return not known
