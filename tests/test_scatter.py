"""The logarithmic axis of costs."""

from __future__ import annotations

import pytest

from tui_trainer.app.widgets.scatter import LogSpan


@pytest.mark.parametrize(
    ("unit", "low", "high"),
    [
        ("seconds", 0.5, 20.0),
        ("seconds", 40.0, 9000.0),
        ("parameters", 500.0, 9e6),
        ("parameters", 40_000.0, 1e6),
        ("parameters", 8.0, 1e9),
    ],
)
def test_numbers_stand_at_their_places_and_none_touches_another(unit: str, low: float, high: float) -> None:
    span = LogSpan(unit, low, high, 60)
    _, ticks = span.ticks()
    assert len(ticks) >= 2
    end = -2
    for column, start, text in ticks:
        assert start >= end + 2
        assert start <= column < start + len(text) + 1
        end = start + len(text)
    assert end <= 60
    assert span.dot(low) == 0
    assert span.dot(high) == 119
    assert 55 <= span.dot((low * high) ** 0.5) <= 64


def test_round_numbers_are_written_short() -> None:
    assert [text for _, _, text in LogSpan("parameters", 5e4, 5e6, 80).ticks()[1]] == ["100k", "300k", "1M", "3M"]
    assert [text for _, _, text in LogSpan("seconds", 5.0, 4000.0, 80).ticks()[1]] == [
        "10 s",
        "30 s",
        "1 min",
        "5 min",
        "15 min",
        "1 h",
    ]
