"""The sheet of what can be changed: which settings a run can take, what is said beside each field, what it gives."""

from __future__ import annotations

import pytest
from textual.pilot import Pilot

from made import opened, text_of, until, without_torch  # noqa: F401  # the fixture is used by name
from tui_trainer import config
from tui_trainer.app.screens.change_sheet import ChangeSheet, Commands, refusal
from tui_trainer.app.screens.more_sheet import longer
from tui_trainer.commands import Set, SetLearningRate

pytestmark = pytest.mark.usefixtures("without_torch")

ADAM = config.read({"preset": "cnn", "dataset": "digits", "lr": 1e-3, "batch_size": 128})
SGD = ADAM.but(optimizer="sgd", nesterov=True)


async def asked(pilot: Pilot[None], now: config.Config = ADAM, **more: object) -> list[Commands | None]:
    answers: list[Commands | None] = []
    pilot.app.push_screen(ChangeSheet(now, **more), answers.append)  # type: ignore[arg-type]  # what a test gives on
    await until(pilot, lambda: "Change the run" in text_of(pilot.app.screen))
    return answers


@pytest.mark.parametrize("size", [(120, 36), (80, 24), (60, 18)])
async def test_the_fields_have_what_the_run_has_now_and_the_others_say_why_not(size: tuple[int, int]) -> None:
    async with opened(size=size) as pilot:
        await asked(pilot, regression=True)
        rows = text_of(pilot.app.screen).splitlines()
        said = {row.split()[0]: row for row in rows if row.split()[:1]}
        assert "1e-3" in said["rate"]
        assert "128" in said["batch"]
        assert "adam has no momentum" in said["momentum"]
        assert "there are numbers to predict" in said["smoothing"]
        assert len(rows) == size[1]
        assert "─ Loss" in "\n".join(rows) or "Preset" in "\n".join(rows) or "Setup" in "\n".join(rows)


async def test_what_a_value_would_do_and_what_is_allowed_stand_beside_it() -> None:
    async with opened() as pilot:
        answers = await asked(pilot, samples=1293)
        await pilot.press(*"3e-4")
        await until(pilot, lambda: "1e-3 → 3e-4" in text_of(pilot.app.screen))
        await pilot.press("tab", "tab", "tab", *"2000")
        await until(pilot, lambda: "✕ a whole number, 1 to 1293: there are so many" in text_of(pilot.app.screen))
        await pilot.press("enter")
        await pilot.pause()
        assert answers == []
        assert getattr(pilot.app.screen.focused, "key", "") == "batch_size"
        await pilot.press(*["backspace"] * 4, *"64", "enter")
        await until(pilot, lambda: bool(answers))
        assert answers == [(SetLearningRate(3e-4), Set("batch_size", 64))]


async def test_values_typed_anew_as_they_were_are_not_sent() -> None:
    async with opened() as pilot:
        answers = await asked(pilot, samples=100)  # of which one batch is more than all
        await pilot.press(*"0.001", "enter")
        await until(pilot, lambda: bool(answers))
        assert answers == [()]


async def test_escape_drops_all() -> None:
    async with opened() as pilot:
        answers = await asked(pilot, first="clip")
        assert getattr(pilot.app.screen.focused, "key", "") == "clip"
        await pilot.press(*"5", "escape")
        await until(pilot, lambda: bool(answers))
        assert answers == [None]


def test_each_optimizer_takes_what_it_has() -> None:
    assert refusal(ADAM, "momentum") == "adam has no momentum; sgd and rmsprop have"
    assert refusal(SGD, "momentum") == ""
    assert refusal(ADAM, "label_smoothing") == ""
    assert refusal(ADAM, "label_smoothing", regression=True) == "there are numbers to predict, and no classes"
    assert [name for name in ("lr", "weight_decay", "batch_size", "clip") if refusal(ADAM, name, regression=True)] == []


@pytest.mark.parametrize(
    ("text", "whole"),
    [
        ("+5", 15),
        ("15", 15),
        ("10", None),
        ("+0", None),
        ("-3", None),
        ("+0.5", None),
        ("much", None),
        ("nan", None),
        ("inf", None),
    ],
)
def test_a_longer_budget_is_more_than_there_was(text: str, whole: float | None) -> None:
    assert longer("epochs", 10, text) == whole


def test_seconds_need_not_be_whole() -> None:
    assert longer("seconds", 60.0, "+0.5") == 60.5
