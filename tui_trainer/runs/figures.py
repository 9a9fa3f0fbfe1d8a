"""What a confusion matrix tells, as plain functions of it: rows are the true classes, columns what they were taken for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

Matrix = Sequence[Sequence[int]]


class ClassFigures(NamedTuple):
    """One class. Where nothing can be divided, as for a class that was never guessed, the share is 0."""

    support: int
    """Samples that are of this class."""
    found: float
    """Share of them that were found: recall."""
    right: float
    """Share of what was taken for this class that is of it: precision."""
    f1: float
    """Harmonic mean of the two."""


class Pair(NamedTuple):
    """One class taken for another."""

    true: int
    taken_for: int
    count: int  # type: ignore[assignment]  # hides a method of tuples, which nobody calls here
    of: int
    """Samples of the true class."""


def per_class(matrix: Matrix) -> list[ClassFigures]:
    """The figures of every class, in its own order."""
    taken = [sum(column) for column in zip(*matrix, strict=True)]
    return [_figures(row[index], sum(row), taken[index]) for index, row in enumerate(matrix)]


def accuracy(matrix: Matrix) -> float:
    """Share of all samples that were told rightly."""
    return _share(sum(row[index] for index, row in enumerate(matrix)), sum(map(sum, matrix)))


def macro(matrix: Matrix) -> ClassFigures:
    """The plain mean over all classes, with the support of all of them."""
    classes = per_class(matrix)
    found, right, f1 = (_share(sum(one[at] for one in classes), len(classes)) for at in (1, 2, 3))
    return ClassFigures(sum(one.support for one in classes), found, right, f1)


def confused(matrix: Matrix, most: int = 10) -> list[Pair]:
    """The pairs that were mistaken most often, most first."""
    pairs = [
        Pair(true, taken_for, count, of)
        for true, row in enumerate(matrix)
        for of in (sum(row),)
        for taken_for, count in enumerate(row)
        if count and true != taken_for
    ]
    return sorted(pairs, key=lambda pair: -pair.count)[:most]


def _figures(hits: int, support: int, taken: int) -> ClassFigures:
    return ClassFigures(support, _share(hits, support), _share(hits, taken), _share(2 * hits, support + taken))


def _share(part: float, whole: float) -> float:
    return part / whole if whole else 0.0
