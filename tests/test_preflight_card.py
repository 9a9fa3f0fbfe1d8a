"""The cards beside the form: what they say, and that they fit."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.app import App, ComposeResult
from textual.widget import Widget

from tui_trainer.app.widgets.about import AboutCard, fitting
from tui_trainer.app.widgets.earlier import EarlierRuns
from tui_trainer.app.widgets.layers import LayersCard, folded
from tui_trainer.app.widgets.preflight import PreflightCard, SweepTold
from tui_trainer.app.widgets.rows import Rows, width_of
from tui_trainer.app.widgets.schedule import SchedulePreview
from tui_trainer.app.widgets.shell import ShellCard
from tui_trainer.config import DEFAULTS, Config
from tui_trainer.events import Layer
from tui_trainer.measured import Measured
from tui_trainer.preset import Preset
from tui_trainer.runs.store import Run, Summary

CONFIG = Config(preset="cnn", dataset="digits", batch_size=128, epochs=10)
LAYERS = (
    Layer("conv1", "Conv2d", (32, 32, 32), 896),
    Layer("pool1", "MaxPool2d", (32, 16, 16), 0),
    Layer("dense1", "Linear", (128,), 262_272),
    Layer("dense2", "Linear", (10,), 1290),
)
MEASURED = Measured(
    key=CONFIG,
    parameters=356_810,
    multiply_adds=10_600_000,
    weight_bytes=1_427_240,
    memory=900_000_000,
    memory_free=8_000_000_000,
    steps_per_epoch=352,
    samples_per_second=4812.0,
    epoch_seconds=9.4,
    layers=LAYERS,
    input_shape=(3, 32, 32),
    device="cpu",
    threads=2,
    precision="fp32",
    batches=8,
)
NOON = 1_700_000_000.0


class Host(App[None]):
    def __init__(self, widget: Widget) -> None:
        super().__init__()
        self.widget = widget
        self.chosen: list[str] = []

    def compose(self) -> ComposeResult:
        yield self.widget

    def on_earlier_runs_chosen(self, message: EarlierRuns.Chosen) -> None:
        self.chosen.append(message.run_id)


def text(widget: Rows) -> str:
    return "\n".join("".join(part.text for part in row).rstrip() for row in widget._lines)


async def shown(card: Rows, size: tuple[int, int]) -> str:
    app = Host(card)
    async with app.run_test(size=size) as pilot:
        card.styles.height = size[1]
        await pilot.pause()
        card.draw()
        return text(card)


@pytest.mark.parametrize("width", [36, 52, 90])
async def test_preflight_says_what_was_measured(width: int) -> None:
    card = PreflightCard(now=lambda: NOON)
    card.show(MEASURED, "", CONFIG, True)
    said = await shown(card, (width, 11))
    for figure in ("356 810", "10.6 M", "0.9 GB", "352", "9.4 s", "ten epochs", "1 min 34 s", "4 812 img/s"):
        assert figure in said
    assert ("measured, 8 batches" in said) == (width >= 36)
    assert "!" not in said


async def test_preflight_knows_nothing_at_first_and_says_what_it_does() -> None:
    card = PreflightCard()
    card.show(None, "loading torch", CONFIG, True)
    said = await shown(card, (52, 11))
    assert "loading torch" in said
    assert said.count("·") == 6
    assert "0" not in said.replace("10", "")


async def test_preflight_says_for_which_values_its_figures_hold() -> None:
    card = PreflightCard()
    card.show(MEASURED, "", CONFIG, False, ["batch_size"])
    assert "! figures for batch 128, the last valid one" in await shown(card, (52, 11))
    card = PreflightCard()
    card.show(MEASURED, "", CONFIG, False, ["width"])
    assert "! figures for these settings, the last valid one" in await shown(card, (52, 11))


@pytest.mark.parametrize("width", [36, 52, 90])
async def test_preflight_says_what_is_fetched_first(width: int) -> None:
    card = PreflightCard()
    card.show(MEASURED, "", CONFIG, True, (), 170_498_071)
    said = await shown(card, (width, 11))
    assert "◌ " in said
    assert "170.5 MB are fetched first" in said
    assert ("the dataset is not here yet" in said) == (width >= 60)
    assert "356 810" in said


async def test_preflight_shows_a_problem_instead_of_figures() -> None:
    card = PreflightCard()
    card.show(
        Measured(problem="build() raised ValueError: [b]pictures[/b] of 4×4 are too small for three poolings"), "", CONFIG, True
    )
    said = await shown(card, (44, 11))
    assert "✕ build() raised ValueError:" in said
    assert "[b]pictures[/b]" in said
    assert said.count("·") == 6


@pytest.mark.parametrize("height", [9, 12])
async def test_a_long_problem_takes_the_room_of_the_figures_that_there_are_not(height: int) -> None:
    card = PreflightCard()
    card.show(Measured(problem="preset cnn, line 50: conv layers need pictures; " * 4 + "linear takes rows"), "", CONFIG, True)
    said = await shown(card, (40, height))
    assert "linear takes rows" in " ".join(said.split())
    assert said.count("·") < 6


async def test_what_is_wrong_with_the_dataset_is_said_in_full() -> None:
    card = PreflightCard()
    card.show(
        MEASURED, "", CONFIG, False, ["dataset"], problem="Cat, cat in /home/me/pets differ only by case; rename one, or join them"
    )
    said = await shown(card, (40, 9))
    assert "✕ Cat, cat in /home/me/pets differ only by case; rename one, or join them" in " ".join(said.split())
    assert "356 810" in said


@pytest.mark.parametrize(
    ("budget", "label"), [({"steps": 704}, "704 steps"), ({"seconds": 60.0}, "the run"), ({"epochs": 25}, "25 epochs")]
)
async def test_preflight_knows_every_budget(budget: dict[str, float], label: str) -> None:
    card = PreflightCard(now=lambda: NOON)
    card.show(MEASURED, "", CONFIG.but(**budget), True)
    said = await shown(card, (52, 11))
    assert label in said
    assert {"704 steps": "19 s", "the run": "1 min 00 s", "25 epochs": "3 min 55 s"}[label] in said


async def test_layers_fit_the_room_and_say_what_is_missing() -> None:
    card = LayersCard()
    card.show(LAYERS, (3, 32, 32))
    said = await shown(card, (52, card.rows))
    assert "pool1" in said
    assert "99 %" in said
    assert "264 458" in said
    card = LayersCard()
    card.show(LAYERS, (3, 32, 32))
    said = await shown(card, (52, 6))
    assert "dense1" in said
    assert "pool1" not in said
    assert "2 not shown" in said
    assert "264 458" in said


def test_layers_without_parameters_are_folded_first() -> None:
    assert [one.name for one in folded(LAYERS, 3)] == ["conv1", "dense1", "dense2"]
    assert [one.name for one in folded(LAYERS, 2)] == ["dense1", "dense2"]
    assert folded(LAYERS, 4) == list(LAYERS)


async def test_the_shell_command_says_only_what_differs() -> None:
    suggested = {**DEFAULTS, "dataset": "digits", "epochs": 10, "knobs": {"width": 16}}
    card = ShellCard()
    card.show({"preset": "cnn"}, CONFIG.but(knobs={"width": 32}), suggested, {})
    assert card.command == "tui-trainer train cnn --batch-size 128 --set width=32"
    card.show({"preset": "cnn"}, CONFIG, suggested, {}, [Path("my nets")])
    assert card.command.endswith(" --presets 'my nets'")
    raw = {
        "preset": "cnn",
        "dataset": "digits",
        "batch_size": "0 x",
        "lr": "1e-3",
        "seed": "7",
        "epochs": "10",
        "knobs": {"width": "16"},
    }
    card.show(raw, None, suggested, {"batch_size": "a whole number"})
    assert card.command == "tui-trainer train cnn --batch-size '0 x' --seed 7"


async def test_the_shell_command_is_wrapped_as_a_shell_takes_it() -> None:
    card = ShellCard()
    long = CONFIG.but(dataset="shapes", optimizer="rmsprop", schedule="one-cycle", seed=12345, flip=True, shift=True, steps=100)
    card.show({"preset": "cnn"}, long, {}, {})
    app = Host(card)
    async with app.run_test(size=(50, 20)) as pilot:
        card.styles.height = card.rows(50)
        await pilot.pause()
        card.draw()
        lines = text(card).split("\n")[1:]
        assert all(one.endswith(" \\") for one in lines[:-1])
        assert " ".join(one.strip().removesuffix(" \\") for one in lines) == card.command
        assert all(width_of(row) == 50 for row in card._lines)


def earlier(count: int) -> list[Summary]:
    return [
        Summary(Run(Path(f"cnn-digits-{index:04x}")), "finished", CONFIG, best_accuracy=0.9 + index / 100, time=NOON - 3600 * index)
        for index in range(count)
    ]


async def test_earlier_runs_fill_the_form() -> None:
    runs = earlier(6)
    card = EarlierRuns(now=lambda: NOON)
    app = Host(card)
    async with app.run_test(size=(64, 6)) as pilot:
        card.styles.height = 6
        card.show(runs, "cnn", "digits")
        await pilot.pause()
        assert "cnn on digits" in text(card)
        assert "90.0 %" in text(card)
        card.focus()
        await pilot.press("down", "down", "down", "down", "down", "enter")
        await pilot.pause()
        assert app.chosen == [runs[5].run.id]
        assert runs[5].run.id in text(card)
        await pilot.click(card, offset=(5, 1))
        await pilot.pause()
        assert len(app.chosen) == 2


async def test_no_earlier_runs_is_said() -> None:
    card = EarlierRuns()
    card.show([], "cnn", "digits")
    assert "none yet: the first one will stand here" in await shown(card, (64, 5))


async def test_the_rule_is_heavy_only_while_the_panel_has_the_focus() -> None:
    card = EarlierRuns()
    app = Host(card)
    async with app.run_test(size=(40, 5)) as pilot:
        card.styles.height = 5
        app.set_focus(card)
        await pilot.pause()
        assert text(card).startswith("━ Earlier runs ━")
        app.set_focus(None)
        await pilot.pause()
        assert text(card).startswith("─ Earlier runs ─")


ABOUT = "Three conv layers.\n\nEach looks *around*. The second sentence is a good deal longer than that.\n\n**Try:** `width` 64."


async def test_about_shows_the_preset_in_its_own_words() -> None:
    card = AboutCard()
    card.show(Preset("cnn", Path("/somewhere/presets/cnn.py"), "Three conv layers.", ABOUT.partition("\n\n")[2]))
    said = await shown(card, (60, 8))
    assert "presets/cnn.py" in said
    assert "Each looks around." in said
    assert "Try: width 64." in said


def test_about_is_cut_at_sentences_and_keeps_what_to_try() -> None:
    assert fitting(ABOUT, 40, 3) == [("Three conv layers.", False), ("Each looks around.", False), ("Try: width 64.", True)]
    assert fitting(ABOUT, 40, 1) == [("Three conv layers.", False)]


@pytest.mark.parametrize("name", ["constant", "cosine", "one-cycle", "step"])
async def test_a_schedule_is_drawn_with_its_axis(name: str) -> None:
    card = SchedulePreview()
    card.show(name, 1e-3, "10 epochs")
    said = await shown(card, (50, 12))
    assert f"{name}, over 10 epochs" in said
    assert "1e-3" in said
    assert "start" in said
    assert "end" in said
    assert any("⠀" < mark <= "⣿" for mark in said)


def test_plotext_is_not_loaded_for_a_schedule_nobody_looks_at(run_python) -> None:  # type: ignore[no-untyped-def]  # a fixture
    assert run_python("import sys, tui_trainer.app.widgets.schedule; print('plotext' in sys.modules)") == "False"


async def test_preflight_says_how_many_runs_how_long_and_how_that_is_known() -> None:
    card = PreflightCard(now=lambda: NOON)
    told = SweepTold(6, "3 presets × 2 rates", 250.0, 0, "from batches timed here", "cnn, lr 0.001")
    card.show(MEASURED, "", CONFIG, True, sweep=told)
    said = await shown(card, (52, 11))
    assert "6 runs: 3 presets × 2 rates" in said
    assert "4 min 10 s  done about" in said
    assert "from batches timed here" in said
    assert said.index("the first: cnn, lr 0.001") < said.index("356 810")
    card = PreflightCard(now=lambda: NOON)
    card.show(MEASURED, "", CONFIG, True, sweep=told._replace(unknown=2))
    said = await shown(card, (38, 9))
    assert "over 4 min 10 s" in said
    assert "done" not in said
    card = PreflightCard()
    card.show(None, "", CONFIG, True, sweep=told._replace(seconds=0.0, unknown=6, words="how long is not known yet"))
    said = await shown(card, (52, 11))
    assert "in all                ·" in said
    assert "how long is not known yet" in said


def test_the_command_of_a_sweep_has_its_lists() -> None:
    card = ShellCard()
    given = {"preset": "cnn,mlp", "lr": "1e-3,77", "flip": "yes", "shift": "no,yes", "knobs": {"width": "8,16"}}
    card.show({"preset": "cnn,mlp"}, None, {}, {"lr": "77: a number above 0"}, given=given)
    assert card.command == "tui-trainer train cnn,mlp --lr 1e-3,77 --flip --shift=no,yes --set width=8,16"
