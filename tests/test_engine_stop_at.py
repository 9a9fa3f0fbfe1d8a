"""A run that is to stop after a part of its budget: exactly there, and the rest as if it had never stopped."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine_runs import EACH_STEP, Script, run, settings, told
from tui_trainer import commands
from tui_trainer.commands import Command, Continue, HandOver, StopAt
from tui_trainer.events import Event, Noted, Stopping

EPOCH = 41
"""Steps of an epoch of digits, of 32 samples each."""
MLP = {"preset": "mlp", "knobs": {"dropout": 0.3, "width": 8}, "schedule": "cosine", "threads": "1"}


def asking(*asked: Command) -> Script:
    left = list(asked)

    def script(events: list[Event]) -> list[Command]:
        given, left[:] = left[:], []
        return given

    return script


@pytest.mark.parametrize(
    ("budget", "rungs", "steps"),
    [
        ({"epochs": 4}, [("epochs", 1), ("epochs", 2)], [EPOCH, 2 * EPOCH, 4 * EPOCH]),
        ({"steps": 90}, [("steps", 7), ("steps", 60)], [7, 60, 90]),
    ],
)
def test_stopped_at_each_rung_and_gone_on_with_is_the_same_to_the_bit(
    budget: dict[str, int], rungs: list[tuple[str, int]], steps: list[int], tmp_path: Path
) -> None:
    setup = settings(**MLP, **budget)
    whole = run(setup, tmp_path / "whole")
    parts = []
    for rung in [*rungs, None]:
        orders = (Continue(), StopAt(*rung) if rung else StopAt("epochs", 0))
        parts.append(run(setup, tmp_path / "parts", asking(*orders), resume="last.pt" if parts else ""))
    assert [(one.ended.reason, one.ended.step) for one in parts] == list(
        zip(["stopped", "stopped", "finished"], steps, strict=True)
    )
    assert [len(one.of(Stopping)) for one in parts] == [1, 1, 0]
    assert told(*parts).losses == told(whole).losses
    assert told(*parts).rates[steps[-1]] == told(whole).rates[steps[-1]]
    assert parts[-1].ended.last_loss == whole.ended.last_loss


def test_it_survives_being_handed_over_and_ends_with_the_stop(tmp_path: Path) -> None:
    setup = settings(**MLP, steps=40)

    def handing(events: list[Event]) -> list[Command]:
        return [StopAt("steps", 20)] if len(events) < 3 else [HandOver()] if any("to stop" in str(one) for one in events) else []

    first = run(setup, tmp_path, handing, tick=EACH_STEP)
    assert [one.text for one in first.of(Noted) if "stop" in one.text] == ["it is to stop at 20 steps"]
    assert first.last["step"] < 20
    second = run(setup, tmp_path, resume="last.pt")
    assert (second.ended.reason, second.ended.step) == ("stopped", 20)
    third = run(setup, tmp_path, resume="last.pt")  # it was over with the stop
    assert (third.ended.reason, third.ended.step) == ("finished", 40)


def test_what_is_behind_stops_at_once_and_what_is_no_part_of_the_budget_never_does(tmp_path: Path) -> None:
    setup = settings(threads="1", steps=12)
    assert run(setup, tmp_path / "a", asking(StopAt("steps", 5))).ended.step == 5
    again = run(setup, tmp_path / "a", asking(StopAt("steps", 3)), resume="last.pt")
    assert (again.ended.reason, again.ended.step) == ("stopped", 5)
    for number, asked in enumerate((StopAt("steps", 12), StopAt("steps", 0), StopAt("parsecs", 3), StopAt("seconds", 1e6))):
        done = run(setup, tmp_path / str(number), asking(asked))
        assert (done.ended.reason, done.ended.step) == ("finished", 12), asked
    told_off = run(setup, tmp_path / "odd", asking(StopAt("parsecs", 3))).of(Noted)
    assert any("not parsecs" in one.text for one in told_off)


def test_seconds_are_those_of_the_run(tmp_path: Path) -> None:
    done = run(settings(threads="1", epochs=50), tmp_path, asking(StopAt("seconds", 20)), tick=EACH_STEP)
    assert done.ended.reason == "stopped"
    assert 20 <= done.ended.seconds < 60
    assert commands.COMMANDS["StopAt"] is StopAt
