"""The words between trainer and screen: frozen, flat, made of JSON types, and able to grow."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, fields, is_dataclass

import pytest

from tui_trainer import commands, events
from tui_trainer.runs.lines import _READERS

KINDS = [*events.EVENTS.values(), *commands.COMMANDS.values()]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_each_is_frozen_and_the_log_can_read_every_field(kind: type) -> None:
    assert is_dataclass(kind)
    assert all(str(one.type) in _READERS for one in fields(kind))


def test_each_has_a_name_of_its_own() -> None:
    assert len({kind.__name__ for kind in KINDS}) == len(KINDS)


def test_an_event_cannot_be_changed() -> None:
    with pytest.raises(FrozenInstanceError):
        events.Paused(1).step = 2  # type: ignore[misc]  # that is the point


def test_layers_are_layers_however_they_come() -> None:
    raw = ("conv1", "Conv2d", [16, 8, 8], 160, 9216)
    started = events.RunStarted({}, "cpu", "x", 1, "fp32", 1, (raw,), (1, 8, 8), ("a",), 1, 1, 1, 1, 1)  # type: ignore[arg-type]  # as from JSON
    assert started.layers == (events.Layer("conv1", "Conv2d", (16, 8, 8), 160, 9216),)
