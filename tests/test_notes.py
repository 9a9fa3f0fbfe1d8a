"""The notes over a real history."""

from __future__ import annotations

import pytest

import fitted
from stage import drawn, staged, style_of
from tui_trainer.app import palette as palettes
from tui_trainer.app.widgets.notes import NotesPanel
from tui_trainer.events import Evaluated, Event, LearningRateChanged, Noted, Paused, RunEnded, RunStarted, Stepped
from tui_trainer.runs.history import History

START = RunStarted({"epochs": 10}, "cpu", "cpu", 1, "fp32", 10, (), (1, 8, 8), ("cat", "dog"), 3200, 10, 10, 100, 1000)
CONFUSION = ((374, 118), (102, 397))


def validated(epoch: int, loss: float, accuracy: float) -> Evaluated:
    return Evaluated(100 * epoch, epoch, "val", loss, accuracy, CONFUSION, 9.4 * epoch, 0.3, True, 9.4)


def history(*more: Event) -> History:
    made = History()
    made.extend([START, validated(1, 1.36, 0.548), validated(2, 1.19, 0.627)])
    made.extend([LearningRateChanged(201, 1e-3, 3e-4, 19.0), validated(3, 0.862, 0.718), *more])
    return made


async def test_newest_on_top_then_pairs_then_the_verdict() -> None:
    notes = NotesPanel()
    async with staged(notes, 41, 11):
        notes.show(history())
        rows = drawn(notes)
    assert rows[0].endswith("28 s elapsed ─")
    assert rows[1] == " 3 val 71.8 %  0.862 ★  9.4 s"
    assert rows[2] == " • rate 1e-3 → 3e-4  step 201"
    assert rows[3] == " 2 val 62.7 %  1.190    9.4 s"
    assert rows[4] == " 1 val 54.8 %  1.360    9.4 s"
    assert rows[5] == ""
    assert rows[6] == " most mistaken"
    assert rows[7] == " cat → dog   24 %  118 of 492"
    assert rows[8] == " dog → cat   20 %  102 of 499"
    assert rows[9] == " ✓ still learning: val −28 % last epoch"


async def test_small_rooms_keep_the_newest_the_first_pair_and_the_verdict() -> None:
    notes = NotesPanel()
    async with staged(notes, 38, 6):
        notes.show(history())
        rows = drawn(notes)
    assert "elapsed" not in rows[0]
    assert [row.split()[0] for row in rows[1:]] == ["3", "•", "2", "cat", "✓"]
    assert rows[5] == " ✓ still learning: val −28 %"


async def test_a_change_by_a_person_is_violet_and_a_warning_is_marked() -> None:
    notes = NotesPanel()
    async with staged(notes, 60, 12):
        notes.show(history(Noted("warning", "disk nearly full", 310), Paused(320, 30.0)))
        ink = palettes.choose()
        rows = drawn(notes)
        assert rows[1].startswith(" ‖ paused")
        assert rows[2] == " ! disk nearly full  step 310"
        assert style_of(notes, "•").color == ink.ink("you").color
        assert style_of(notes, "!").color == ink.ink("warn").color


async def test_the_test_figure_and_the_end_are_notes() -> None:
    notes = NotesPanel()
    made = history(
        Evaluated(300, 3, "test", 0.9, 0.702, CONFUSION, 30.0, 0.3),
        RunEnded(300, 3, "finished", 30.0, 0.718, 3, 0.862, test_accuracy=0.702),
    )
    async with staged(notes, 41, 11):
        notes.show(made)
        text = "\n".join(drawn(notes))
    assert "finished" in text
    assert "test 70.2 %" in text


async def test_ten_epochs_and_more_stay_in_columns() -> None:
    notes = NotesPanel()
    made = History()
    made.extend([START, *(validated(epoch, 1.0 / epoch, 0.5) for epoch in range(8, 12))])
    async with staged(notes, 41, 11):
        notes.show(made)
        rows = drawn(notes)
    assert rows[1].index("val") == rows[4].index("val")
    assert rows[4].startswith("  8 val")


async def test_older_notes_are_scrolled_and_stay_put_when_a_new_one_comes() -> None:
    notes = NotesPanel()
    made = History()
    made.extend([START, *(validated(epoch, 1.0, 0.5) for epoch in range(1, 10))])
    async with staged(notes, 41, 6, focus=True) as pilot:
        notes.show(made)
        await pilot.press("down", "down")
        assert drawn(notes)[1].startswith(" 7 val")
        made.apply(validated(9, 1.0, 0.5))
        notes.show(made)
        assert drawn(notes)[1].startswith(" 7 val")
        await pilot.press("home")
        assert drawn(notes)[1].startswith(" 9 val")


async def test_names_and_texts_from_elsewhere_are_shown_not_obeyed() -> None:
    notes = NotesPanel()
    async with staged(notes, 41, 11):
        notes.show(history(Noted("info", "[red]\x1b[2J[/red] loaded", 5)))
        rows = "\n".join(drawn(notes))
    assert "\x1b" not in rows
    assert "[red]\\x1b[2J[/red] loaded" in rows


async def test_nothing_yet() -> None:
    notes = NotesPanel()
    async with staged(notes, 41, 6):
        notes.show(History())
        assert drawn(notes)[1] == " nothing yet"


async def test_the_same_history_draws_nothing() -> None:
    notes = NotesPanel()
    made = history()
    async with staged(notes, 41, 11):
        notes.show(made)
        before = notes._lines
        made.apply(Stepped(301, 4, (1.0,), 1, 2, 3e-4, made.seconds + 0.01))
        notes.show(made)
        assert notes._lines is before


@pytest.mark.parametrize(
    ("width", "row"),
    [
        (48, " 2 val 0.120  ★ MAE 0.314  R² 0.760   0.1 s"),
        (39, " 2 val 0.120  ★ MAE 0.314  R² 0.760"),
        (30, " 2 val 0.120  ★ MAE 0.314"),
    ],
)
async def test_a_validation_of_regression_says_loss_and_errors_as_far_as_there_is_room(width: int, row: str) -> None:
    notes, made = NotesPanel(), History()
    made.extend(fitted.sine(2))
    async with staged(notes, width, 6):
        notes.show(made)
        assert drawn(notes)[1] == row


LONG = "mnist cannot be fetched: its name is not found, as without a network. By hand: put train-images-idx3-ubyte.gz into a folder"


async def test_a_long_text_goes_on_below_as_far_as_there_is_room() -> None:
    notes = NotesPanel()
    made = history(Noted("warning", LONG, 310))
    async with staged(notes, 41, 11):
        notes.show(made)
        rows = [row.strip() for row in drawn(notes)]
        assert rows[1:5] == [
            "! mnist cannot be fetched: its name is",
            "not found, as without a network. By",
            "hand: put train-images-idx3-ubyte.gz",
            "into a folder  step 310",
        ]
        assert rows[-1].startswith("✓ still learning")
        made.apply(validated(4, 0.8, 0.75))
        notes.show(made)
        assert [row.strip()[:8] for row in drawn(notes)[1:4]] == ["4 val 75", "! mnist ", "3 val 71"], "older ones are short again"


async def test_with_plenty_of_room_all_is_said_and_can_be_scrolled() -> None:
    notes = NotesPanel()
    made = History()
    made.extend([START, *(Noted("warning", f"{number} {LONG}", number) for number in range(10))])
    async with staged(notes, 60, 24, focus=True) as pilot:
        notes.show(made)
        assert "1–23 of 30" not in drawn(notes)[0]
        assert drawn(notes)[3].strip().endswith("into a folder  step 9")
        await pilot.press("end")
        assert drawn(notes)[-1].strip().endswith("into a folder")
        assert "8–30 of 30" in drawn(notes)[0]


async def test_scrubbed_they_are_those_of_then() -> None:
    notes = NotesPanel()
    other = ((492, 0), (250, 249))
    made = history()
    made.apply(Evaluated(400, 4, "val", 0.8, 0.75, other, 40.0, 0.3, True, 9.4))
    async with staged(notes, 41, 11):
        notes.show(made)
        now = drawn(notes)
        notes.show(made, 2)
        then = drawn(notes)
        notes.show(made)
        assert drawn(notes) == now
    assert then[0].endswith("19 s elapsed ─")
    assert [row.split()[:2] for row in then[1:3]] == [["2", "val"], ["1", "val"]]
    assert any(row.startswith(" cat → dog   24 %") for row in then)
    assert not any("rate" in row or "still learning" in row for row in then)
    assert not any(row.startswith(" cat → dog") for row in now)
