"""Figures of a confusion matrix, held against scikit-learn's."""

from __future__ import annotations

import random

import pytest

from tui_trainer.runs import figures


@pytest.mark.parametrize("seed", range(8))
def test_the_figures_are_those_of_scikit_learn(seed: int) -> None:
    metrics = pytest.importorskip("sklearn.metrics")
    chance = random.Random(seed)
    classes = chance.choice((2, 3, 10))
    true = [chance.randrange(classes) for _ in range(300)]
    taken_for = [one if chance.random() < 0.7 else chance.randrange(max(classes - 1, 1)) for one in true]
    labels = list(range(classes + (seed % 2)))  # every other time with a class that never occurs
    matrix = metrics.confusion_matrix(true, taken_for, labels=labels).tolist()
    found = figures.per_class(matrix)
    precision, recall, f1, support = metrics.precision_recall_fscore_support(true, taken_for, labels=labels, zero_division=0)
    assert [one.found for one in found] == pytest.approx(recall)
    assert [one.right for one in found] == pytest.approx(precision)
    assert [one.f1 for one in found] == pytest.approx(f1)
    assert [one.support for one in found] == list(support)
    assert figures.accuracy(matrix) == pytest.approx(metrics.accuracy_score(true, taken_for))
    expected = metrics.precision_recall_fscore_support(true, taken_for, labels=labels, average="macro", zero_division=0)
    macro = figures.macro(matrix)
    assert (macro.right, macro.found, macro.f1) == pytest.approx(expected[:3])


def test_the_most_confused_pairs_come_first() -> None:
    matrix = [[10, 2, 0], [7, 5, 1], [0, 0, 3]]
    assert figures.confused(matrix) == [(1, 0, 7, 13), (0, 1, 2, 12), (1, 2, 1, 13)]
    assert figures.confused(matrix, most=1) == [(1, 0, 7, 13)]


def test_an_empty_matrix_divides_by_nothing() -> None:
    assert figures.accuracy([]) == 0.0
    assert figures.per_class([[0, 0], [0, 0]]) == [(0, 0.0, 0.0, 0.0)] * 2
    assert figures.macro([]) == (0, 0.0, 0.0, 0.0)
