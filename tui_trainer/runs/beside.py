"""What was published beside what was measured: one line for each figure of a sweep, as numbers and as words."""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from tui_trainer import units
from tui_trainer.runs.outcome import Outcome
from tui_trainer.sweeps import Entry, Published, Sweep

MINUS = "−"
ALIASES = {
    "plane": "airplane",
    "aeroplane": "airplane",
    "car": "automobile",
    "auto": "automobile",
    "bike": "bicycle",
    "motorbike": "motorcycle",
    "shirt/blouse": "shirt",
    "t-shirt/top": "tshirt",
    "t-shirt": "tshirt",
}
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
        """Deviation from run to run; None with fewer than two."""
        return statistics.stdev(self.measured) if len(self.measured) > 1 else None

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
            return max(self.measured) <= self.published
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
        return (signed(100 * self.apart, 1) if self.share else signed(self.apart, 4)) + sign

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
        Beside(entry.label, SHOWN[name], value, of(outcomes, figure), at_most=told.at_most and name != "target")
        for name, figure in shares.items()
        if (value := getattr(told, name)) is not None
    ]
    if told.loss is not None:
        lines.append(Beside(entry.label, SHOWN["loss"], told.loss, of(outcomes, lambda one: one.loss), share=False))
    return lines or _unpublished(entry, outcomes, told)


def _unpublished(entry: Entry, outcomes: Sequence[Outcome], told: Published) -> list[Beside]:
    if any(one.test_accuracy is not None for one in outcomes) or not any(one.loss is not None for one in outcomes):
        if told.steps or told.parameters:
            return []
        names: dict[str, Figure] = {"test": lambda one: one.test_accuracy, "best validation": lambda one: one.best_val_accuracy}
        return [Beside(entry.label, name, None, of(outcomes, figure)) for name, figure in names.items()]
    return [Beside(entry.label, SHOWN["loss"], None, of(outcomes, lambda one: one.loss), share=False)]


def parameters(entry: Entry, outcomes: Sequence[Outcome]) -> list[Beside]:
    """Parameters at the end."""
    return [
        Beside(entry.label, name, value, of(outcomes, lambda one, name=name: one.parameters.get(name)), share=False)  # type: ignore[misc]  # mypy cannot infer a lambda with a default
        for name, value in entry.published.parameters.items()
    ]


def steps(entry: Entry, outcomes: Sequence[Outcome]) -> list[Beside]:
    """The parameter that is farthest from what was published, after each step that was."""
    lines = []
    for step, value in enumerate(entry.published.steps, 1):
        if math.isnan(value):
            continue
        found = [max(seen, key=lambda one, value=value: abs(one - value)) for one in outcomes if (seen := one.steps.get(step))]  # type: ignore[misc]  # as above
        lines.append(Beside(entry.label, f"step {step}", value, tuple(found), share=False))
    return lines


def classes(entry: Entry, outcomes: Sequence[Outcome]) -> list[Beside]:
    """Every class of which a figure was published, whatever it is called in the data."""
    lines = []
    for name, share in entry.published.classes.items():
        measured = tuple(found for one in outcomes if (found := named(one.classes, name)) is not None)
        lines.append(Beside(entry.label, name, share, measured))
    return lines


def named(found: Mapping[str, float], name: str) -> float | None:
    """The figure of a class by its name, or by one that means the same."""
    wanted = _meaning(name)
    return next((share for one, share in found.items() if _meaning(one) == wanted), None)


def _meaning(name: str) -> str:
    plain = "".join(letter for letter in name.casefold().strip() if letter not in " _-")
    return ALIASES.get(name.casefold().strip(), ALIASES.get(plain, plain))


def of(outcomes: Iterable[Outcome], figure: Figure) -> tuple[float, ...]:
    """This figure of every run that has come to it."""
    return tuple(value for one in outcomes if (value := figure(one)) is not None)


def widest(sweep: Sweep, found: Mapping[str, Sequence[Outcome]]) -> float | None:
    """The largest difference of an accuracy from what was published, as a share; None where nothing can be compared."""
    lines = [line for entry in sweep.entries for line in figures(entry, found.get(entry.label, ()))]
    gaps = [abs(line.apart) for line in lines if line.share and line.apart is not None and line.holds is None]
    return max(gaps, default=None)
