"""Whether runs that stand side by side were given the same chances: a sentence wherever budgets, splits or machines differ."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple, TypeVar

from tui_trainer import datasets, units
from tui_trainer.events import LearningRateChanged, SettingChanged
from tui_trainer.runs import remarks
from tui_trainer.runs.side import Machine, Side

MOST_CHANGES = 3
"""Changes by hand that are told of each run."""


class Remark(NamedTuple):
    kind: str
    """`task`, `data`, `split`, `seeds`, `preset`, `budget`, `machine`, `steered`, `resumed` or `unfinished`."""
    text: str


Sides = Sequence[Side]
Rule = Callable[[Sides], Iterator[Remark]]
Value = TypeVar("Value", bound=Hashable)


def fairness(sides: Sides, cut_at: tuple[str, float] | None = None) -> list[Remark]:
    """Everything that has to be known before one of these is called better than another; empty where all is equal.
    `cut_at` where they are looked at as if they had ended there."""
    first: tuple[Rule, ...] = (_task, _data, _split, _edited)
    last: tuple[Rule, ...] = (_trained, _machine, _steered, _resumed, _unfinished)
    planned = list(_planned(sides, cut_at))
    return [*(one for rule in first for one in rule(sides)), *planned, *(one for rule in last for one in rule(sides))]


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


def _grouped(values: Mapping[str, Value], said: Callable[[Value], str]) -> str:
    """The same of one value a letter."""
    groups: dict[Value, list[str]] = {}
    for letter, value in values.items():
        groups.setdefault(value, []).append(letter)
    return "; ".join(f"{names(letters)} {said(value)}" for value, letters in groups.items())


def lettered(sides: Sides) -> dict[str, list[Side]]:
    """Those of each letter, in the order of the first of each."""
    found: dict[str, list[Side]] = {}
    for side in sides:
        found.setdefault(side.letter, []).append(side)
    return found


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
    seeds = {letter: tuple(sorted({side.config.seed for side in those})) for letter, those in lettered(sides).items()}
    if len(set(seeds.values())) < 2:
        return
    if by_seed:
        apart = _grouped(seeds, _seeds)
        yield Remark("split", f"the seed draws the validation split, so each seed is tried on other samples: {apart}")
    elif any(len(one) > 1 for one in seeds.values()):
        yield Remark("seeds", f"seeds differ: {_grouped(seeds, _seeds)}")


def _seeds(seeds: Sequence[int]) -> str:
    """`seed 3`, `seeds 0, 1 and 2`"""
    return f"seed{'s' * (len(seeds) > 1)} {names(map(str, seeds))}"


def _edited(sides: Sides) -> Iterator[Remark]:
    """A sweep that was gone on with after its preset was edited has runs of several nets under one letter."""
    for those in lettered(sides).values():
        newest = max(those, key=lambda side: side.run.name)
        if others := [side for side in those if side.preset_text != newest.preset_text]:
            yield Remark("preset", f"{_who(others, sides)} had another text of the preset file than the newest run of the setting")


def _held_out(side: Side) -> str:
    return units.percent(side.config.validation)


def _planned(sides: Sides, cut_at: tuple[str, float] | None = None) -> Iterator[Remark]:
    """Runs that are looked at as if they had ended at the same place had a budget each all the same, and a schedule for it."""
    apart = _apart(sides, lambda side: side.config.budget, _budget)
    if apart and not cut_at:
        yield Remark("budget", f"budgets differ: {apart}")
    elif apart and any(side.config.schedule != "constant" for side in sides):
        yield Remark("budget", f"rates followed schedules for whole budgets, not for the cut: {apart}")


def _budget(side: Side) -> str:
    unit, amount = side.config.budget
    return units.duration(amount) if unit == "seconds" else _counted(round(amount), unit)


def _counted(amount: float, unit: str) -> str:
    """`1 epoch`, `2.5 epochs`, `10 000 steps`"""
    shown = units.count(round(amount)) if amount == round(amount) else f"{amount:g}"
    return f"{shown} {unit[:-1] if amount == 1 else unit}"


TRAINED: tuple[tuple[str, float, Callable[[Side], float], Callable[[float], str]], ...] = (
    ("epochs trained", 0.01, lambda side: side.epochs, lambda amount: f"{round(amount, 1):g}"),
    ("steps", 0.01, lambda side: side.steps, lambda amount: units.count(round(amount))),
    ("samples seen", 0.01, lambda side: side.samples, lambda amount: units.count(round(amount))),
    ("times of training", 0.1, lambda side: side.seconds, units.moment),
)
"""What is counted, which part of it may be apart, and how it is said."""


def _trained(sides: Sides) -> Iterator[Remark]:
    """What they really had: of a setting the mean over its runs, the finished ones where there are any."""
    begun = lettered([side for side in sides if side.steps])
    counting = {letter: [side for side in those if side.finished] or those for letter, those in begun.items()}
    for name, about, of, said in TRAINED:
        amounts = {letter: statistics.fmean(map(of, those)) for letter, those in counting.items()}
        shown = {letter: said(amount) for letter, amount in amounts.items()}
        if amounts and max(amounts.values()) > (1 + about) * min(amounts.values()) and len(set(shown.values())) > 1:
            yield Remark("budget", f"{name} differ: {_grouped(shown, str)}")


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
    told: dict[str, list[Side]] = {}
    for side in sides:
        if side.changes:
            changes = [_change(one) for one in side.changes[:MOST_CHANGES]]
            more = len(side.changes) - len(changes)
            rest = f", and {more} more" if more else ""
            told.setdefault(f"{side.letter}\n was steered by hand: {', '.join(changes)}{rest}", []).append(side)
    for text, those in told.items():
        yield Remark("steered", _who(those, sides) + text.partition("\n")[2])


def _change(one: LearningRateChanged | SettingChanged) -> str:
    if isinstance(one, LearningRateChanged):
        return f"rate {units.lr(one.old)} → {units.lr(one.new)} at step {units.count(one.step)}"
    return f"{remarks.change(one)} at step {units.count(one.step)}"


def _resumed(sides: Sides) -> Iterator[Remark]:
    for those in lettered([side for side in sides if side.resumed]).values():
        most = max(side.resumed for side in those)
        times = {1: "once", 2: "twice"}.get(most, f"{most} times")
        yield Remark("resumed", f"{_who(those, sides)} went on from a checkpoint {'up to ' * (len(those) > 1 and most > 1)}{times}")


def _who(those: Sides, sides: Sides) -> str:
    """`A`; `A (run 7f3a)` and `A (2 of its 3 runs)` where others of that letter are left out."""
    letter = those[0].letter
    every = [side for side in sides if side.letter == letter]
    if len(those) == len(every):
        return letter
    return f"{letter} (run {those[0].run.id})" if len(those) == 1 else f"{letter} ({len(those)} of its {len(every)} runs)"


def _unfinished(sides: Sides) -> Iterator[Remark]:
    for letter, those in lettered(sides).items():
        if len(those) > 1:
            yield from _uncounted(letter, those)
            continue
        (side,) = those
        if side.finished:
            continue
        if not side.steps:
            yield Remark("unfinished", f"{letter} is {side.status}, and has learned nothing yet")
            continue
        where = f"{_counted(round(side.epochs, 1), 'epochs')}, {_counted(side.steps, 'steps')}"
        yield Remark("unfinished", f"{letter} is not finished but {side.status}, after {where} of {_budget(side)}")


def _uncounted(letter: str, those: Sides) -> Iterator[Remark]:
    """Of a setting with several runs: those that its means leave out, which may be why it stands well."""
    counting = [side for side in those if side.finished and side.score is not None]
    left = Counter(
        "without a finite figure" if side.finished else side.status for side in those if not any(side is one for one in counting)
    )
    said = names([f"{many} {one}" for one, many in left.items()])
    if left and counting:
        yield Remark("unfinished", f"{letter} counts {len(counting)} of its {len(those)} runs: {said}")
    elif left:
        yield Remark("unfinished", f"{letter} has no run that finished with a figure: {said}")
