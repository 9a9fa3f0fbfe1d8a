"""The queue of a sweep on the screen: the next run begins when one has ended; several at once are only watched here."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from textual.worker import Worker

from tui_trainer import commands, session, units
from tui_trainer.app.live import READING
from tui_trainer.app.screens.sheet import Sheet
from tui_trainer.app.taking import LONG, Taking
from tui_trainer.runs import store
from tui_trainer.runs.store import Run, StoreError
from tui_trainer.session import Session
from tui_trainer.session.parallel import Parallel, ParallelError
from tui_trainer.session.sweeping import Begun, Queue

if TYPE_CHECKING:
    from tui_trainer.session.planned import Planned

EVERY = 0.5
"""Seconds between two looks at runs in processes of their own."""
GOES_ON_HERE = "a sweep goes on here: stop it first"
BROKEN = frozenset({"failed", "diverged", "lost"})


class Queued(Taking):
    """The part of the app that goes through a queue of runs."""

    queue: Queue | None = None
    """The sweep that goes on; None while there is none."""
    crew: Parallel | None = None
    """Its runs where several go on at once, each in a process of its own."""
    _count = 1
    _begun: Begun | None = None
    """The run on the Lab, where they go one after another."""
    _last_of_sweep = False
    """Whether the sweep ends with what goes on."""
    _filling: Worker[Begun | None] | None = None
    _crew_seen = 0.0
    _since = 0.0
    _followed: Run | None = None
    """The one of several that the Lab was turned to."""
    _climbed = 0
    _told_left: tuple[tuple[int, int], float | None] = ((0, 0), None)

    @property
    def busy(self) -> str:
        one_by_one = self.queue is not None and self.crew is None
        return super().busy or (GOES_ON_HERE if one_by_one else "")

    @property
    def forbidden(self) -> str:
        """Why nothing can be begun here now, in words; empty where something can."""
        if self.read_only:
            return "this only watches: nothing is started here"
        return self.busy or (GOES_ON_HERE if self.queue is not None else "")

    def start_queue(self, queue: Queue, count: int) -> bool:
        """Begin with the first run that is left, `count` at once; whether there is one."""
        self._last_of_sweep, self._begun, self._followed, self._count = False, None, None, count
        self._climbed = len(queue.ladder.climbed) if queue.ladder is not None else 0
        self._since = time.monotonic()
        try:
            self.crew = Parallel(queue, count) if count > 1 else None
        except ParallelError as error:
            self.say(str(error).removeprefix(f"--parallel {count}: "), 60)
            return False
        self.queue = queue
        if self.crew is None:
            return self._begin_next()
        self.preflight.cancel(0.0)  # what is timed beside them would slow them
        self._fill()
        return True

    def continue_sweep(self) -> None:
        """Called after each frame: the next run begins as soon as the one before has ended and its thread is done."""
        live = self.live
        if self.queue is None or self._then_exit or self.handing_over or session.under_way():
            return
        if self.crew is not None:
            self._look_at_crew(self.crew)
            return
        if live.active or isinstance(self.screen, Sheet):
            return  # a question is about the run that was live: its answer must not hit the next
        if live.session is not None and live.session.hosted and live.session.alive:
            return  # it still writes its last words
        ended = live.history.ended
        self._take_end(self.queue)
        if self._last_of_sweep or (ended is not None and ended.reason == "abandoned"):
            self.end_sweep()
        elif self._begin_next() and self.lab.face == "run":
            self.lab.run_face.look_at_all()
            self.lab.show()

    # ---- one after another -----------------------------------------------------------------------------------

    def _begin_next(self) -> bool:
        assert self.queue is not None
        try:
            begun = self.queue.begin_next()
        except StoreError as error:
            self.let_go_of_sweep()
            self.say(str(error), seconds=60)
            return False
        if begun is None:
            self.end_sweep()
            return False
        self._begun = begun
        if begun.elsewhere:
            self.live.open(Session(begun.run))
            self.live.poll(READING)
            self.say(f"{self._named(begun.planned)} is trained by another process: it is waited for", LONG)
        else:
            self.begin(begun.run, begun.resume)
        self._say_rung(self.queue)
        return True

    def _take_end(self, queue: Queue) -> None:
        """The run on the Lab has ended: what the queue must know of it, and what a person must."""
        begun, self._begun, live = self._begun, None, self.live
        if begun is None:
            return
        if begun.resume is not None and live.session is not None and live.session.problem and live.history.phase != "training":
            self.say(f"{self._named(begun.planned)} begins anew: {live.session.problem}", LONG)
            queue.anew()
            return
        queue.ended(begun.run)
        self._say_broken(begun)

    # ---- several at once -------------------------------------------------------------------------------------

    def _look_at_crew(self, crew: Parallel) -> None:
        assert self.queue is not None
        if self._filling is not None:
            if not self._filling.is_finished:
                return
            done, self._filling = self._filling, None
            if done.error is not None:
                self.say(str(done.error), 60)
                self._last_of_sweep = True
            self._say_rung(self.queue)
        self._follow(crew)
        if time.monotonic() - self._crew_seen < EVERY:
            return
        self._crew_seen = time.monotonic()
        for begun in crew.ended():
            self._say_broken(begun)
        if self._last_of_sweep or self.queue.over:
            if not crew.live and not isinstance(self.screen, Sheet):
                self.end_sweep()
        elif len(crew.live) < self._count:
            self._fill()

    def _fill(self) -> None:
        """Begin the next one, in a thread: a process takes its time to begin."""
        assert self.crew is not None
        self._filling = self.run_worker(self.crew.fill, thread=True, exit_on_error=False, name="next of sweep")

    def _follow(self, crew: Parallel) -> None:
        """The Lab shows one of them, and another once that has ended; whoever opened another run is left with it."""
        shown = self.live.session.run if self.live.session is not None else None
        if self._followed is not None and (shown != self._followed or self.live.active):
            return
        if (new := next((one.run for one in crew.live if one.run != shown), None)) is None:
            return
        first, self._followed = self._followed is None, new
        self.live.open(Session(new))
        self.live.poll(READING)
        if first or (self.tab is self.lab and self.lab.face == "run"):
            self.lab.watch_run()

    # ---- what is said ----------------------------------------------------------------------------------------

    def _named(self, one: Planned) -> str:
        """`cnn, lr 0.01`, with its seed where there are several"""
        seeds = self.queue is not None and len({planned.setup.config.seed for planned in self.queue.planned}) > 1
        return units.plain(one.label) + (f", seed {one.setup.config.seed}" if seeds else "")

    def _say_broken(self, begun: Begun) -> None:
        """One that failed does not stop the others; that it did is said."""
        status = store.summary(begun.run).status
        if status in BROKEN and begun.run.config_file.is_file():
            others = "the others go on" if self.queue is not None and not self.queue.over else "it was the last one"
            self.say(f"{self._named(begun.planned)} {'was lost' if status == 'lost' else status}: {others}", LONG)

    def _say_rung(self, queue: Queue) -> None:
        """Who was stopped at a rung, and who goes on."""
        ladder = queue.ladder
        if ladder is None or len(ladder.climbed) <= self._climbed:
            return
        self._climbed, rung = len(ladder.climbed), ladder.climbed[-1]
        stopped = [units.plain(label) for label in rung.ranked[rung.kept :]]
        if stopped:
            where = ladder.state(rung.ranked[rung.kept]).partition(":")[0]
            goes = f"{rung.kept} go{'es' * (rung.kept == 1)} on {ladder.words()}"
            self.say(f"{where}: {' · '.join(stopped)}; {goes}", LONG)

    @property
    def sweep_place(self) -> str:
        """`sweep 7 of 18 · about 4 min left`; empty while there is none."""
        if self.queue is None:
            return ""
        several = f"{self._count} at once" if self.crew is not None else ""
        left = self._seconds_left(self.queue)
        time_left = f"about {units.duration(left)} left" if left else ""
        return " · ".join(filter(None, (f"sweep {self.queue.place}", several, time_left)))

    def _seconds_left(self, queue: Queue) -> float | None:
        """Of all that is to come; None where it cannot be told. Asked anew when a run has begun."""
        done = queue.number - len(queue.live)
        if self.crew is not None:  # by how long those took that ended here
            ended, to_come = done - queue.kept, queue.total - done - len(queue.live) / 2
            known = ended > 0 and queue.ladder is None
            return (time.monotonic() - self._since) / ended * to_come if known else None
        key = (queue.number, self._climbed)
        if self._told_left[0] != key:
            self._told_left = key, self._estimate(queue)
        now, later = self.live.history.seconds_left, self._told_left[1]
        return now + later if now is not None and later is not None else None

    def _estimate(self, queue: Queue) -> float | None:
        """Of those that wait: from runs like them that were made here, else from batches that were timed beside the form."""
        whole = queue.estimate.whole
        if whole is not None or queue.ladder is not None:
            return whole
        forecaster = self.lab.setup_face.forecaster
        forecaster.forget()
        found = forecaster.of([one.setup for one in queue.waiting])
        return found.seconds if not found.unknown else None

    # ---- stopping --------------------------------------------------------------------------------------------

    def skip_run(self) -> None:
        """Done with the run on the Lab: it stops, and the sweep does not come back to it."""
        if self.queue is None:
            return
        shown = self.live.session.run if self.live.session is not None else None
        begun = next((one for one in self.queue.live.values() if one.run == shown), None)
        if begun is None:
            self.say("this run is none of the sweep's that go on")
            return
        try:
            self.queue.skip(begun.planned)
        except StoreError as error:
            self.say(str(error), 60)
            return
        self.live.send(commands.Stop())

    def stop_sweep(self) -> None:
        """Stop what goes on, and begin no other."""
        self._last_of_sweep = True
        if self.crew is not None:
            self.crew.stop()
        else:
            self.live.send(commands.Stop())

    def let_go_of_sweep(self) -> None:
        """It goes on here no more."""
        if self.queue is not None:
            self.queue.let_go()
        self.queue = self.crew = self._begun = None

    def end_sweep(self) -> None:
        """The sweep is over, or a person ended it."""
        raise NotImplementedError
