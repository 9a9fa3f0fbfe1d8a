"""`race` without the screen: a line a second while it goes on, and at the end who won, where it lies and how it is repeated."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tui_trainer import paths, session, units
from tui_trainer.console import race_data
from tui_trainer.console.output import Output
from tui_trainer.console.race_again import again
from tui_trainer.console.resumable import PROGRAM
from tui_trainer.console.signals import BROKEN_PIPE, Signals, hangs_up
from tui_trainer.console.summary import repeat
from tui_trainer.console.tables import STATES, table
from tui_trainer.console.train import notice
from tui_trainer.session.race import Lane, Race
from tui_trainer.session.race_words import behind, fraction, result
from tui_trainer.units import UNKNOWN

EVERY = 1.0
"""Seconds between two lines."""
LOOK = 0.1
"""Seconds between two looks."""
LEAVING = 2.0
"""Seconds in which they end that are abandoned."""
HEADINGS = ("", "net", "score", "behind", "test", "samples", "epoch", "speed", "parameters", "run")
RIGHT = ("score", "behind", "test", "samples", "epoch", "speed", "parameters")


@dataclass(frozen=True, slots=True)
class Manner:
    """How it is said."""

    folders: Sequence[Path] = ()
    json: bool = False
    quiet: bool = False


def race(here: Race, manner: Manner) -> int:
    """Let them race here and now; the exit code."""
    return _Teller(here, manner).run()


class _Teller:
    """Says how a race goes, from its lanes."""

    def __init__(self, here: Race, manner: Manner) -> None:
        self.race, self.manner = here, manner
        self.signals = Signals(here.stop, notice)
        self.end = Output()
        self.out = Output(sys.stderr if manner.json else None, when_gone=self._unheard)

    def run(self) -> int:
        race = self.race
        try:
            with self.signals, session.quiet():
                self._say(opening(race))
                race.start()
                self._follow()
        except KeyboardInterrupt:
            race.abandon()
            race.wait(LEAVING)
            return 130
        race.poll()
        if self.manner.json:
            self.end.line(race_data.as_json(race, self.manner.folders))
        else:
            self.out.lines(closing(race, self.manner.folders, self.out.width()))
        return exit_code(race, self.signals.code)

    def _say(self, lines: Sequence[str]) -> None:
        self.out.lines([] if self.manner.quiet else lines)

    def _follow(self) -> None:
        race, said, loading, out = self.race, 0, "", 0
        while not race.wait(LOOK):
            race.poll()
            if (now := next((lane.label for lane in race.lanes if lane.state == "loading"), loading)) != loading:
                loading = now
                self._say([f"getting {units.plain(now)} ready"])
            if len(left := leavers(race)) > out:
                out = len(left)
                self._say(left[-1:])
            if int(race.clock / EVERY) > said:
                said = int(race.clock / EVERY)
                self._say([moment(race)])

    def _unheard(self) -> None:
        """Nobody reads any more: the end, unless it is a terminal that went and was not to be missed, as under nohup."""
        if hangs_up() or not self.out.terminal:
            self.signals.stop(BROKEN_PIPE)


def opening(race: Race) -> list[str]:
    """What is about to happen."""
    one, budget = race.setups[0].config, race.budget
    each = f"each gets {fraction(len(race.lanes))} of the time" if budget.unit == "seconds" else f"{budget.total()} each"
    long = f"{budget.total()} in all, {each}" if budget.unit == "seconds" else each
    return [
        units.plain(f"race on {one.dataset}: {' · '.join(race.labels)}"),
        f"{long}; they take turns on one device, from seed {one.seed}; Ctrl+C stops, and keeps what is there",
    ]


def moment(race: Race) -> str:
    """`3.0 s of 20 s     linear  41.2 %   15 %     mlp       ·   14 %   ★ cnn  55.1 %   15 %`"""
    leader, long = race.leader, f" of {units.duration(race.length)}" if race.length is not None else ""
    words = [f"{units.duration(race.clock):>5}{long}"]
    for lane in race.lanes:
        mark = "★ " if lane is leader else "✕ " if lane.out else ""
        words.append(f"{mark or '  '}{units.plain(lane.label)} {score(lane):>7}  {100 * lane.share:>3.0f} %")
    return "   ".join(words)


def score(lane: Lane) -> str:
    """`71.8 %`, of regression `0.012`."""
    value = lane.score
    return UNKNOWN if value is None else units.loss(value) if lane.regression else units.percent(value)


def closing(race: Race, folders: Sequence[Path] = (), width: int = 100) -> list[str]:
    """Who won, every lane, why one left, and what to do with it."""
    lines = [headline(race), *table(HEADINGS, [_row(race, lane) for lane in standing(race)], right=RIGHT, width=width)]
    lines += [*leavers(race), ""]
    if len(begun := [lane for lane in race.lanes if lane.history.started is not None]) > 1:
        lines.append(_named("compare", f"{PROGRAM} compare {' '.join(lane.run.id for lane in begun)}"))
    lines += [_named("record" if not at else "", units.plain(paths.short(lane.run.folder))) for at, lane in enumerate(race.lanes)]
    if words := again(race, folders):
        lines.append(_named("again", words))
    alone = [repeat(lane.run, folders) for lane in race.lanes]
    return lines + [_named("alone" if not at else "", words) for at, words in enumerate(alone)]


def leavers(race: Race) -> list[str]:
    """`vit is out: …`, for each that left the race."""
    return [units.plain(f"✕ {lane.label} is out: {lane.error or lane.state}") for lane in race.lanes if lane.out]


def headline(race: Race) -> str:
    """`✓ cnn wins by 13.2 points, after 20 s`"""
    sign = "‖" if race.stopping else "✓" if any(lane.state == "done" for lane in race.lanes) else "✕"
    return f"{sign} {result(race)}, after {units.duration(race.clock)}"


def standing(race: Race) -> list[Lane]:
    """The lanes, best first; those that left the race last."""
    leader = race.leader
    sign = 1.0 if race.regression else -1.0
    return sorted(race.lanes, key=lambda lane: (lane.out, lane.score is None, lane is not leader, sign * (lane.score or 0.0)))


def _row(race: Race, lane: Lane) -> tuple[str, ...]:
    test = lane.history.test
    tried = None if test is None else test.loss if lane.regression else test.accuracy
    leads = lane is race.leader
    return (
        "★" if leads else STATES.get(lane.state, " ") if lane.state != "done" else "",
        lane.label,
        score(lane),
        behind(race, lane),
        UNKNOWN if tried is None else units.loss(tried) if lane.regression else units.percent(tried),
        units.count(lane.samples),
        units.count(lane.epoch),
        f"{units.speed(lane.speed)} {lane.history.speed_unit}" if lane.speed else UNKNOWN,
        units.count(lane.parameters),
        lane.run.id,
    )


def _named(label: str, text: str) -> str:
    return f"  {label:<8}{text}"


def exit_code(race: Race, signalled: int) -> int:
    """0 where all finished; 1 where one failed or diverged; stopped by a signal its code, by another login 130."""
    if signalled:
        return signalled
    if any(lane.out for lane in race.lanes):
        return 1
    return 0 if all(lane.state == "done" for lane in race.lanes) else 130
