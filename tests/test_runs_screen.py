"""The Runs tab over made records: what it shows, and what its keys do."""

from __future__ import annotations

import re

import pytest

from made import app_of, ended, evaluated, made, opened, started, text_of, until, without_torch  # noqa: F401  # used by name
from runs_table import presets, screen_of
from tui_trainer.app.screens.runs import RunsScreen
from tui_trainer.events import Hosted, Stepped
from tui_trainer.runs import log
from tui_trainer.runs.columns import COLUMNS

pytestmark = pytest.mark.usefixtures("without_torch")


async def test_no_runs_yet() -> None:
    async with opened("Runs") as pilot:
        assert "no runs yet" in text_of(pilot.app.screen)
        await pilot.press("enter", "D", "r", "s")  # nothing to do it to
        assert pilot.app.screen is screen_of(pilot)


async def test_what_is_known_of_a_run_is_in_its_row() -> None:
    run = made("cnn", started(), evaluated(), ended(), lr=3e-4, batch_size=64)
    async with opened("Runs", size=(150, 36)) as pilot:
        await until(pilot, lambda: run.id in text_of(pilot.app.screen))
        row = next(one for one in text_of(pilot.app.screen).splitlines() if run.id in one)
        for words in ("cnn", "digits", "adam", "3e-4", "64", "1 234", "10/10", "90.0 % ★", "0.300", "1:00", "✓ done", "now"):
            assert words in row


async def test_the_columns_that_decide_are_there_at_every_size() -> None:
    run = made("cnn", started(), ended("diverged"))
    async with opened("Runs", size=(160, 50)) as pilot:
        for size in ((160, 50), (100, 30), (80, 24), (60, 18)):
            await pilot.resize_terminal(*size)
            await until(
                pilot, lambda wide=size[0]: screen_of(pilot).filter.size.width > wide - 3 and run.id in text_of(pilot.app.screen)
            )
            row = next(one for one in text_of(pilot.app.screen).splitlines() if run.id in one and "cnn" in one)
            for words in ("cnn", "90.0 %", "✕ diverged"):
                assert words in row
            assert len(row) <= size[0]


async def test_filter_by_words() -> None:
    made("cnn", ended())
    made("mlp", ended("stopped"))
    async with opened("Runs") as pilot:
        await until(pilot, lambda: len(presets(pilot)) == 2)
        await pilot.press("slash", *"mlp")
        await until(pilot, lambda: presets(pilot) == ["mlp"])
        assert "1 of 2 runs" in text_of(pilot.app.screen)
        await pilot.press(*" q?")  # letters are text here
        await until(pilot, lambda: "no run is like this" in text_of(pilot.app.screen))
        await pilot.press("escape")
        await until(pilot, lambda: len(presets(pilot)) == 2)
        assert pilot.app.focused is screen_of(pilot).table


async def test_filter_order_and_marks_outlive_the_screen() -> None:
    made("cnn", ended())
    kept = made("mlp", ended())
    async with opened("Runs") as pilot:
        await pilot.press("slash", *"mlx", "backspace", "p", "enter")
        await until(pilot, lambda: presets(pilot) == ["mlp"])
        assert pilot.app.focused is screen_of(pilot).table
        await pilot.press("space", "s")
        await pilot.press("f2")
        await until(pilot, lambda: app_of(pilot).tab is app_of(pilot).lab)
        await pilot.press("f3")
        await until(pilot, lambda: isinstance(app_of(pilot).tab, RunsScreen) and presets(pilot) == ["mlp"])
        assert "1 of 2 runs  ·  1 marked" in text_of(pilot.app.screen)
        assert screen_of(pilot).table.sorted_by == "best"
        await pilot.press("escape")
        await until(pilot, lambda: len(presets(pilot)) == 2)
        assert [one.run for one in screen_of(pilot).marked] == [kept]
        await pilot.press("escape")
        assert screen_of(pilot).marked == []
        await pilot.press("escape")
        await until(pilot, lambda: app_of(pilot).tab is app_of(pilot).lab)


async def test_a_word_that_means_nothing_is_said_and_nothing_vanishes() -> None:
    made("cnn", ended())
    async with opened("Runs") as pilot:
        await pilot.press("slash", *"vax>9")
        await until(pilot, lambda: "did you mean val" in text_of(pilot.app.screen))
        assert presets(pilot) == ["cnn"]
        screen_of(pilot).filter.put("lr>=1e-3 dataset:digits status:finished")
        await until(pilot, lambda: "did you mean" not in text_of(pilot.app.screen))
        assert presets(pilot) == ["cnn"]


async def test_sorting_keeps_the_cursor_on_its_run() -> None:
    for preset, best in (("cnn", 0.5), ("mlp", 0.9), ("linear", 0.7)):
        made(preset, ended(best=best))
    async with opened("Runs") as pilot:
        await until(pilot, lambda: presets(pilot) == ["linear", "mlp", "cnn"])  # newest first
        await pilot.press("G", "s")
        await until(pilot, lambda: presets(pilot) == ["mlp", "linear", "cnn"])
        assert screen_of(pilot).table.current is not None
        assert screen_of(pilot).table.cursor == 2
        await pilot.press("S")
        await until(pilot, lambda: presets(pilot) == ["cnn", "linear", "mlp"])
        assert screen_of(pilot).table.cursor == 0


async def test_a_click_on_a_heading_sorts() -> None:
    made("cnn", ended(best=0.5))
    made("mlp", ended(best=0.9))
    made("linear", ended(best=0.4))
    async with opened("Runs") as pilot:
        await until(pilot, lambda: len(presets(pilot)) == 3)
        rows = text_of(pilot.app.screen).splitlines()
        row = next(at for at, one in enumerate(rows) if "best val" in one)
        await pilot.click(offset=(rows[row].index("best val") + 2, row))
        await until(pilot, lambda: presets(pilot) == ["mlp", "cnn", "linear"])


async def test_every_column_can_be_sorted_by_and_is_shown_then() -> None:
    for preset, best in (("cnn", 0.5), ("mlp", 0.9)):
        made(preset, started(), ended(best=best))
    async with opened("Runs", size=(80, 24)) as pilot:
        await until(pilot, lambda: len(presets(pilot)) == 2)
        table, seen = screen_of(pilot).table, list[str]()
        for _ in COLUMNS:
            await pilot.press("s")
            seen.append(table.sorted_by)
            heading = text_of(pilot.app.screen).splitlines()[2]
            assert next(one.heading for one in COLUMNS if one.name == table.sorted_by) in heading
            assert "▾" in heading or "▴" in heading
        assert sorted(seen) == sorted(one.name for one in COLUMNS)
        for key, by in (("right", 1), ("left", -1), ("left", -1)):
            shown = [place.name for place, _ in table.columns(80) if place.name != "curve"]
            beside = shown[(shown.index(table.sorted_by) + by) % len(shown)]
            await pilot.press(key)
            assert table.sorted_by == beside
        command = next(one for one in app_of(pilot).get_system_commands(pilot.app.screen) if one.title == "Sort by best val")
        command.callback()
        assert presets(pilot) == ["mlp", "cnn"]


async def test_the_curve_under_the_table_is_that_of_the_cursor_and_moves() -> None:
    made("mlp", started(), evaluated(), ended(best=0.4))
    run = made("cnn")
    with log.Writer(run.events) as write:
        write(started())
        write(Stepped(5, 1, (0.75,) * 5, 1, 2, 1e-3, 1.0))
        async with opened("Runs") as pilot:
            screen = screen_of(pilot)
            await until(pilot, lambda: screen.chart.title == run.id and "train 0.750" in text_of(pilot.app.screen))
            write(Stepped(10, 1, (0.25,) * 5, 1, 2, 1e-3, 2.0))
            write(evaluated())
            await until(pilot, lambda: "val 0.500" in text_of(pilot.app.screen))
            await until(pilot, lambda: "worst class cat 80.0 %" in text_of(pilot.app.screen))
            await pilot.press("j")
            await until(pilot, lambda: screen.chart.title != run.id)
            assert "train ·" in text_of(pilot.app.screen)
            await pilot.resize_terminal(80, 24)
            await until(pilot, lambda: not screen.chart.display and "Settings" in text_of(pilot.app.screen))


async def test_a_run_is_opened_as_it_was_and_scrubbed_through() -> None:
    made("cnn", started(), evaluated(), evaluated(((30, 19, 1), (4, 45, 1), (0, 2, 48)), 2), evaluated(epoch=3), ended())
    async with opened("Runs", size=(120, 40)) as pilot:
        await until(pilot, lambda: len(presets(pilot)) == 1)
        await pilot.press("enter")
        await until(pilot, lambda: "✓ finished" in text_of(pilot.app.screen))
        assert "3 val 88.7 %" in text_of(pilot.app.screen)
        await pilot.press("<")
        await until(pilot, lambda: "epoch 2 of 3" in text_of(pilot.app.screen))
        shown = text_of(pilot.app.screen)
        assert "val 82.0 %" in shown  # above the curve
        assert "60.0" in next(one for one in shown.splitlines() if " cat " in one and "━" in one)  # on the class board
        assert re.search(r"cat +→ dog +38 %", shown)  # in the notes
        assert "3 val" not in shown
        await pilot.press(">")
        await until(pilot, lambda: "3 val 88.7 %" in text_of(pilot.app.screen))
        await pilot.press("s", "escape", "f3")  # it stays open behind the form
        await until(pilot, lambda: isinstance(app_of(pilot).tab, RunsScreen) and len(presets(pilot)) == 1)
        await pilot.press("enter")
        await until(pilot, lambda: "3 val 88.7 %" in text_of(pilot.app.screen) and app_of(pilot).screen is app_of(pilot).lab)


async def test_ascii_where_the_locale_has_no_utf_8() -> None:
    made("cnn", started(), ended("diverged"))
    made("mlp", started(), ended("stopped"))
    async with opened("Runs", ascii_only=True) as pilot:
        await until(pilot, lambda: len(presets(pilot)) == 2)
        await pilot.press("s", "S", "slash", *"cnn")
        await until(pilot, lambda: presets(pilot) == ["cnn"])
        assert text_of(pilot.app.screen).isascii()


async def test_names_from_files_cannot_steer_the_terminal() -> None:
    run = made("cnn", ended())
    run.config_file.write_text(run.config_file.read_text().replace('"cnn"', '"c\\u001b[31mn[b]n"'), encoding="utf-8")
    async with opened("Runs", size=(150, 36)) as pilot:
        await until(pilot, lambda: run.id in text_of(pilot.app.screen))
        shown = text_of(pilot.app.screen)
        assert "\x1b" not in shown
        assert "c\\x1b[31mn" in shown


async def test_a_run_that_cannot_be_read_is_said_and_nothing_is_lost() -> None:
    broken, other = made("cnn", started(), ended()), made("mlp", started(), ended())
    broken.config_file.write_text("{}", encoding="utf-8")
    async with opened("Runs") as pilot:
        await until(pilot, lambda: sorted(presets(pilot)) == ["?", "mlp"])
        screen_of(pilot).table.focus()
        while screen_of(pilot).table.current is None or screen_of(pilot).table.current.run != broken:
            await pilot.press("down")
        await pilot.press("enter")
        await until(pilot, lambda: "cannot be used" in text_of(pilot.app.screen))
        assert app_of(pilot).live.session is None
        broken.config_file.unlink()
        await pilot.press("enter")
        await until(pilot, lambda: app_of(pilot).tab is screen_of(pilot))
    assert other.config_file.is_file()


async def test_a_run_that_is_trained_elsewhere_shows_by_whom_and_is_attached_to() -> None:
    run = made("cnn")
    with log.Writer(run.events) as write:
        write(Hosted(4711, "gpu-box"))
        write(started())
        async with opened("Runs", size=(160, 50)) as pilot:
            await until(pilot, lambda: "4711 on gpu-box" in text_of(pilot.app.screen))
            assert "process 4711 on gpu-box" in text_of(pilot.app.screen)
            await until(pilot, lambda: "Enter attach" in text_of(pilot.app.screen))
            await pilot.press("g")
            await until(pilot, lambda: "is being trained already: Enter attaches to it" in text_of(pilot.app.screen))
            assert pilot.app.screen is screen_of(pilot)
            await pilot.press("enter")
            await until(pilot, lambda: app_of(pilot).live.attached)
            assert app_of(pilot).tab is app_of(pilot).lab


async def test_a_run_that_is_live_elsewhere_does_not_keep_others_from_being_opened() -> None:
    over, going_on = made("mlp", started(), ended()), made("cnn")
    with log.Writer(going_on.events) as write:
        write(started())
        async with opened("Lab", attach=going_on) as pilot:
            app_of(pilot).open_run(over)
            await until(pilot, lambda: app_of(pilot).live.history.ended is not None)
