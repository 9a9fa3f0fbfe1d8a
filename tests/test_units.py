"""Figures as a person reads them."""

from __future__ import annotations

import math

import pytest

from tui_trainer import units


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.8621, "0.862"), (0.0, "0.000"), (99.9, "99.900"), (123.45, "123.5"), (12345.0, "1e4"), (math.nan, "nan"), (math.inf, "inf"),
     (-math.inf, "-inf"), (None, "·"), (1e300, "1e300"), (-0.5, "-0.500")],
)  # fmt: skip
def test_loss(value: float | None, text: str) -> None:
    assert units.loss(value) == text
    assert len(text) <= 6


@pytest.mark.parametrize(
    ("value", "text"),
    [(1e-3, "1e-3"), (3e-4, "3e-4"), (2.5e-4, "2.5e-4"), (0.1, "0.1"), (2.0, "2.0"), (10.0, "10.0"), (0.05, "5e-2"), (0.0, "0"),
     (None, "·"), (1 / 3, "0.333"), (9.999e-4, "1e-3")],
)  # fmt: skip
def test_lr(value: float | None, text: str) -> None:
    assert units.lr(value) == text


@pytest.mark.parametrize(("value", "text"), [(0, "0"), (999, "999"), (4812, "4 812"), (1322250, "1 322 250"), (None, "·")])
def test_count(value: int | None, text: str) -> None:
    assert units.count(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.0, "0.0 s"), (9.44, "9.4 s"), (9.96, "10 s"), (42.4, "42 s"), (59.6, "1 min 00 s"), (96, "1 min 36 s"),
     (3599.7, "1 h 00 min"), (7500, "2 h 05 min"), (273600, "3 d 4 h"), (None, "·"), (math.inf, "·")],
)  # fmt: skip
def test_duration(value: float | None, text: str) -> None:
    assert units.duration(value) == text


@pytest.mark.parametrize(
    ("value", "text"), [(0.0, "0.0 s"), (0.0001, "1 ms"), (0.042, "42 ms"), (0.3, "0.3 s"), (75.0, "1 min 15 s")]
)
def test_moment(value: float, text: str) -> None:
    assert units.moment(value) == text


@pytest.mark.parametrize(("value", "text"), [(0, "0:00"), (552, "9:12"), (3723, "1:02:03"), (59.7, "1:00"), (None, "·")])
def test_clock(value: float | None, text: str) -> None:
    assert units.clock(value) == text


@pytest.mark.parametrize(
    ("value", "text"), [(12, "12 B"), (1400, "1.4 kB"), (9e8, "0.9 GB"), (12.3e6, "12.3 MB"), (None, "·"), (0, "0 B")]
)
def test_size(value: float | None, text: str) -> None:
    assert units.size(value) == text


@pytest.mark.parametrize(
    ("value", "text"), [(10.6e6, "10.6 M"), (8832, "8 832"), (46_000, "46.0 k"), (2.5e9, "2.5 G"), (None, "·")]
)
def test_short_count(value: float | None, text: str) -> None:
    assert units.short_count(value) == text


@pytest.mark.parametrize(("value", "text"), [(0, "now"), (59, "now"), (300, "5 min"), (7200, "2 h"), (259200, "3 d"), (-5, "now")])
def test_age(value: float, text: str) -> None:
    assert units.age(value) == text


def test_shares_speeds_and_shapes() -> None:
    assert (units.percent(0.718), units.percent(None), units.tenths(1.0)) == ("71.8 %", "·", "100.0")
    assert (units.speed(9.44), units.speed(4812.4), units.speed(None)) == ("9.4", "4 812", "·")
    assert (units.milliseconds(14.94), units.milliseconds(140.4)) == ("14.9 ms", "140 ms")
    assert (units.times((3, 32, 32)), units.times(())) == ("3×32×32", "1")


def test_what_would_steer_a_terminal_is_shown_instead() -> None:
    assert units.plain("\x1b[31mred\x07 [bold]x[/]\n\u202eabc\x9b") == r"\x1b[31mred\x07 [bold]x[/]\n\u202eabc\x9b"
    assert units.plain("ünï − ✓") == "ünï − ✓"
    assert units.plain("no text: \udcff") == r"no text: \udcff"


@pytest.mark.parametrize(("value", "text"), [(170_498_071, "170.5 MB"), (29_515, "29.5 kB"), (512, "512 B"), (2.5e9, "2.5 GB")])
def test_file_size(value: float, text: str) -> None:
    assert units.file_size(value) == text


def test_part_of() -> None:
    assert units.part_of(34_400_000, 170_498_071) == "34 of 170 MB"
    assert units.part_of(512_000, 5_120_000) == "512 of 5120 kB"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "·"),
        (0.984, "0.984"),
        (0.0, "0.000"),
        (-2.31, "−2.310"),
        (0.9994, "0.999"),
        (0.9997, "0.9997"),
        (0.99995, "0.99995"),
        (0.9999999, "0.99999"),
        (1.0, "1.000"),
        (-5e6, "−5e6"),
        (math.nan, "nan"),
    ],
)
def test_r_squared_is_1_only_where_it_is(value: float | None, text: str) -> None:
    assert units.r_squared(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "·"),
        (0.2, "0.2"),
        (0.488, "0.488"),
        (0.865782, "0.8658"),
        (-0.3355, "−0.3355"),
        (12.054, "12.05"),
        (663.19, "663.2"),
        (3.1e-7, "3.1e-7"),
        (-2.5e12, "−2.5e12"),
        (-0.0, "0"),
        (100.0, "100"),
        (math.inf, "inf"),
    ],
)
def test_any_number_in_about_four_digits(value: float | None, text: str) -> None:
    assert units.figure(value) == text
    assert len(units.figure(value)) <= 9
