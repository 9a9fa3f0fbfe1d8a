"""Columns of the leaderboard, their order and their best."""

from __future__ import annotations

import compared
from tui_trainer.app.widgets.board_columns import Column, columns, leaders, ordered
from tui_trainer.runs import compare
from tui_trainer.runs.compare import Comparison
from tui_trainer.runs.standings import Standing


def three() -> Comparison:
    runs = [
        compared.ran([0.5, 0.9], test=0.88, took=4.0),
        compared.ran([0.5, 0.6], test=0.59, preset="mlp"),
        compared.ran([0.7, 0.85], test=0.9, preset="cnn", took=2.0),
    ]
    return compare.read(runs)


def column(found: Comparison, name: str) -> Column:
    return next(one for one in columns(found) if one.name == name)


def names(rows: list[Standing]) -> list[str]:
    return [one.label for one in rows]


def test_classification_is_ranked_by_accuracy_and_regression_by_loss() -> None:
    found = three()
    shown = [one.name for one in columns(found)]
    assert {"best val", "test", "parameters", "an epoch", "gap", "worst class"} <= set(shown)
    assert "± seeds" not in shown
    assert "state" not in shown
    losses = compare.read([compared.fitted([0.5, 0.2], lr=lr, seed=seed) for lr in (0.1, 0.2) for seed in (1, 2)])
    shown = [one.name for one in columns(losses)]
    assert {"best loss", "± seeds", "MAE", "test MAE"} <= set(shown)
    assert not {"best val", "gap", "worst class"} & set(shown)


def test_sorting_either_way_keeps_what_is_unknown_last() -> None:
    found = compare.read(
        [compared.ran([0.5], test=0.5), compared.ran([0.7], preset="cnn"), compared.ran([0.6], test=0.6, preset="mlp")]
    )
    test = column(found, "test")
    assert names(ordered(found.standings, test, falling=True)) == ["mlp", "linear", "cnn"]
    assert names(ordered(found.standings, test, falling=False)) == ["linear", "mlp", "cnn"]
    assert ordered(found.standings, None, falling=True) == list(found.standings)


def test_the_best_of_a_column_is_the_least_where_less_is_better() -> None:
    found = three()
    rows = list(found.standings)
    best, seconds = leaders(rows, column(found, "best val")), leaders(rows, column(found, "an epoch"))
    assert [rows[at].label for at in best] == ["linear"]
    assert [rows[at].label for at in seconds] == ["mlp"]
    assert leaders(rows, column(found, "preset")) == set()
    assert leaders(rows, column(found, "parameters")) == set()  # all the same: none is ahead


def test_what_never_came_to_a_figure_is_not_the_best_by_having_cost_little() -> None:
    found = compare.read([compared.ran([0.9], took=9.0), compared.ran([0.8], preset="cnn", took=5.0), compared.begun(preset="mlp")])
    rows = list(found.standings)
    assert [rows[at].label for at in leaders(rows, column(found, "an epoch"))] == ["cnn"]


def test_a_level_that_was_not_reached_says_never() -> None:
    found = three()
    assert found.level is not None
    texts = {one.label: column(found, f"to {found.level} %").text(one) for one in found.standings}
    assert texts["mlp"] == "never"
    assert texts["cnn"] == "4.0 s"
