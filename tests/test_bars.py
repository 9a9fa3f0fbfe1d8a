"""Thin bars and padded names."""

from __future__ import annotations

import pytest
from rich.cells import cell_len

from tui_trainer.app import palette as palettes
from tui_trainer.app.widgets.bars import bar, padded, shade, sides, told_apart
from tui_trainer.app.widgets.rows import Line, line, width_of

INK = palettes.choose()


def text(spans: Line) -> str:
    return "".join(span.text for span in spans)


@pytest.mark.parametrize(
    ("share", "expected"),
    [
        (0, "────────"),
        (0.5, "━━━━────"),
        (0.52, "━━━━────"),
        (0.56, "━━━━╸───"),
        (1, "━━━━━━━━"),
        (-3, "────────"),
        (7, "━━━━━━━━"),
    ],
)
def test_a_share_is_told_in_half_cells(share: float, expected: str) -> None:
    assert text(bar(INK, share, 8, "val")) == expected


def test_a_bar_without_a_track_still_fills_its_columns() -> None:
    assert text(bar(INK, 0.25, 8, "dim", track=None)) == "━━      "


@pytest.mark.parametrize("share", [0.0, 0.01, 0.333, 0.999, 1.0])
def test_a_bar_is_always_as_wide_as_asked(share: float) -> None:
    assert width_of(bar(INK, share, 13, "val")) == 13


def test_long_bars_keep_their_colour_where_there_are_no_tints() -> None:
    assert shade(palettes.choose(depth="16"), "val") == "val"
    assert shade(INK, "val") != "val"


@pytest.mark.parametrize("name", ["cat", "automobile", "狐狸狐狸狐狸", "[red]x[/]", "a\x1b[31mb"])
def test_names_take_exactly_their_columns(name: str) -> None:
    for right in (False, True):
        kept = padded(name, 7, right=right)
        assert cell_len(kept) == 7
        assert "\x1b" not in kept


def test_two_ends_of_a_line_meet_its_width() -> None:
    style = INK.ink()
    assert text(sides(line(("ab", style)), line(("c", style)), 6, style)) == "ab   c"


@pytest.mark.parametrize(
    ("names", "width", "shown"),
    [
        (("cat", "dog"), 3, ("cat", "dog")),
        (("arm 1", "arm 2", "arm 3"), 3, ("…1", "…2", "…3")),
        (("arm 1", "arm 2", "arm 3"), 5, ("arm 1", "arm 2", "arm 3")),
        (("class number 0017", "class number 0600"), 12, ("…0017", "…0600")),
        (("n01440764", "n01440765"), 4, ("…4", "…5")),
        (("golden retriever", "golden eagle"), 8, ("retriever", "eagle")),
        (("cat", "cat of prey"), 3, ("cat", "cat of prey")),
        (("aaaa", "aaaa"), 3, ("aaaa", "aaaa")),
    ],
)
def test_names_that_begin_alike_are_told_apart(names: tuple[str, ...], width: int, shown: tuple[str, ...]) -> None:
    assert told_apart(names, width) == shown
