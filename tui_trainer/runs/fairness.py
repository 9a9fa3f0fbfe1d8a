"""Whether runs that stand side by side were given the same chances: a sentence wherever budgets, splits or machines differ."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from typing import NamedTuple

from tui_trainer import datasets, units
from tui_trainer.events import LearningRateChanged, SettingChanged
from tui_trainer.runs import remarks
from tui_trainer.runs.side import Machine, Side

MOST_CHANGES = 3
"""Changes by hand that are told of each run."""


class Remark(NamedTuple):
    kind: str
    """`task`, `data`, `split`, `budget`, `machine`, `steered`, `resumed` or `unfinished`."""
    text: str


Sides = Sequence[Side]


def fairness(sides: Sides, cut_at: tuple[str, float] | None = None) -> list[Remark]:
    """Everything that has to be known before one of these is called better than another; empty where all is equal.
    `cut_at` where they are looked at as if they had ended there."""
    rules = (_task, _data, _split, _planned, _trained, _machine, _steered, _resumed, _unfinished)
    return [remark for rule in rules for remark in rule(sides)]


def names(letters: Iterable[str]) -> str:
    """A; A and B; A, B and C; each but once"""
    letters = list(dict.fromkeys(letters))
    return " and ".join([", ".join(letters[:-1]), letters[-1]] if len(letters) > 1 else letters)


def same_data(sides: Sides) -> bool:
    """Whether all learn from the same samples, made in the same way."""
    return len({_source(side) for side in sides}) == 1


def drawn(side: Side) -> bool:
    """Whether the seed draws the validation split: the source has none of its own."""
    try:
        dataset = datasets.of(side.config)
    except datasets.DatasetError:  # a folder that is gone: most have no validation split of their own
        return True
    return not dataset.whole and not dataset.val_size


def _apart(sides: Sides, of: Callable[[Side], Hashable], said: Callable[[Side], str] | None = None) -> str:
    """`A 20, B and C 10`, each value with the runs that have it; empty where all have the same."""
    groups: dict[Hashable, list[Side]] = {}
    for side in sides:
        groups.setdefault(of(side), []).append(side)
    if len(groups) < 2:
        return ""
    tell = said or (lambda side: str(of(side)))
    return "; ".join(f"{names([side.letter for side in those])} {tell(those[0])}" for those in groups.values())


def _task(sides: Sides) -> Iterator[Remark]:
    if apart := _apart([side for side in sides if side.task], lambda side: side.task):
        yield Remark("task", f"tasks differ: {apart}: only time, size, speed and settings stand side by side")


def _source(side: Side) -> Hashable:
    return side.config.dataset, tuple(sorted(side.config.data.items())), side.config.image_size


def _data(sides: Sides) -> Iterator[Remark]:
    if apart := _apart(sides, lambda side: side.config.dataset):
        yield Remark("data", f"datasets differ: {apart}")
    elif apart := _apart(sides, _source, _own_settings):
        yield Remark("data", f"settings of the dataset differ: {apart}")


def _own_settings(side: Side) -> str:
    own = dict(side.config.data) | ({"image size": side.config.image_size} if side.config.image_size else {})
    return " ".join(f"{name} {value}" for name, value in own.items()) or "none"


def _split(sides: Sides) -> Iterator[Remark]:
    """Of runs on the same data."""
    if not same_data(sides):
        return
    by_seed = drawn(sides[0])
    if by_seed and (apart := _apart(sides, lambda side: side.config.validation, _held_out)):
        yield Remark("split", f"shares held out for validation differ: {apart}")
    elif apart := _apart([side for side in sides if side.tried], lambda side: side.tried, lambda side: units.count(side.tried)):
        yield Remark("split", f"validation splits differ in size: {apart}")
    if by_seed and (apart := _apart(sides, lambda side: side.config.seed, lambda side: f"seed {side.config.seed}")):
        yield Remark("split", f"the seed draws the validation split, so each seed is tried on other samples: {apart}")


def _held_out(side: Side) -> str:
    return units.percent(side.config.validation)


def _planned(sides: Sides) -> Iterator[Remark]:
    if apart := _apart(sides, lambda side: side.config.budget, _budget):
        yield Remark("budget", f"budgets differ: {apart}")


def _budget(side: Side) -> str:
    unit, amount = side.config.budget
    return units.duration(amount) if unit == "seconds" else _counted(round(amount), unit)


def _counted(amount: float, unit: str) -> str:
    """`1 epoch`, `2.5 epochs`, `10 000 steps`"""
    shown = units.count(round(amount)) if amount == round(amount) else f"{amount:g}"
    return f"{shown} {unit[:-1] if amount == 1 else unit}"


TRAINED: tuple[tuple[str, float, Callable[[Side], float], Callable[[Side], str]], ...] = (
    ("epochs trained", 0.01, lambda side: side.epochs, lambda side: f"{round(side.epochs, 1):g}"),
    ("steps", 0.01, lambda side: side.steps, lambda side: units.count(side.steps)),
    ("samples seen", 0.01, lambda side: side.samples, lambda side: units.count(side.samples)),
    ("times of training", 0.1, lambda side: side.seconds, lambda side: units.duration(side.seconds)),
)
"""What is counted, which part of it may be apart, and how it is said."""


def _trained(sides: Sides) -> Iterator[Remark]:
    """What they really had."""
    begun = [side for side in sides if side.steps]
    for name, about, of, said in TRAINED:
        amounts = [of(side) for side in begun]
        if begun and max(amounts) > (1 + about) * min(amounts) and (apart := _apart(begun, said, said)):
            yield Remark("budget", f"{name} differ: {apart}")


MACHINE: tuple[tuple[str, Callable[[Machine], Hashable], Callable[[Machine], str]], ...] = (
    ("machines differ", lambda one: one.host, lambda one: f"on {units.plain(one.host)}"),
    ("devices differ", lambda one: (one.device, one.device_name), lambda one: f"{one.device} ({units.plain(one.device_name)})"),
    ("threads differ", lambda one: one.threads, lambda one: str(one.threads)),
    ("precisions differ", lambda one: one.precision, lambda one: one.precision),
    ("versions of torch differ", lambda one: one.torch, lambda one: one.torch),
)


def _machine(sides: Sides) -> Iterator[Remark]:
    begun = [side for side in sides if side.task]
    for name, of, said in MACHINE:
        known = [side for side in begun if of(side.machine)]

        def value(side: Side, of: Callable[[Machine], Hashable] = of) -> Hashable:
            return of(side.machine)

        def words(side: Side, said: Callable[[Machine], str] = said) -> str:
            return said(side.machine)

        if apart := _apart(known, value, words):
            yield Remark("machine", f"{name}: {apart}")


def _steered(sides: Sides) -> Iterator[Remark]:
    for side in sides:
        if side.changes:
            told = [_change(one) for one in side.changes[:MOST_CHANGES]]
            more = len(side.changes) - len(told)
            rest = f", and {more} more" if more else ""
            yield Remark("steered", f"{side.letter} was steered by hand: {', '.join(told)}{rest}")


def _change(one: LearningRateChanged | SettingChanged) -> str:
    if isinstance(one, LearningRateChanged):
        return f"rate {units.lr(one.old)} → {units.lr(one.new)} at step {units.count(one.step)}"
    return f"{remarks.change(one)} at step {units.count(one.step)}"


def _resumed(sides: Sides) -> Iterator[Remark]:
    for side in sides:
        if side.resumed:
            times = {1: "once", 2: "twice"}.get(side.resumed, f"{side.resumed} times")
            yield Remark("resumed", f"{side.letter} went on from a checkpoint {times}")


def _unfinished(sides: Sides) -> Iterator[Remark]:
    for side in sides:
        if side.finished:
            continue
        if not side.steps:
            yield Remark("unfinished", f"{side.letter} is {side.status}, and has learned nothing yet")
            continue
        where = f"{_counted(round(side.epochs, 1), 'epochs')}, {_counted(side.steps, 'steps')}"
        yield Remark("unfinished", f"{side.letter} is not finished but {side.status}, after {where} of {_budget(side)}")
