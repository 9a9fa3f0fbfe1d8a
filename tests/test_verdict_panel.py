"""Verdicts in sentences, and what is not fair about them."""

from __future__ import annotations

import compared
from tui_trainer.app.widgets.verdict_panel import sentences
from tui_trainer.runs import compare


def test_what_decides_comes_first_then_what_is_unfair_and_how_it_was_tested_last() -> None:
    runs = [
        compared.ran([0.5, 0.6 + seed / 100, top + seed / 50][: 3 if preset != "mlp" else 2], seed=seed, preset=preset)
        for preset, top in (("linear", 0.6), ("cnn", 0.9), ("mlp", 0.7))
        for seed in (1, 2)
    ]
    found = compare.read(runs)
    said = sentences(found)
    assert said[0][0].startswith("B leads A by")
    assert said[-1] == (found.method, "dim")
    colours = [colour for _, colour in said]
    assert colours.count("warn") == len(found.remarks) > 0
    assert colours.index("warn") < colours.index("dim")
    assert all(text.startswith("! ") for text, colour in said if colour == "warn")


def test_means_that_stand_on_the_leaderboard_are_left_out_and_the_numbers_of_the_test_are_not() -> None:
    runs = [compared.ran([top + seed / 100], seed=seed, lr=top) for top in (0.5, 0.8) for seed in (1, 2, 3)]
    found = compare.read(runs)
    text = sentences(found)[0][0]
    assert "3 seeds" in found.judged[0].text
    assert "3 seeds" not in text
    assert "Welch's t-test: t = " in text


def test_where_nothing_is_judged_it_says_why() -> None:
    found = compare.read([compared.begun(), compared.begun(preset="cnn")])
    assert sentences(found)[0] == ("no verdict: fewer than two settings have a figure", "text")
