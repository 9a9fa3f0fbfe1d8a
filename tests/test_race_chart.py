"""The curves of a race: names at their ends, in their order, told apart where they are cut, and patterns without colours."""

from __future__ import annotations

import math
from dataclasses import replace

from tui_trainer.app.widgets.braille import Grid
from tui_trainer.app.widgets.race_chart import RaceChartView, RacedCurve, apart, draw_curves, scale_of
from tui_trainer.app.widgets.span import Span

COLOURS = ("train", "val", "run-c", "run-d")


def curves(*ends: float) -> tuple[RacedCurve, ...]:
    return tuple(
        RacedCurve(f"net{at}", COLOURS[at], ((1.0, 0.2), (5.0, (0.2 + end) / 2), (8.0, end))) for at, end in enumerate(ends)
    )


def drawn(shown: tuple[RacedCurve, ...], rows: int = 10, *, plain: bool = False) -> list[str]:
    view = RaceChartView(curves=shown, end=10.0)
    scale = scale_of(view, rows)
    assert scale is not None
    grid = Grid(60, rows, [one.colour for one in shown] * 2)
    draw_curves(grid, shown, scale, Span("seconds", 10.0, 50), 8, plain=plain)
    return ["".join(text for text, _, _ in grid.runs(row)) for row in range(rows)]


def rows_of(text: list[str], *names: str) -> list[int]:
    return [next(at for at, row in enumerate(text) if name in row) for name in names]


def test_each_curve_ends_with_its_name_in_the_order_of_the_ends() -> None:
    text = drawn(curves(0.5, 0.9, 0.7))
    assert rows_of(text, "net1", "net2", "net0") == sorted(rows_of(text, "net0", "net1", "net2"))


def test_names_of_ends_that_meet_lie_below_each_other() -> None:
    text = drawn(curves(0.9, 0.9, 0.89, 0.88))
    assert len(set(rows_of(text, "net0", "net1", "net2", "net3"))) == 4
    few = drawn(curves(0.9, 0.9, 0.89, 0.88), rows=4)
    assert len(set(rows_of(few, "net0", "net1", "net2", "net3"))) == 4


def test_without_colours_each_has_its_own_rhythm() -> None:
    a, b = curves(0.9, 0.9)
    alone = [drawn((a, replace(b, points=())), plain=True), drawn((replace(a, points=()), b), plain=True)]
    dots = ["".join(one for row in text for one in row if ord(one) > 0x2800) for text in alone]
    assert sum((ord(one) - 0x2800).bit_count() for one in dots[1]) < sum((ord(one) - 0x2800).bit_count() for one in dots[0])


def test_what_is_not_finite_is_left_out() -> None:
    broken = (RacedCurve("net0", "train", ((1.0, 0.5), (2.0, math.nan), (3.0, 0.7))),)
    assert "net0" in "".join(drawn(broken))
    assert scale_of(RaceChartView(curves=(RacedCurve("a", "train", ((1.0, math.inf),)),)), 8) is None


def test_losses_have_a_log_scale() -> None:
    losses = (RacedCurve("a", "train", ((1.0, 2.0), (2.0, 0.002))),)
    scale = scale_of(RaceChartView(curves=losses, percent=False), 8)
    assert scale is not None
    assert scale.log


def test_cut_names_say_what_they_differ_in() -> None:
    names = ["a very long name lr 1e-3", "a very long name lr 1e-2", "short"]
    assert apart(names, 10) == ["…1e-3", "…1e-2", "short"]
    assert apart(["cnn", "mlp"], 10) == ["cnn", "mlp"]
    long = apart(["x" * 40 + "a", "x" * 40 + "b"], 10)
    assert len(set(long)) == 2
    assert all(len(one) <= 10 for one in long)
