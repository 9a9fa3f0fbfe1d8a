"""The title line of a chart: its legend with the live figures, and the words that give way when it is narrow."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from tui_trainer.app.palette import Palette
from tui_trainer.app.widgets.rows import Line, line, width_of

SPARK = 12
"""Columns of the sparkline of the newest steps."""
NARROW = 86
"""Under this width words are shortened."""


@dataclass(frozen=True, slots=True)
class Figures:
    """What the legend says; "·" where nothing is known."""

    train: str
    """Empty where training has no such figure."""
    val: str
    best: str
    best_epoch: str = ""
    spark: str = ""
    broken: bool = False
    """The newest training value is no number."""
    also: str = ""
    """One more figure, at the end."""


def legend(figures: Figures, ink: Palette, *, best: bool, spark: int, names: bool, epoch: bool, apart: int = 2) -> Line:
    """`━ train 0.738 ▅▆▅▃  ■ val 0.862  ★ best 0.862 epoch 5`, without the words that are switched off."""
    dim = ink.ink("dim")
    spans = []
    if figures.train:
        spans = [("━ ", ink.ink("train")), ("train " if names else "", dim)]
        spans += [(figures.train, ink.ink("worse" if figures.broken else "train", bold=True))]
    if figures.spark and spark:
        spans.append((" " + figures.spark[-spark:], ink.ink("train")))
    spans += [
        (" " * apart * bool(spans) + "■ ", ink.ink("val")),
        ("val " if names else "", dim),
        (figures.val, ink.ink("val", bold=True)),
    ]
    spans += [(" " * apart + "★ ", ink.ink("best")), ("best " if best else "", dim), (figures.best, ink.ink("best", bold=True))]
    if epoch and figures.best_epoch:
        spans.append((f" {figures.best_epoch}", dim))
    if figures.also:
        spans.append((" " * apart + figures.also, ink.ink(ink.hex("bright"))))
    return line(*(span for span in spans if span[0]))


def fitting(figures: Figures, asides: list[Line], ink: Palette, title: str, width: int) -> tuple[Line, Line]:
    """The fullest legend, and what stands at the right end, that a rule of this width has room for.

    `asides` go from the fullest to the shortest. Figures never go: words, sparkline and the right end give way.
    """
    least: Line = []
    for words, aside in _variants(figures, asides, ink, width):
        taken = len(title) + 4 + width_of(words)
        if taken + 2 <= width and (not aside or taken + width_of(aside) + 5 <= width):
            return words, aside
        least = words
    return least, []


def _variants(figures: Figures, asides: list[Line], ink: Palette, width: int) -> Iterator[tuple[Line, Line]]:
    full = [legend(figures, ink, best=best, spark=SPARK, names=True, epoch=True) for best in (True, False)]
    for aside in [*asides, []]:
        for words in full if width >= NARROW else full[1:]:
            yield words, aside
    for spark, names, epoch in ((SPARK // 2, True, True), (0, True, True), (0, False, True), (0, False, False)):
        yield legend(figures, ink, best=False, spark=spark, names=names, epoch=epoch), []
    yield legend(figures, ink, best=False, spark=0, names=False, epoch=False, apart=1), []
