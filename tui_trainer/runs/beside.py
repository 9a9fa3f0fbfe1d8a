"""What was published beside what was measured: one line for each figure of a sweep, as numbers and as words."""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from tui_trainer import units
from tui_trainer.runs.outcome import Outcome
from tui_trainer.sweeps import Entry, Sweep

MINUS = "−"
PUBLISHED_DIGITS = 3
"""Decimals of a published share: what is over a bound by less is not over it."""
ALIASES = {"plane": "airplane", "aeroplane": "airplane", "car": "automobile", "auto": "automobile"}
"""Names under which the same class goes elsewhere."""

SHOWN = {
    "test_accuracy": "test",
    "val_accuracy": "validation",
    "best_val_accuracy": "best validation",
    "target": "target, validation",
    "loss": "loss",
}

Figure = Callable[[Outcome], float | None]


@dataclass(frozen=True, slots=True)
class Beside:
    """One figure of one entry."""

    label: str
    figure: str
    published: float | None
    """None where the source says nothing: then there is only what was measured."""
    measured: tuple[float, ...]
    """One for each run that has come to it."""
    share: bool = True
    """Whether it is a share from 0 to 1, to be said in percent, its difference in points."""
    at_most: bool = False
    """Whether the published one is a bound."""

    @property
    def mean(self) -> float | None:
        return statistics.fmean(self.measured) if self.measured else None

    @property
    def spread(self) -> float | None:
        """Deviation from run to run; None with fewer than two, or where one of them diverged."""
        several = len(self.measured) > 1 and all(map(math.isfinite, self.measured))
        return statistics.stdev(self.measured) if several else None

    @property
    def apart(self) -> float | None:
        """Measured minus published."""
        return None if self.mean is None or self.published is None else self.mean - self.published

    @property
    def holds(self) -> bool | None:
        """Whether a bound or a target was kept; None where it is neither, or nothing was measured."""
        if not self.measured or self.published is None:
            return None
        if self.at_most:
            return round(max(self.measured), PUBLISHED_DIGITS) <= self.published
        return (self.mean or 0.0) >= self.published if self.figure == SHOWN["target"] else None

    def cells(self) -> tuple[str, str, str]:
        """Published, measured and the difference, in words."""
        published = units.UNKNOWN if self.published is None else ("≤ " if self.at_most else "") + self._said(self.published)
        return published, self._measured(), self._apart()

    def _measured(self) -> str:
        if self.mean is None:
            return units.UNKNOWN
        if self.spread is None or not self.share:
            return self._said(self.mean)
        return f"{units.tenths(self.mean)} ± {units.tenths(self.spread)} %"

    def _apart(self) -> str:
        if self.apart is None:
            return ""
        sign = {True: " ✓", False: " ✕", None: ""}[self.holds]
        return (signed(100 * self.apart, 1) if self.share else signed(self.apart, 3)) + sign

    def _said(self, value: float) -> str:
        return units.percent(value) if self.share else f"{value:.4g}".replace("-", MINUS)


def signed(value: float, digits: int) -> str:
    """+0.8, −1.2, and 0.0 without a sign."""
    text = f"{abs(value):.{digits}f}"
    return text if not float(text) else ("+" if value > 0 else MINUS) + text


def figures(entry: Entry, outcomes: Sequence[Outcome]) -> list[Beside]:
    """The accuracies and losses of an entry; where nothing was published, what such a run comes to."""
    told = entry.published
    shares: dict[str, Figure] = {
        "test_accuracy": lambda one: one.highest if told.at_most else one.test_accuracy,
        "val_accuracy": lambda one: one.val_accuracy,
        "best_val_accuracy": lambda one: one.best_val_accuracy,
        "target": lambda one: one.best_val_accuracy,
    }
    lines = [
        Beside(entry.label, SHOWN[name], value, _of(outcomes, figure), at_most=told.at_most and name != "target")
        for name, figure in shares.items()
        if (value := getattr(told, name)) is not None
    ]
    if told.loss is not None:
        lines.append(Beside(entry.label, SHOWN["loss"], told.loss, _of(outcomes, lambda one: one.loss), share=False))
    return lines or _unpublished(entry, outcomes)


def _unpublished(entry: Entry, outcomes: Sequence[Outcome]) -> list[Beside]:
    """What an entry comes to of which nothing is known: its accuracies, or its loss where it has none."""
    if entry.published.steps or entry.published.parameters:
        return []
    if outcomes and all(one.highest is None for one in outcomes):
        return [Beside(entry.label, SHOWN["loss"], None, _of(outcomes, lambda one: one.loss), share=False)]
    return [
        Beside(entry.label, "test", None, _of(outcomes, lambda one: one.test_accuracy)),
        Beside(entry.label, "best validation", None, _of(outcomes, lambda one: one.best_val_accuracy)),
    ]


def parameters(entry: Entry, outcomes: Sequence[Outcome]) -> list[Beside]:
    """Parameters at the end."""
    return [
        Beside(entry.label, name, value, _values(one.parameters.get(name) for one in outcomes), share=False)
        for name, value in entry.published.parameters.items()
    ]


def steps(entry: Entry, outcomes: Sequence[Outcome]) -> list[Beside]:
    """The parameter that is farthest from what was published, after each step that was."""
    return [
        Beside(entry.label, f"step {step}", value, _values(_farthest(one.steps.get(step), value) for one in outcomes), share=False)
        for step, value in enumerate(entry.published.steps, 1)
        if not math.isnan(value)
    ]


def _farthest(values: Iterable[float] | None, value: float) -> float | None:
    return max(values or (), key=lambda one: abs(one - value), default=None)


def classes(entry: Entry, outcomes: Sequence[Outcome]) -> list[Beside]:
    """Every class of which a figure was published, whatever it is called in the data."""
    return [
        Beside(entry.label, name, share, _values(named(one.classes, name) for one in outcomes))
        for name, share in entry.published.classes.items()
    ]


def named(found: Mapping[str, float], name: str) -> float | None:
    """The figure of a class by its name, or by one that means the same."""
    wanted = _meaning(name)
    return next((share for one, share in found.items() if _meaning(one) == wanted), None)


def _meaning(name: str) -> str:
    plain = "".join(letter for letter in name.casefold() if letter not in " _-")
    return ALIASES.get(plain, plain)


def _of(outcomes: Iterable[Outcome], figure: Figure) -> tuple[float, ...]:
    """This figure of every run that has come to it."""
    return _values(map(figure, outcomes))


def _values(found: Iterable[float | None]) -> tuple[float, ...]:
    return tuple(one for one in found if one is not None)


def widest(sweep: Sweep, found: Mapping[str, Sequence[Outcome]]) -> float | None:
    """The largest difference of an accuracy from what was published, as a share; None where nothing can be compared."""
    lines = [line for entry in sweep.entries for line in figures(entry, found.get(entry.label, ()))]
    gaps = [abs(line.apart) for line in lines if line.share and line.apart is not None and line.holds is None]
    return max(gaps, default=None)
