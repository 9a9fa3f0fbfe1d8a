"""Classes side by side."""

from __future__ import annotations

import compared
from tui_trainer.app.widgets.class_table import Track
from tui_trainer.runs import compare


def test_the_line_of_shares_holds_all_of_them_between_round_ends() -> None:
    found = compare.read([compared.ran([0.6]), compared.ran([0.9], preset="cnn")])
    track = Track.over(found, 200)
    assert track is not None
    assert (track.low, track.high, track.columns) == (20, 100, 72)
    assert track.column(0.2) == 0
    assert track.column(1.0) == 71
    assert all(0 <= track.column(share) < 72 for one in found.classes for share in one.shares if share is not None)


def test_letters_with_the_same_share_stand_side_by_side() -> None:
    track = Track(0, 100, 11)
    assert track.free(0.5, {}) == 5
    assert track.free(0.5, {5, 4}) == 3
    assert track.free(0.0, {0}) == 1


def test_where_there_is_no_room_or_no_class_there_is_none() -> None:
    found = compare.read([compared.ran([0.6]), compared.ran([0.9], preset="cnn")])
    assert Track.over(found, 10) is None
    assert Track.over(compare.read([compared.fitted([0.5]), compared.fitted([0.4], lr=0.1)]), 60) is None
