"""A preset and a dataset on this machine: our engine against the tutorial's loop, by turns, and what would help.

Both begin with the same weights and learn with the same settings; the rate is constant for both, because neither comes
to the end of a budget.
"""

from __future__ import annotations

import copy
import math
import time
from collections.abc import Callable
from pathlib import Path
from statistics import fmean, median, pvariance
from typing import NamedTuple

import torch

from tui_trainer import units
from tui_trainer.bottleneck import Benched, Box, Loop, Trial, Work
from tui_trainer.config import Config
from tui_trainer.engine import anatomy, devices, model
from tui_trainer.engine.loops import Check, Ours, Theirs, variant
from tui_trainer.engine.neighbours import Neighbours
from tui_trainer.engine.prepare import Ready, no_memory, prepare, started
from tui_trainer.engine.rounds import Rounds, Taking, take_turns
from tui_trainer.events import Event

USUAL = 30.0
"""Seconds that the figures below are for; with less time they shrink, with more there are more rounds."""
SLICE, ROUNDS, FEWEST_ROUNDS = 0.7, 6, 3
TRIAL, TRIAL_ROUNDS = 0.5, 3
CALIBRATION = 0.5
COMPARED = 200
"""Steps whose mean loss is compared at most."""
FEWEST_COMPARED = 20
ALIKE = 0.05
"""Share by which two mean losses may differ beyond the scatter of the batches: another order of samples is another run."""
ENDLESS = 10**9

Say = Callable[[str], None]


class Plan(NamedTuple):
    """How long everything takes."""

    slice: float
    rounds: int
    trial: float
    calibration: float
    enough: float
    """Seconds from the start after which no further round begins, the fewest apart."""
    end: float
    """The same for trials."""


def plan(seconds: float) -> Plan:
    """About `seconds` in all."""
    scale = min(1.0, seconds / USUAL)
    slice_ = SLICE * scale
    rounds = ROUNDS if seconds <= USUAL else int(0.45 * seconds / (2 * slice_))
    return Plan(slice_, max(ROUNDS, rounds), TRIAL * scale, CALIBRATION * scale, 0.6 * seconds, 0.9 * seconds)


def measure(
    config: Config,
    *,
    preset_file: Path,
    tutorial_file: Path,
    datasets_home: Path,
    folder: Path,
    seconds: float,
    emit: Callable[[Event], None],
    say: Say = lambda what: None,
    check: Check = lambda: None,
) -> Benched:
    """Everything that is to be known, in about `seconds` after the data was read. `emit` hears what the trainer reports;
    `check` is called often and may raise to give up. `folder` is for checkpoints, of which there will be none.

    Raises TrainingError with a sentence for a person.
    """
    own_threads = torch.get_num_threads()

    def phase(what: str, done: int = 0, total: int = 0) -> None:
        check()
        say(f"{what} {100 * done // total} %" if total else what)

    setup = config.but(steps=ENDLESS, schedule="constant")
    try:
        ready = prepare(setup, preset_file, datasets_home, phase)
        tutorial = model.run_file(tutorial_file, "tutorial")
        threads = own_threads if config.threads == "auto" else int(config.threads)
        emit(started(ready))
        ours, theirs = Ours(ready, folder, emit, check), Theirs(ready, tutorial, threads, check)
        return Bench(ours, theirs, folder, plan(seconds), say, check).run()
    except (MemoryError, RuntimeError) as error:
        if reason := no_memory(error, config):
            raise reason from error
        raise
    finally:
        torch.set_num_threads(own_threads)


class Bench:
    """Two loops that are ready, and how much time there is."""

    def __init__(self, ours: Ours, theirs: Theirs, folder: Path, plan: Plan, say: Say, check: Check) -> None:
        self.ours, self.theirs, self.ready = ours, theirs, ours.ready
        self._folder, self._plan, self._say, self._check = folder, plan, say, check
        self._written = copy.deepcopy(ours.ready.built.net)
        self._others = Neighbours().cores
        self._began = time.perf_counter()

    def run(self) -> Benched:
        loops: list[Taking] = [self.ours, self.theirs]
        self._say("warming up")
        for loop in loops:
            loop.turn(self._plan.slice / 2)
        found = self._turns(loops, self._plan.rounds, self._plan.slice, self._plan.rounds, self._told)
        self._say("looking at a step")
        self.ours.watch_closely()
        while not self.ours.timed:  # a slice may be too short for a few batches
            self.ours.turn(self._plan.slice)
        torch.set_num_threads(self.ours.threads)
        work = anatomy.work(self.ready, copy.deepcopy(self._written))
        convolves = work.shares.get("convolutions", 0.0) > work.shares.get("dense layers", 0.0)
        box = anatomy.box(self.ready, convolves, anatomy.largest_output(self.ready), self._plan.calibration)
        trials = self._trials(work)
        return self._put_together(found, work, box, trials)

    def _turns(
        self, loops: list[Taking], rounds: int, seconds: float, repeats: int, told: Callable[[Rounds], None] = lambda so_far: None
    ) -> Rounds:
        return take_turns(
            loops, rounds=rounds, seconds=seconds, others=self._others, repeats=repeats, enough=self._enough, told=told
        )

    def _enough(self, done: int) -> bool:
        return done >= FEWEST_ROUNDS and time.perf_counter() - self._began > self._plan.enough

    def _told(self, so_far: Rounds) -> None:
        speeds = so_far.speeds
        said = [f"round {len(speeds[self.ours.name])} of {self._plan.rounds}"]
        if speeds[self.theirs.name]:
            here, there = (units.speed(so_far.speed(loop.name)) for loop in (self.ours, self.theirs))
            said.append(f"ours {here}, the tutorial's loop {there} a second")
        self._say(" · ".join(said))

    # What would help

    def _trials(self, work: Work) -> tuple[Trial, ...]:
        """Each change for a moment, by turns with the run as it is, as long as there is time."""
        tried: list[Trial] = []
        for what, value, make in self._changes(work):
            if time.perf_counter() - self._began > self._plan.end:
                break
            self._say(f"trying {value} {'threads' if what == 'threads' else what}")
            try:
                other = Ours(make(), self._folder, lambda event: None, self._check)
                other.name = what
                other.turn(self._plan.trial / 2)
                found = self._turns([self.ours, other], TRIAL_ROUNDS, self._plan.trial, 1)
            except (MemoryError, RuntimeError):  # it does not run so, which is no error of this run
                continue
            each = found.ratios(what, self.ours.name)
            tried.append(Trial(what, value, median(each), min(each)))
        return tuple(tried)

    def _changes(self, work: Work) -> list[tuple[str, str, Callable[[], Ready]]]:
        """(what, value, how it is made) of everything that may be worth a trial here."""
        ready, cpu = self.ready, self.ready.device.type == "cpu"
        changes: list[tuple[str, str, Callable[[], Ready]]] = []
        if (larger := 4 * ready.config.batch_size) <= len(ready.data.train):
            changes.append(("batch", str(larger), lambda: self._variant(batch=larger)))
        if not cpu or devices.has_bf16():
            other = "fp32" if ready.pace.bf16 else "bf16"
            changes.append(("precision", other, lambda: self._variant(bf16=not ready.pace.bf16)))
        most = max(devices.cores(), self.theirs.threads)
        if cpu and (threads := 1 if self.ours.threads > 1 else most) != self.ours.threads:
            changes.append(("threads", str(threads), lambda: self._variant(threads=threads)))
        if work.relu_first and anatomy.pooled_first(net := copy.deepcopy(self._written)):
            changes.append(("order", "pool, then ReLU", lambda: variant(ready, net, threads=self.ours.threads)))
        return changes

    def _variant(self, *, batch: int = 0, threads: int = 0, bf16: bool | None = None) -> Ready:
        net = copy.deepcopy(self._written)
        return variant(self.ready, net, batch=batch, threads=threads or self.ours.threads, bf16=bf16)

    # The result

    def _put_together(self, found: Rounds, work: Work, box: Box, trials: tuple[Trial, ...]) -> Benched:
        ready, config = self.ready, self.ready.config
        compared = compare(self.ours.losses, self.theirs.losses)
        notes = [note.text for note in ready.pace.notes]
        if self.ours.diverged:
            notes.append(f"{self.ours.diverged}; with a constant rate, as here. The speeds hold all the same")
        if "mixup" in config.changes:
            notes.append("the tutorial's loop does not mix samples up, so the losses are not compared")
        alike = compared if not self.ours.diverged and "mixup" not in config.changes else None
        return Benched(
            preset=config.preset,
            dataset=config.dataset,
            device=ready.place.name,
            device_name=ready.place.label,
            threads=self.ours.threads,
            tutorial_threads=self.theirs.threads,
            precision=ready.precision,
            batch_size=config.batch_size,
            shape=ready.data.shape,
            changes=config.changes,
            ours=Loop(found.speed("ours"), step(found.speed("ours"), config.batch_size), self._parts()),
            tutorial=Loop(found.speed("tutorial"), step(found.speed("tutorial"), config.batch_size), self._their_parts()),
            ratio=found.ratio("ours", "tutorial"),
            quartiles=found.quartiles("ours", "tutorial"),
            rounds=len(found),
            repeated=found.repeated,
            noisy=found.noisy,
            others=found.others,
            work=work,
            box=box,
            losses=None if alike is None else (alike.ours, alike.theirs),
            allowed=0.0 if alike is None else alike.allowed,
            steps=0 if alike is None else alike.steps,
            trials=trials,
            streamed=ready.data.streamed,
            notes=tuple(notes),
        )

    def _parts(self) -> dict[str, float]:
        """Milliseconds of our step, as the trainer's own clocks and its reports tell."""
        timed = self.ours.timed
        names = {"input": "data", "forward": "forward", "backward": "backward", "optimizer": "update"}
        parts = {part: median(getattr(one, name) for one in timed) if timed else 0.0 for part, name in names.items()}
        return parts | {"report": 1e3 * self.ours.trainer.reported / max(1, self.ours.steps)}

    def _their_parts(self) -> dict[str, float]:
        steps = max(1, self.theirs.steps)
        input_ = 1e3 * self.theirs.input.spent / steps
        return {"input": input_, "the rest": max(0.0, 1e3 * self.theirs.spent / steps - input_)}


def step(speed: float, batch: int) -> float:
    """Milliseconds of a step at so many samples a second."""
    return 1e3 * batch / speed if speed else 0.0


class Compared(NamedTuple):
    ours: float
    theirs: float
    allowed: float
    steps: int


def compare(ours: list[float], theirs: list[float]) -> Compared | None:
    """Mean loss of both over the last of the steps that both have done, and how far they may be apart; None where these are
    too few or not finite."""
    steps = min(len(ours), len(theirs))
    count = min(COMPARED, steps // 2)
    if count < FEWEST_COMPARED:
        return None
    here, there = ours[steps - count : steps], theirs[steps - count : steps]
    if not all(map(math.isfinite, (*here, *there))):
        return None
    scatter = math.sqrt((pvariance(here) + pvariance(there)) / count)
    means = fmean(here), fmean(there)
    return Compared(*means, 4 * scatter + ALIKE * max(means), steps)
