"""What is drawn of runs without pictures: the fitted curve, the table of parameters, the figures of the fit, the regions."""

from __future__ import annotations

import base64
import math
from collections.abc import Callable
from dataclasses import replace

import pytest

import fitted
from stage import drawn, staged, style_of
from tui_trainer.app.views.fit_card import FitCard
from tui_trainer.app.views.fitted_curve import FittedCurve, misses
from tui_trainer.app.views.learned import views_of
from tui_trainer.app.views.parameters import ParameterTable
from tui_trainer.app.views.regions import Regions
from tui_trainer.app.widgets.panel import Panel
from tui_trainer.events import Probed
from tui_trainer.runs.history import History
from tui_trainer.runs.trail import Trail


def folded(*events: object) -> History:
    history = History()
    history.extend(events)  # type: ignore[arg-type]  # each is an event
    return history


def dots(row: str) -> list[int]:
    """The columns of a row of a chart that hold braille."""
    return [at for at, character in enumerate(row[6:]) if 0x2800 < ord(character) < 0x2900]


def counted(panel: Panel, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """One number for each time that the panel makes its lines."""
    drew: list[int] = []
    lines: Callable[[int, int], object] = panel.lines
    monkeypatch.setattr(panel, "lines", lambda width, height: drew.append(1) or lines(width, height))
    return drew


# ---- the curve -----------------------------------------------------------------------------------------------


async def test_the_curve_rises_and_falls_where_the_prediction_does() -> None:
    curve = FittedCurve()
    async with staged(curve, 60, 16):
        curve.show(fitted.curve(10, 1.0))
        rows = drawn(curve)
        assert rows[0].startswith("─ Fitted curve  ━ predicted")
        top, bottom = dots(rows[1]), dots(rows[13])
        assert max(top) < 30 < min(bottom)
        assert " 1.0 ┤" in rows[1]
        assert "−1.0 ┤" in rows[13]
        assert rows[-1].split() == ["x", "0", "1", "2", "3", "4", "5", "6"]


async def test_samples_are_seen_where_the_curve_is_not() -> None:
    curve = FittedCurve()
    async with staged(curve, 60, 16):
        curve.show(fitted.curve(10, 0.0))
        assert style_of(curve, "samples").color is not None
        assert len(dots(drawn(curve)[1])) > 2  # the crest of the samples, far above a prediction of 0


async def test_a_prediction_past_the_targets_is_marked_at_the_edge_and_the_axis_stays_with_the_targets() -> None:
    curve = FittedCurve()
    async with staged(curve, 60, 16):
        curve.show(fitted.curve(10, 50.0))
        rows = drawn(curve)
        assert "▲" in rows[1]
        assert "▼" in rows[13]
        assert not any("50" in row[:6] for row in rows)


async def test_a_prediction_that_is_not_finite_leaves_the_samples() -> None:
    curve = FittedCurve()
    async with staged(curve, 60, 16):
        probed = fitted.curve(10, 1.0)
        curve.show(replace(probed, facts=probed.facts | {"predicted": (math.nan,) * 100}))
        assert len(dots(drawn(curve)[1])) > 2


async def test_the_curve_is_drawn_only_when_a_new_probe_came(monkeypatch: pytest.MonkeyPatch) -> None:
    curve = FittedCurve()
    async with staged(curve, 60, 16):
        drew = counted(curve, monkeypatch)
        probed = fitted.curve(10, 1.0)
        for _ in range(5):
            curve.show(probed)
        assert len(drew) == 1
        curve.show(fitted.curve(20, 1.0))
        assert len(drew) == 2


@pytest.mark.parametrize(("depth", "ascii_only"), [("none", False), ("full", True)])
async def test_without_colours_samples_are_glyphs(depth: str, ascii_only: bool) -> None:
    curve = FittedCurve()
    async with staged(curve, 60, 16, depth=depth, ascii_only=ascii_only):
        curve.show(fitted.curve(10, 0.2))
        assert any(("o" if ascii_only else "○") in row for row in drawn(curve)[1:8])
        assert not ascii_only or all(row.isascii() for row in drawn(curve))


@pytest.mark.parametrize("size", [(20, 4), (12, 2), (40, 8), (8, 3)])
async def test_a_curve_in_little_room_is_cut_and_nothing_breaks(size: tuple[int, int]) -> None:
    curve = FittedCurve()
    async with staged(curve, *size):
        curve.show(fitted.curve(10, 1.0))
        assert len(drawn(curve)) == size[1]


def test_the_largest_misses_are_found_between_the_points_of_the_curve() -> None:
    facts = {"x": (0.0, 1.0, 2.0), "predicted": (0.0, 1.0, 0.0), "samples_x": (0.5, 1.5, 1.0), "samples_y": (0.5, 2.5, 0.0)}
    found = misses(Probed(1, 1, "curve", (), "", facts), 2)
    assert found == [(1.5, 2.5, 0.5), (1.0, 0.0, 1.0)]


# ---- the parameters ------------------------------------------------------------------------------------------


def trailed(*values: tuple[float, float]) -> Trail:
    trail = Trail()
    for step, pair in enumerate(values, 1):
        trail.keep(fitted.parameters(step, pair, (-0.5, 0.25)))
    return trail


async def test_a_student_sees_the_values_step_by_step() -> None:
    table = ParameterTable()
    async with staged(table, 50, 14):
        table.show(folded(*fitted.system(3)).trail)
        rows = drawn(table)
        assert rows[1].split() == ["value", "change", "gradient"]
        assert rows[2].split() == ["x[0]", "0.488", "+0.128", "−1.024"]
        steps = [row.split() for row in rows[6:9]]
        assert steps == [["3", "0.488", "0.488"], ["2", "0.36", "0.36"], ["1", "0.2", "0.2"]]


async def test_where_rows_are_few_the_trail_stands_beside_the_values() -> None:
    table = ParameterTable()
    async with staged(table, 60, 3):
        table.show(folded(*fitted.system(3)).trail)
        assert drawn(table)[1].split() == ["x[0]", "0.488", "+0.128", "−1.024", "0.2", "0.36"]


async def test_a_parameter_that_goes_to_and_fro_is_named() -> None:
    table = ParameterTable()
    async with staged(table, 60, 14):
        table.show(trailed(*[(1.0, 0.94), (1.0, 1.04)] * 3))
        assert "! x[1] to and fro  step 6" in drawn(table)[0]
        assert style_of(table, "x[1]").color == table.ink.ink("warn").color


async def test_a_value_that_is_not_finite_is_said() -> None:
    table = ParameterTable()
    async with staged(table, 60, 14):
        table.show(trailed((1.0, 1.0), (math.inf, math.nan)))
        rows = drawn(table)
        assert "inf" in rows[2]
        assert "nan" in rows[3]


async def test_twenty_parameters_can_be_scrolled_through() -> None:
    names = tuple(f"weight[{at}]" for at in range(20))
    trail = Trail()
    trail.keep(fitted.parameters(1, tuple(map(float, range(20))), (0.0,) * 20, names))
    table = ParameterTable()
    async with staged(table, 50, 8, focus=True) as pilot:
        table.show(trail)
        assert "weight[0]" in drawn(table)[2]
        await pilot.press("end")
        assert "weight[19]" in drawn(table)[-1]
        assert "of 20" in drawn(table)[0]


async def test_the_table_is_drawn_when_another_step_was_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    table = ParameterTable()
    async with staged(table, 50, 10):
        trail = trailed((1.0, 1.0), (2.0, 2.0))
        drew = counted(table, monkeypatch)
        for _ in range(4):
            table.show(trail)
        assert len(drew) == 1
        trail.keep(fitted.parameters(3, (3.0, 3.0), (0.0, 0.0)))
        table.show(trail)
        assert len(drew) == 2


async def test_a_name_that_would_steer_the_terminal_is_shown() -> None:
    trail = Trail()
    trail.keep(fitted.parameters(1, (1.0,), (0.0,), ("\x1b[31mred",)))
    table = ParameterTable()
    async with staged(table, 50, 6):
        table.show(trail)
        assert "\\x1b[31mred" in "\n".join(drawn(table))


# ---- the figures ---------------------------------------------------------------------------------------------


async def test_the_fit_says_loss_error_and_r_squared_and_what_is_missed_most() -> None:
    card = FitCard()
    async with staged(card, 46, 12):
        card.show(folded(*fitted.sine(4)))
        rows = drawn(card)
        assert rows[1].split() == ["loss", "0.029", "★", "0.029", "epoch", "4"]
        assert rows[2].split()[:2] == ["MAE", "0.154"]
        assert rows[3].split()[:2] == ["R²", "0.942"]
        worst = rows[6].split()
        assert worst in (["0.240", "4.712", "−1.000"], ["0.240", "1.571", "1.000"])


async def test_the_fit_tells_of_the_epoch_that_is_looked_at() -> None:
    card = FitCard()
    async with staged(card, 46, 8):
        history = folded(*fitted.sine(4))
        card.show(history, 2)
        assert drawn(card)[1].split()[:2] == ["loss", "0.120"]


async def test_where_all_targets_are_equal_there_is_no_r_squared() -> None:
    card = FitCard()
    async with staged(card, 46, 8):
        card.show(folded(*fitted.system()))
        assert "R²" not in "\n".join(drawn(card))


# ---- the regions ---------------------------------------------------------------------------------------------


async def test_regions_have_the_lowest_row_below_and_samples_have_the_glyph_of_their_class() -> None:
    regions = Regions()
    async with staged(regions, 42, 21):
        regions.show(fitted.plane(10, 0.0), fitted.NAMES)
        rows = drawn(regions)
        assert rows[0].startswith("─ Regions  ● red  ▲ blue")
        assert "▲" in "".join(rows[1:10])
        assert "●" not in "".join(rows[1:10])
        assert "●" in "".join(rows[11:])


async def test_regions_are_tinted_in_the_colour_of_their_class() -> None:
    regions = Regions()
    async with staged(regions, 42, 21):
        regions.show(fitted.plane(10, 0.0), fitted.NAMES)
        grounds = [regions.render_line(y)._segments[1].style for y in (1, 20)]
        wanted = [regions.ink.ink(on=regions.ink.mixed(colour, 0.28)).bgcolor for colour in ("train", "worse")]
        assert [style.bgcolor for style in grounds if style] == wanted


@pytest.mark.parametrize(("depth", "ascii_only"), [("16", False), ("none", False), ("full", True), ("none", True)])
async def test_without_tints_each_region_has_its_own_texture(depth: str, ascii_only: bool) -> None:
    regions = Regions()
    names = ("a", "b", "c", "d")
    async with staged(regions, 42, 21, depth=depth, ascii_only=ascii_only):
        probed = fitted.plane(10, 0.0, names=names)
        regions.show(replace(probed, facts=probed.facts | {"points_x": ()}), names)
        rows = drawn(regions)[1:]
        textures = {rows[at][20:21] or " " for at in (1, 6, 12, 18)}
        assert len(textures) == 4
        assert not ascii_only or "".join(rows).isascii()


async def test_a_sample_that_the_net_has_wrong_is_not_hidden_by_one_that_it_has_right() -> None:
    regions = Regions()
    async with staged(regions, 12, 6):
        cells = base64.b64encode(bytes(4)).decode()
        facts = {"x": (0.0, 1.0), "y": (0.0, 1.0), "points_x": (0.5, 0.5), "points_y": (0.5, 0.5), "points_class": (1.0, 0.0)}
        regions.show(Probed(1, 1, "regions", (2, 2), cells, facts), fitted.NAMES)
        assert "▲" in "".join(drawn(regions)[1:])
        assert "●" not in "".join(drawn(regions)[1:])


@pytest.mark.parametrize("shape", [(2, 3), (0, 0), (4,), (1, 4, 4)])
async def test_regions_whose_shape_and_data_disagree_are_said(shape: tuple[int, ...]) -> None:
    regions = Regions()
    async with staged(regions, 42, 8):
        regions.show(Probed(1, 1, "regions", shape, base64.b64encode(bytes(4)).decode()), fitted.NAMES)
        assert "cannot be read" in drawn(regions)[1]


async def test_regions_are_drawn_only_when_a_new_probe_came(monkeypatch: pytest.MonkeyPatch) -> None:
    regions = Regions()
    async with staged(regions, 42, 12):
        drew = counted(regions, monkeypatch)
        probed = fitted.plane(10, 0.0)
        for _ in range(5):
            regions.show(probed, fitted.NAMES)
        assert len(drew) == 1


def test_which_views_there_are_follows_from_what_the_run_said_at_its_start() -> None:
    assert views_of(History()) is None
    assert views_of(folded(*fitted.sine())) == views_of(folded(fitted.started()))
    seen = [views_of(folded(rows[0])) for rows in (fitted.sine(), fitted.system(), fitted.amplitude(), fitted.points())]
    assert [(one.plane, one.classes, one.parameters) for one in seen if one] == [
        ("curve", 0, 0),
        ("", 0, 2),
        ("curve", 0, 2),
        ("regions", 2, 0),
    ]
