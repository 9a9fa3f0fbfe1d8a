"""What of a comparison is looked at: which curves over which axis, in which colours, cut where. Draws nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tui_trainer import units
from tui_trainer.app.comparing import Bands
from tui_trainer.app.records import GOING_ON
from tui_trainer.app.widgets.bars import told_apart
from tui_trainer.app.widgets.overlay import LABEL, OverlayView
from tui_trainer.app.widgets.overlay_curves import Stroke
from tui_trainer.app.widgets.span import WINDOWS, rounded_up
from tui_trainer.app.widgets.strokes import COLOURS
from tui_trainer.runs import cutting, store
from tui_trainer.runs.compare import MOST, Comparison
from tui_trainer.runs.side import Side
from tui_trainer.runs.standings import Standing

AXES = ("seconds", "epoch", "step", "samples")
CURVES = {"classification": ("accuracy", "loss", "train loss"), "regression": ("loss", "mae", "train loss")}
SMOOTH = {"train loss": 2}
"""Of validation nothing is smoothed unless somebody asks for it."""


class Looking:
    """The choices of who looks; they outlive each new comparison."""

    def __init__(self) -> None:
        self.axis = AXES[0]
        self.logarithmic = True
        """Of losses; accuracy never is."""
        self.solo = ""
        """The only letter that is shown; empty for all."""
        self._curve = 0
        self._smoothing = dict(SMOOTH)
        self._cut: str = ""
        """The axis on which all are cut where the shortest ended; empty for not."""
        self._slots: list[str] = [""] * len(COLOURS)
        """The letter that has each colour."""
        self._since: list[str] = []
        """Those letters, the one that got its colour first in front."""
        self._known: set[str] = set()
        self._bands = Bands()
        self._made: tuple[Comparison, str, Comparison] | None = None

    # ---- what is shown ---------------------------------------------------------------------------------------

    def at(self, whole: Comparison) -> Comparison:
        """The comparison, cut where that was asked for."""
        made = self._made
        if made is None or made[0] is not whole or made[1] != self._cut:
            amount = whole.shortest(self._cut) if self._cut else None
            made = self._made = whole, self._cut, whole.cut(self._cut, amount) if amount is not None else whole
        return made[2]

    def curves(self, found: Comparison) -> tuple[str, ...]:
        return CURVES["regression" if found.regression else "classification"]

    def curve(self, found: Comparison) -> str:
        names = self.curves(found)
        return names[self._curve % len(names)]

    def colours(self, found: Comparison) -> dict[str, str]:
        """That of each letter: the first four have one, or those that were marked."""
        self._let_go(found.letters)
        for letter in found.letters:
            if letter not in self._known:
                self._known.add(letter)
                if "" in self._slots and len(self._known) <= len(COLOURS):
                    self._give(letter)
        return {one: COLOURS[self._slots.index(one)] if one in self._slots else "last" for one in found.letters}

    def _let_go(self, letters: Sequence[str]) -> None:
        """Settings that are not among the best any more leave their colours to others, and are not shown alone."""
        self.solo = self.solo if self.solo in letters else ""
        for gone in [one for one in self._since if one not in letters]:
            self.mark(gone)
            if heir := next((one for one in letters if one not in self._slots), ""):
                self._give(heir)

    def marked(self, found: Comparison) -> frozenset[str]:
        """The letters that have a colour, where not all have one."""
        return frozenset(filter(None, self._slots)) if len(found.letters) > len(COLOURS) else frozenset()

    # ---- choices ---------------------------------------------------------------------------------------------

    def next_axis(self) -> None:
        self.axis = AXES[(AXES.index(self.axis) + 1) % len(AXES)]

    def next_curve(self, found: Comparison) -> None:
        self._curve = (self._curve + 1) % len(self.curves(found))

    def smooth(self, found: Comparison, by: int) -> None:
        curve = self.curve(found)
        self._smoothing[curve] = min(max(self._smoothing.get(curve, 0) + by, 0), len(WINDOWS) - 1)

    def mark(self, letter: str) -> None:
        """Give this letter a colour, or take it away; where all are given, it takes that of whoever has had one longest."""
        if letter in self._slots:
            self._slots[self._slots.index(letter)] = ""
            self._since.remove(letter)
            return
        if "" not in self._slots:
            self._slots[self._slots.index(self._since.pop(0))] = ""
        self._give(letter)

    def _give(self, letter: str) -> None:
        self._slots[self._slots.index("")] = letter
        self._since.append(letter)

    def toggle_cut(self, whole: Comparison) -> str:
        """Cut all where the shortest ended on this axis, or no more; what stands against that, in words."""
        if self._cut:
            self._cut = ""
        elif whole.shortest(self.axis) is None:
            return f"all went equally far in {NAMES[self.axis]}: nothing to cut"
        else:
            self._cut = self.axis
        return ""

    # ---- the chart -------------------------------------------------------------------------------------------

    def overlay(self, found: Comparison, here: str) -> OverlayView:
        """The curves to draw, that of the letter `here` on top with its band."""
        curve, colours = self.curve(found), self.colours(found)
        shown = [one for one in found.standings[:MOST] if self.solo in {"", one.letter}]
        names = dict(zip((one.letter for one in shown), told_apart(tuple(one.label for one in shown), LABEL - 2), strict=True))
        back = [*reversed(shown)]  # the best are drawn later, over the others
        order = sorted(back, key=lambda one: (one.letter == here, colours[one.letter] != "last"))
        if colours.get(here) == "last":
            colours[here] = "bright"  # what is looked at stands out, coloured or not
        strokes = [self._stroke(one, curve, colours, names, band=one.letter == here) for one in order]
        drawn = tuple(one for one in strokes if one.points) if found.task != "mixed" else ()
        return OverlayView(
            drawn,
            curve,
            self.axis,
            self.logarithmic and curve != "accuracy",
            self._smoothing.get(curve, 0),
            reach([side for one in shown for side in one.sides], self.axis) if not self._cut else 0.0,
            self._asides(found, here, [one for one in shown if one.letter in {stroke.letter for stroke in drawn}]),
            () if drawn else why_empty(found, curve, self.solo),
        )

    def _stroke(self, one: Standing, curve: str, colours: Mapping[str, str], names: Mapping[str, str], *, band: bool) -> Stroke:
        points, bounds = self._bands.points(one, self.axis, curve)
        return Stroke(one.letter, names[one.letter], colours[one.letter], points, bounds if band and one.seeds > 1 else ())

    def _asides(self, found: Comparison, here: str, shown: Sequence[Standing]) -> tuple[str, ...]:
        """The right end of the rule, from the fullest to the shortest."""
        seeds = {one.seeds for one in shown if one.seeds}
        most = max(seeds, default=1)
        several = any(one.letter == here and one.seeds > 1 for one in shown)
        mean = (f"mean of {most} seeds" if len(seeds) == 1 else f"mean of up to {most} seeds") if most > 1 else ""
        band = f"{mean}; band of {here}: lowest to highest" if mean and several else mean
        level = self._smoothing.get(self.curve(found), 0)
        words = [
            cutting.words(*found.cut_at) if found.cut_at else "",
            "log" if self.logarithmic and self.curve(found) != "accuracy" else "",
            f"smooth {level}" if level != SMOOTH.get(self.curve(found), 0) else "",
            f"x: {NAMES[self.axis]}",
        ]
        return tuple("   ".join(filter(None, (first, *words))) for first in dict.fromkeys((band, mean, "")))


NAMES = {"seconds": "seconds", "epoch": "epochs", "step": "steps", "samples": "samples"}


def reach(sides: Sequence[Side], axis: str) -> float:
    """Where the plans of those that go on end on this axis, in round numbers so that it keeps still; 0 where none goes on."""
    found = [0.0]
    for side in sides:
        unit, amount = side.config.budget
        done = {"epochs": side.epochs, "steps": float(side.steps), "seconds": side.seconds}.get(unit, 0.0)
        if side.status in GOING_ON and done > 0:
            here = cutting.amount_of(side, axis)
            exact = unit.startswith(axis)
            found.append(float(amount) if exact else rounded_up(here * max(amount / done, 1.0)))
    return max(found)


def why_empty(found: Comparison, curve: str, solo: str) -> tuple[str, ...]:
    """What is said where there is no curve."""
    if found.task == "mixed":
        return ("no curve is common to classification and regression", "time, size and settings stand side by side below")
    if solo:
        return (f"{solo} has no {curve} yet", "its number again shows all")
    going_on = any(side.status in store.ALIVE for side in found.sides)
    if curve == "train loss":
        return ("none of these has learned anything yet",)
    if going_on:
        return ("no validation yet", "the first comes at the end of an epoch; y shows the training loss")
    states = {side.status for side in found.sides}
    return (f"no run was validated: {', '.join(sorted(states))}", "y shows the training loss")


def state(found: Comparison) -> tuple[str, str, str]:
    """Glyph, colour and words for the status line, from the records."""
    states = [side.status for side in found.sides]
    count, done = len(states), states.count("finished")
    going_on = sum(one in store.ALIVE for one in states)
    if going_on:
        return (
            "●",
            "train",
            f"{units.count(done)} of {units.count(count)} runs finished, {going_on} {'go' if going_on > 1 else 'goes'} on",
        )
    if done == count:
        return "✓", "best", f"{units.count(count)} runs finished"
    others = ", ".join(f"{states.count(one)} {one}" for one in dict.fromkeys(states) if one != "finished")
    return "!", "warn", f"{done} of {count} runs finished, {others}"
