"""The Compare screen: what stands on it, its keys and the mouse."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import pytest
from textual.pilot import Pilot

import compared
from made import app_of, opened, text_of, until, without_torch
from tui_trainer.app.field import Entry, Field, Keys, Marked
from tui_trainer.app.screens.compare import CompareScreen
from tui_trainer.app.sweep_field import RecordField
from tui_trainer.runs import compare, log
from tui_trainer.runs.store import Run

pytestmark = pytest.mark.usefixtures("without_torch")
__all__ = ["without_torch"]


class Board:
    """Settings of a made sweep, with keys of its own."""

    title = "sweep nets"

    def __init__(self, entries: Sequence[Entry]) -> None:
        self.rows = list(entries)
        self.acted: list[str] = []
        self.over = False

    def entries(self) -> Sequence[Entry]:
        return self.rows

    def state(self) -> tuple[str, str, str]:
        return ("", "", "") if self.over else ("●", "train", "sweep 1 of 2")

    def keys(self) -> Keys:
        return [] if self.over else [("k", "skip this one"), ("X", "stop")]

    def act(self, key: str) -> None:
        self.acted.append(key)


@asynccontextmanager
async def comparing(
    field: Field, size: tuple[int, int] = (120, 36), depth: str = "full", ascii_only: bool = False
) -> AsyncIterator[tuple[Pilot[None], CompareScreen]]:
    async with opened("Runs", size, depth=depth, ascii_only=ascii_only) as pilot:
        screen = CompareScreen(field)
        pilot.app.push_screen(screen)
        await until(pilot, lambda: screen.is_mounted and not screen.comparing.busy and screen.comparing._due > 0)
        await pilot.pause()
        await pilot.pause()
        yield pilot, screen


async def press(pilot: Pilot[None], keys: str, words: str = "") -> str:
    """Press these, wait until these words stand on the screen, and say what does."""
    await pilot.press(*keys.split())
    await until(pilot, lambda: words in text_of(pilot.app.screen))
    return text_of(pilot.app.screen)


def nets() -> list[Run]:
    return [
        compared.ran([0.5, top, top + seed / 100], test=top, seed=seed, preset=preset, took=took)
        for preset, top, took in (("linear", 0.6, 1.0), ("mlp", 0.7, 2.0), ("cnn", 0.8, 4.0))
        for seed in (1, 2)
    ]


async def test_all_that_came_of_it_stands_on_one_screen() -> None:
    runs = nets()
    found = compare.read(runs)
    async with comparing(Marked(runs)) as (pilot, screen):
        text = text_of(screen)
        for words in ("Validation accuracy", "mean of 2 seeds", "x: seconds", "Leaderboard", "What differs", "Verdict"):
            assert words in text
        assert "compare 3 settings on digits · 2 seeds each" in text
        assert "6 runs finished" in text
        rows = [line for line in text.splitlines() if "%" in line and ("linear" in line or "mlp" in line)]
        assert any("81.5 %" in line and "★" in line and "cnn" in line for line in text.splitlines())
        assert any("C cnn" in line for line in text.splitlines())
        assert rows
        first = found.judged[0]
        assert f"{first.ahead.letters[0]} leads {first.behind.letters[0]}" in text

        await press(pilot, "x", "x: epochs")
        await press(pilot, "y", "Validation loss")
        text = await press(pilot, "y", "Training loss")
        assert "log" in text.splitlines()[2]
        await press(pilot, "L")
        await until(pilot, lambda: "log" not in text_of(screen).splitlines()[2])
        await press(pilot, "plus", "smooth 3")
        await press(pilot, "y", "Validation accuracy")

        await press(pilot, "1")
        await until(pilot, lambda: "C cnn" not in text_of(screen).split("Leaderboard")[0])
        await press(pilot, "1", "C cnn")

        await press(pilot, "v", "apart")
        await press(pilot, "v", "Accuracy against parameters")
        await press(pilot, "v", "Validation accuracy")

        await press(pilot, "x x", "x: samples")  # all saw as many
        await press(pilot, "t", "nothing to cut")
        await press(pilot, "x t", "cut at 3.0 s")
        assert screen.found is not None
        assert screen.found.cut_at == ("seconds", 3.0)
        await press(pilot, "escape")
        await until(pilot, lambda: app_of(pilot).tab is not screen)
        assert app_of(pilot).tab.TAB == "Runs"  # type: ignore[union-attr]


async def test_headings_sort_rows_are_picked_with_the_mouse_and_enter_opens_the_best_run() -> None:
    runs = nets()
    async with comparing(Marked(runs)) as (pilot, screen):
        board = screen.board
        assert [one.label for one in board.rows] == ["cnn", "mlp", "linear"]
        heading = text_of(screen).splitlines()[board.region.y + 1]
        await pilot.click(offset=(heading.index("an epoch") + 2, board.region.y + 1))
        await until(pilot, lambda: [one.label for one in board.rows] == ["linear", "mlp", "cnn"])
        assert board.current is not None
        assert board.current.label == "cnn"
        await pilot.click(offset=(20, board.region.y + 2))
        await until(pilot, lambda: "band of A" in text_of(screen))
        assert board.current.label == "linear"
        await press(pilot, "S")
        await until(pilot, lambda: [one.label for one in board.rows] == ["cnn", "mlp", "linear"])
        await pilot.click(offset=(heading.index("preset") + 2, board.region.y + 1))
        await until(pilot, lambda: [one.label for one in board.rows] == ["cnn", "linear", "mlp"])
        screen.board.pick(0)
        await press(pilot, "enter")
        live = app_of(pilot).live
        await until(pilot, lambda: live.session is not None and app_of(pilot).tab is app_of(pilot).lab)
        assert live.session is not None
        assert live.session.run == runs[5]


async def test_a_sweep_that_goes_on_moves_and_its_own_keys_come_first() -> None:
    going = compared.ran([0.5], reason="", epochs=9, preset="mlp")
    field = Board([("linear", [compared.ran([0.6])]), ("mlp", [going]), ("cnn", [])])
    async with comparing(field, (80, 24)) as (pilot, screen):
        text = text_of(screen)
        assert "sweep 1 of 2" in text
        assert "k skip this one   X stop" in text
        assert "not begun" in text
        screen.board.pick(2)
        await press(pilot, "k X")
        assert field.acted == ["k", "X"]
        assert screen.board.cursor == 2
        field.over = True
        await press(pilot, "k")
        assert field.acted == ["k", "X"]
        assert screen.board.cursor == 1
        with log.Writer(going.events) as write:
            write(compared.epoch_of(2))
            write(compared.tried(2, 0.9, best=True, seconds=2.0))
        await until(pilot, lambda: "90.0 %" in text_of(screen))
        assert screen.board.rows[0].label == "mlp"
        text = await press(pilot, "v v v", "What differs")
        assert "Verdict" in text
        assert "1 lost" in text
        text = await press(pilot, "v t", "cut at")
        assert "1 lost" in text, "as it is, and not as it would be where it is cut"


async def test_what_has_no_curve_says_what_is_there() -> None:
    edited = compared.PRESET.replace("width: int = 8", "width: int = 16")
    runs = [compared.begun(), compared.begun(text=edited)]
    async with comparing(Marked(runs), (80, 24), "none", ascii_only=True) as (pilot, screen):
        text = text_of(screen)
        assert "no run was validated" in text
        assert text.isascii()
        await press(pilot, "f", "+def build(input_shape, num_classes, *, width: int = 16): ...")
        await press(pilot, "escape")
        await until(pilot, lambda: app_of(pilot).screen is screen)
        await press(pilot, "f2")
        await until(pilot, lambda: app_of(pilot).tab is app_of(pilot).lab)


def test_the_table_of_a_sweep_is_asked_for_by_its_name_and_that_of_marked_runs_by_their_folders() -> None:
    runs = nets()[:2]
    field = RecordField("nets", [("linear", run) for run in runs], {})
    assert CompareScreen(field).to_compare() == ["--sweep", "nets"]
    assert CompareScreen(Marked(runs)).to_compare() == [str(run.folder) for run in runs]
