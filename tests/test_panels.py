"""The panels of the left column, and what holds for all of them."""

from __future__ import annotations

import pytest

from stage import drawn, heard, staged, style_of
from tui_trainer.app import palette as palettes
from tui_trainer.app.meter import Machine
from tui_trainer.app.views.mistakes import MistakeStrip
from tui_trainer.app.widgets.checkpoints import Checkpoints, CheckpointsPanel
from tui_trainer.app.widgets.classes import ClassBoard
from tui_trainer.app.widgets.confusion import ConfusionMatrix
from tui_trainer.app.widgets.last_run import LastRun, LastRunPanel
from tui_trainer.app.widgets.machine import MachinePanel
from tui_trainer.app.widgets.model import ModelPanel
from tui_trainer.app.widgets.notes import NotesPanel
from tui_trainer.app.widgets.panel import Panel
from tui_trainer.app.widgets.settings import RateDown, RateUp, SettingsLine, SettingsPanel, Unfold, parts_of, settings_of
from tui_trainer.app.widgets.timing import TimingPanel
from tui_trainer.config import read
from tui_trainer.events import Layer, RunStarted, Timed

LAYERS = (
    Layer("conv1", "Conv2d", (32, 32, 32), 896),
    Layer("pool1", "MaxPool2d", (32, 16, 16), 0),
    Layer("conv2", "Conv2d", (64, 16, 16), 18_496),
    Layer("conv3", "Conv2d", (128, 8, 8), 73_856),
    Layer("dense1", "Linear", (128,), 262_272),
    Layer("dense2", "Linear", (10,), 1_290),
)
STARTED = RunStarted({}, "cpu", "cpu", 1, "fp32", 356_810, LAYERS, (3, 32, 32), ("a",), 10, 1, 1, 1, 1)
CONFIG: dict[str, object] = {
    name: getattr(config, name)
    for config in [
        read({"preset": "cnn", "dataset": "cifar10", "batch_size": 128, "seed": 7, "knobs": {"width": 32}, "flip": True})
    ]
    for name in type(config).__slots__
}


async def test_model() -> None:
    model = ModelPanel()
    async with staged(model, 25, 7):
        model.show(LAYERS, (3, 32, 32), 356_810)
        assert drawn(model) == [
            "─ Model ─────── 356 810 ─",
            " input    3×32×32",
            " conv1   32×32×32",
            " conv2   64×16×16 ╸",
            " conv3    128×8×8 ━╸",
            " dense1       128 ━━━━━━",
            " dense2        10",
        ]


async def test_a_deep_model_is_scrolled() -> None:
    model = ModelPanel()
    async with staged(model, 25, 4, focus=True) as pilot:
        model.show(LAYERS, (3, 32, 32), 356_810)
        await pilot.press("end")
        assert drawn(model)[3].startswith(" dense2")


async def test_machine() -> None:
    machine = MachinePanel()
    async with staged(machine, 25, 5):
        machine.show(Machine(4812, (1, 2, 3), 2, 2, 194.0, 900_000_000, 8_000_000_000, 0.006, 2000))
        assert drawn(machine) == [
            "─ Machine ───────────────",
            " img/s  4 812        ▁▅█",
            " cpu    2 of 2      97 %",
            " memory 0.9 GB      of 8",
            " screen 0.6 %     2 kB/s",
        ]
        machine.show(Machine())
        assert drawn(machine)[1:] == [" img/s  ·", " cpu    · of 1         ·", " memory ·", " screen ·              ·"]


async def test_timing() -> None:
    timing = TimingPanel()
    async with staged(timing, 27, 5):
        timing.show(None)
        assert drawn(timing)[1] == " data            ·"
        timing.show(Timed(10, 0.4, 9.1, 14.9, 2.1))
        assert drawn(timing) == [
            "─ Timing ──────── a batch ─",
            " data       0.4 ms",
            " forward    9.1 ms ━━╸",
            " backward  14.9 ms ━━━━",
            " update     2.1 ms ╸",
        ]


@pytest.mark.parametrize(
    ("kept", "last"),
    [
        (Checkpoints(5, "71.8 %", 1760, 12), " last   step 1 760 12 s ago"),
        (Checkpoints(5, "71.8 %", 17_604, 180), " last   step 17 604   3 min"),
        (Checkpoints(5, "71.8 %", 101_760_000, 7200), " last   101 760 000     2 h"),
        (Checkpoints(), " last   ·"),
    ],
)
async def test_checkpoints(kept: Checkpoints, last: str) -> None:
    panel = CheckpointsPanel()
    async with staged(panel, 27, 3):
        panel.show(kept)
        rows = drawn(panel)
    assert rows[1] == (" best   epoch 5      71.8 %" if kept.best_epoch else " best   ·")
    assert rows[2] == last


async def test_last_run() -> None:
    panel = LastRunPanel()
    async with staged(panel, 27, 3):
        assert drawn(panel)[1] == " none yet"
        panel.show(LastRun("b21c", "67.9 %", 10, 5.0, 5))
        assert drawn(panel) == ["─ Last run ───────── b21c ─", " best   67.9 %     epoch 10", " now    ▲ 5.0 at epoch 5"]
        panel.show(LastRun("b21c", "67.9 %", 10, -1.2, 3))
        assert drawn(panel)[2] == " now    ▼ 1.2 at epoch 3"
        panel.show(LastRun("b21c", "·"))
        assert drawn(panel)[1:] == [" best   ·", " now    ·"]


async def test_settings_are_locked_but_for_the_rate() -> None:
    panel = SettingsPanel()
    async with staged(panel, 25, 12) as pilot:
        panel.show(settings_of(CONFIG, 3e-4, STARTED))
        rows = drawn(panel)
        assert rows[0] == "─ Setup ──────── locked ─"
        assert rows[1] == " preset      cnn"
        assert rows[4] == " rate        3e-4   [ ]"
        assert rows[7:11] == [" device      auto: cpu", " seed        7", " width       32", " augment     flip"]
        assert style_of(panel, "3e-4").bgcolor == palettes.choose().ink(on="raised").bgcolor
        await pilot.click(panel, offset=(20, 4))
        await pilot.click(panel, offset=(22, 4))
        await pilot.click(panel, offset=(20, 5))
        await pilot.pause()
        assert [type(message) for message in heard(pilot)] == [RateDown, RateUp]


async def test_settings_of_a_run_that_is_over_have_no_field() -> None:
    panel = SettingsPanel()
    async with staged(panel, 25, 12) as pilot:
        panel.show(settings_of(CONFIG), live=False)
        assert drawn(panel)[4] == " rate        1e-3"
        assert "locked" not in drawn(panel)[0]
        await pilot.click(panel, offset=(20, 4))
        await pilot.pause()
        assert heard(pilot) == []


def test_settings_show_what_is_unusual() -> None:
    rows = dict(settings_of(CONFIG | {"schedule": "cosine", "epochs": None, "steps": 500}))
    assert rows["schedule"] == "cosine"
    assert rows["steps"] == "500"
    assert "epochs" not in rows
    assert "momentum" not in rows


async def test_settings_in_one_line_give_up_the_least_important() -> None:
    setup = SettingsLine()
    async with staged(setup, 80, 1) as pilot:
        setup.show(parts_of(CONFIG, 3e-4, STARTED))
        assert drawn(setup)[0] == " Setup  adam · rate 3e-4 · batch 128 · seed 7 · cpu · 356 810 parameters      ▸"
        await pilot.click(setup, offset=(78, 0))
        await pilot.pause()
        assert [type(message) for message in heard(pilot)] == [Unfold]
    narrow = SettingsLine()
    async with staged(narrow, 60, 1):
        narrow.show(parts_of(CONFIG, 3e-4, STARTED))
        assert drawn(narrow)[0] == " Setup  adam · rate 3e-4 · batch 128 · seed 7 · cpu       ▸"


PANELS = [
    ClassBoard,
    ConfusionMatrix,
    MistakeStrip,
    NotesPanel,
    ModelPanel,
    MachinePanel,
    TimingPanel,
    CheckpointsPanel,
    LastRunPanel,
    SettingsPanel,
]


@pytest.mark.parametrize("kind", PANELS)
@pytest.mark.parametrize("size", [(60, 10), (12, 2), (7, 1)])
async def test_every_panel_stands_empty_at_every_size(kind: type[Panel], size: tuple[int, int]) -> None:
    panel = kind()
    async with staged(panel, *size):
        rows = [panel.render_line(y) for y in range(size[1])]
    assert [row.cell_length for row in rows] == [size[0]] * size[1]


@pytest.mark.parametrize("kind", PANELS)
async def test_focus_is_seen_without_colour_and_in_ascii(kind: type[Panel]) -> None:
    panel = kind()
    async with staged(panel, 40, 5, depth="none", ascii_only=True) as pilot:
        calm = drawn(panel)[0]
        pilot.app.screen.set_focus(panel)
        await pilot.pause()
        assert drawn(panel)[0] != calm
        assert drawn(panel)[0].isascii()


async def test_a_new_palette_is_taken_on() -> None:
    panel = TimingPanel()
    async with staged(panel, 27, 5) as pilot:
        panel.show(Timed(10, 0.4, 9.1, 14.9, 2.1))
        pilot.app.palette = palettes.choose(light=True)  # type: ignore[attr-defined]  # the stage has one
        panel.redraw()
        assert style_of(panel, "14.9").color == palettes.choose(light=True).ink("dim").color
