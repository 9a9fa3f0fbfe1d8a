"""Runs without pictures on every screen of the app and on the command line: no accuracy where there is none, no None."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

import pytest
from textual.pilot import Pilot

import fitted
from made import app_of, made, opened, text_of, until, without_torch  # noqa: F401  # used by name
from tui_trainer.console import record, summary, tables
from tui_trainer.events import CheckpointSaved, Event, ThreadsChanged
from tui_trainer.runs import log, store

pytestmark = pytest.mark.usefixtures("without_torch")

SIZES = [(60, 18), (80, 24), (120, 36), (160, 50)]
WRONG = re.compile(r"\bNone\b|\b0\.0 %|Accuracy|img/s|Confusion|Mistakes|Classes")
RUNS: dict[str, tuple[Callable[[], list[Event]], list[Event]]] = {
    "sine": (fitted.sine, [fitted.ended(8, 0.008, 0.037, 0.997)]),
    "linear-system": (fitted.system, [fitted.ended(9, 0.018, 0.134, None)]),
}


def on_screen(pilot: Pilot[None]) -> str:
    """The text in sight without the machine's own figures, where a share of 0 is no accuracy."""
    return "\n".join(row for row in text_of(pilot.app.screen).splitlines() if "screen " not in row and "cpu " not in row)


async def watch(pilot: Pilot[None], dataset: str, *more: Event) -> store.Run:
    run = made("mlp", *RUNS[dataset][0](), *more, dataset=dataset)
    app_of(pilot).open_run(run)
    await until(pilot, lambda: app_of(pilot).live.history.evaluation is not None)
    await pilot.pause()
    return run


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("dataset", RUNS)
async def test_no_screen_speaks_of_accuracy(dataset: str, size: tuple[int, int]) -> None:
    async with opened(size=size) as pilot:
        await watch(pilot, dataset, *RUNS[dataset][1])
        for tab in ("Lab", "Runs", "Inspect"):
            app_of(pilot).action_tab(tab)
            await until(pilot, lambda tab=tab: app_of(pilot).tab is not None and tab == app_of(pilot).tab.TAB)
            await pilot.pause()
            assert not WRONG.search(on_screen(pilot)), (tab, on_screen(pilot))


@pytest.mark.parametrize("dataset", RUNS)
async def test_the_form_lists_earlier_runs_by_their_error(dataset: str) -> None:
    async with opened() as pilot:
        await watch(pilot, dataset, *RUNS[dataset][1])
        app_of(pilot).lab.fill({"preset": "mlp", "dataset": dataset})
        error = "MAE 0.037" if dataset == "sine" else "MAE 0.134"
        await until(pilot, lambda: error in text_of(pilot.app.screen))
        assert not re.search(r"\bNone\b|\b0\.0 %", on_screen(pilot))


async def test_the_lower_chart_is_the_error_with_r_squared_in_its_title() -> None:
    async with opened() as pilot:
        await watch(pilot, "sine")
        title = "Mean absolute error  ■ val 0.037  ★ best 0.037 epoch 8  R² 0.997"
        await until(pilot, lambda: title in text_of(pilot.app.screen))


async def test_the_figures_of_an_earlier_epoch_are_shown_while_scrubbing() -> None:
    async with opened() as pilot:
        await watch(pilot, "sine", *RUNS["sine"][1])
        await pilot.press("less_than_sign")
        await until(pilot, lambda: "epoch 7 of 8" in text_of(pilot.app.screen))
        assert "Mean absolute error  ■ val 0.053  ★ best 0.037 epoch 8  R² 0.993" in text_of(pilot.app.screen)


@pytest.mark.parametrize("size", SIZES[1:])
async def test_curve_and_parameters_stand_in_the_place_of_the_class_board(size: tuple[int, int]) -> None:
    async with opened(size=size) as pilot:
        app_of(pilot).open_run(made("wave", *fitted.amplitude(), dataset="sine"))
        await until(pilot, lambda: "Fitted curve" in text_of(pilot.app.screen))
        await until(pilot, lambda: "! a1 to and fro" in text_of(pilot.app.screen))
        face = app_of(pilot).lab.run_face
        assert face.views.curve.display
        assert face.views.parameters.display
        assert not any(panel.display for panel in (face.board, face.confusion, face.mistakes, face.views.regions))


@pytest.mark.parametrize("size", SIZES[1:])
async def test_points_have_regions_beside_their_classes(size: tuple[int, int]) -> None:
    async with opened(size=size) as pilot:
        app_of(pilot).open_run(made("mlp", *fitted.points(), dataset="points"))
        await until(pilot, lambda: "Regions" in text_of(pilot.app.screen))
        face = app_of(pilot).lab.run_face
        assert face.views.regions.display
        assert face.board.display
        assert not face.mistakes.display
        assert "Accuracy" in text_of(pilot.app.screen)


async def test_inspect_shows_the_curve_large_with_what_it_misses() -> None:
    async with opened() as pilot:
        await watch(pilot, "sine", *RUNS["sine"][1])
        await pilot.press("i")
        await until(pilot, lambda: "missed by" in text_of(pilot.app.screen))
        assert app_of(pilot).tab is not None
        assert pilot.app.screen.query_one("#curve").size.width > 70
        assert not pilot.app.screen.query_one("#matrix").display


async def test_inspect_shows_regions_large_and_the_matrix_beside_them() -> None:
    async with opened() as pilot:
        app_of(pilot).open_run(made("mlp", *fitted.points(), dataset="points"))
        await until(pilot, lambda: "Regions" in text_of(pilot.app.screen))
        app_of(pilot).action_tab("Inspect")
        await until(pilot, lambda: "92 of 100" in text_of(pilot.app.screen))
        assert "100 samples" in text_of(pilot.app.screen)
        assert pilot.app.screen.query_one("#regions").size.width > 60
        await pilot.press("down")
        await until(pilot, lambda: "blue" in text_of(pilot.app.screen).splitlines()[7])


async def test_the_threads_in_sight_are_those_that_the_governor_chose() -> None:
    async with opened(size=(160, 50)) as pilot:
        run = made("mlp", *fitted.sine(), ThreadsChanged(160, 1, 2, 4120.0, 16.0), dataset="sine")
        with log.Writer(run.events):  # as if it were trained elsewhere
            app_of(pilot).open_run(run)
            await until(pilot, lambda: "threads 1 → 2: 4 120 samples/s" in text_of(pilot.app.screen))
            assert app_of(pilot).live.history.threads == 2
            await until(pilot, lambda: re.search(r"cpu +2 of", text_of(pilot.app.screen)) is not None)


async def test_the_kept_checkpoint_and_the_last_run_are_told_by_their_error() -> None:
    async with opened(size=(160, 50)) as pilot:
        await watch(pilot, "sine", *RUNS["sine"][1])
        await watch(pilot, "sine", CheckpointSaved(160, 8, best=True))
        await until(pilot, lambda: "Last run" in text_of(pilot.app.screen))
        text = text_of(pilot.app.screen)
        assert re.search(r"best +epoch 8 +MAE 0\.037", text)
        assert re.search(r"best +MAE 0\.037 +epoch 8", text)
        assert "the same at epoch 8" in text


@pytest.mark.parametrize("dataset", RUNS)
def test_the_command_line_says_errors_in_place_of_accuracy(dataset: str) -> None:
    run = made("mlp", *RUNS[dataset][0](), *RUNS[dataset][1], dataset=dataset)
    shown = "\n".join(record.lines(store.summary(run), 100, colours=False))
    left = "\n".join(summary.summary_lines(record.read(run), run))
    listed = "\n".join(tables.runs([store.summary(run)], 120))
    for text in (shown, left, listed):
        assert "MAE 0." in text
        assert not re.search(r"\bNone\b|0\.0 %|accuracy", text)
    assert ("fitted curve" in shown) == (dataset == "sine")
    assert ("0.2 0.36 0.488" in shown) == (dataset == "linear-system")


def test_a_record_of_regression_is_strict_json() -> None:
    run = made("mlp", *fitted.system(), *RUNS["linear-system"][1], dataset="linear-system")
    told = json.loads(record.as_json(store.summary(run)))
    assert (told["task"], told["best_accuracy"], told["best_mae"], told["confusion"]) == ("regression", None, 0.134, [])
    assert told["parameter_values"] == pytest.approx({"x[0]": 0.8658, "x[1]": 0.8658}, abs=1e-4)
    assert told["validations"][0] == {"step": 1, "epoch": 1, "loss": 0.64, "mae": 0.8}
