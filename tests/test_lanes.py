"""One lane of a race in every height: its figure, its bar, the leader's mark, and what gives way where room is short."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tui_trainer.app import palette as palettes
from tui_trainer.app.widgets import digits
from tui_trainer.app.widgets.lanes import Drawn, LanesView, LaneView, figure_columns, lane_lines
from tui_trainer.app.widgets.rows import Line, width_of

LANE = LaneView(
    "mlp",
    "val",
    figure="64.2",
    unit="%",
    length=0.642,
    behind="−7.6",
    seen="125 000 pictures seen",
    epoch="epoch 3",
    speed="1 630 img/s",
    parameters="78 042 parameters",
)
LEADER = replace(LANE, name="cnn", colour="train", figure="71.8", length=0.718, leads=True, said="leads by 7.6 points", behind="")


def drawn(lane: LaneView, width: int, size: int, block: int, mark: float | None = 0.718) -> list[str]:
    room = figure_columns(LanesView((lane,)), size)
    lines = lane_lines(lane, mark, palettes.choose(), width, room, Drawn(size, block), marked=False)
    return ["".join(part.text for part in one).rstrip() for one in lines]


def test_a_lane_of_five_rows() -> None:
    rows = drawn(LANE, 120, 2, 6)
    assert len(rows) == 6
    assert rows[0][34:37] == "mlp"
    assert rows[0].endswith("78 042 parameters")
    mark = rows[2].index("┊")
    assert rows[1].rstrip().endswith("−7.6")
    assert len(rows[1]) == mark
    assert rows[2][34:].startswith("━━━")
    assert rows[2].index("►") < mark
    assert "125 000 pictures seen" in rows[3]
    assert rows[3].endswith("epoch 3 · 1 630 img/s")


def test_the_leader_has_a_star_and_no_mark() -> None:
    rows = drawn(LEADER, 120, 2, 6)
    assert rows[0][34:].startswith("★ cnn   leads by 7.6 points")
    assert "┊" not in "".join(rows)
    assert rows[2].index("►") == drawn(LANE, 120, 2, 6)[2].index("┊")


def test_three_rows_hold_the_same() -> None:
    rows = drawn(LANE, 80, 1, 3)
    assert rows[0][18:21] == "mlp"
    assert "−7.6" in rows[0]
    assert "78 042 parameters" in rows[0]
    assert "┊" in rows[1]
    assert rows[2].endswith("epoch 3 · 1 630 img/s")


def test_a_long_name_gives_way_to_what_is_said_and_to_the_gap() -> None:
    rows = drawn(replace(LANE, name="n" * 200), 80, 1, 3)
    assert "n…" in rows[0]
    assert rows[0].endswith("−7.6")
    assert drawn(replace(LEADER, name="n" * 200), 80, 1, 3)[0].endswith("leads by 7.6 points")


@pytest.mark.parametrize("width", [60, 80, 99, 100, 160])
@pytest.mark.parametrize(("size", "block"), [(1, 3), (1, 4), (2, 6), (3, 8), (4, 12), (6, 20)])
@pytest.mark.parametrize("lane", [LANE, LEADER, LaneView("new", "run-c"), replace(LANE, length=1.0, figure="100", faded=True)])
def test_no_lane_is_wider_than_the_screen_or_higher_than_its_block(lane: LaneView, width: int, size: int, block: int) -> None:
    if digits.columns("00.0", size) + 36 > width:
        return
    room = figure_columns(LanesView((lane,)), size)
    for mark in (None, 0.0, 0.718, 1.0):
        lines: list[Line] = lane_lines(lane, mark, palettes.choose(), width, room, Drawn(size, block), marked=True)
        assert len(lines) == block
        assert max(width_of(one) for one in lines) <= width


def test_thick_bars_of_a_projector_have_no_head_and_one_track() -> None:
    rows = drawn(LANE, 160, 4, 12)
    bars = [row for row in rows if "██████████████████████████████" in row[60:]]
    assert len(bars) == 2
    assert sum("───" in row for row in bars) == 1
    assert all("┊" in row for row in bars)
