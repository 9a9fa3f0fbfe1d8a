"""Made runs, and the app on them without torch: what tests of screens start from."""

from __future__ import annotations

import asyncio
import base64
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.screen import Screen

from tui_trainer import config, paths, session
from tui_trainer.app import palette as palettes
from tui_trainer.app.app import TrainerApp
from tui_trainer.events import Evaluated, Event, Layer, Probed, RunEnded, RunStarted
from tui_trainer.runs import log, store

CLASSES = ("cat", "dog", "bird")
CONFUSION = ((40, 9, 1), (4, 45, 1), (0, 2, 48))

PRESET = '''"""A made preset.

Its longer text.
"""

DEFAULTS = {"dataset": "digits"}


def build(input_shape, num_classes, *, width: int = 8):
    """Nothing.

    width: how wide it is
    """
'''


def started(classes: tuple[str, ...] = CLASSES) -> RunStarted:
    return RunStarted(
        config={"preset": "cnn", "dataset": "digits"},
        device="cpu",
        device_name="a cpu",
        threads=1,
        precision="fp32",
        parameters=1234,
        layers=(Layer("dense1", "Linear", (3,), 1234),),
        input_shape=(1, 4, 4),
        classes=classes,
        train_size=100,
        val_size=150,
        test_size=10,
        steps_per_epoch=10,
        steps=100,
    )


def evaluated(confusion: tuple[tuple[int, ...], ...] = CONFUSION, epoch: int = 1) -> Evaluated:
    right = sum(row[at] for at, row in enumerate(confusion)) / sum(map(sum, confusion))
    return Evaluated(10 * epoch, epoch, "val", 0.5, right, confusion, 1.0, 0.1, True)


def mistakes(*pairs: tuple[int, int]) -> Probed:
    """Grey pictures of 4×4, one for each (true, taken for), the first with most confidence."""
    count = len(pairs)
    facts = {
        "index": tuple(float(100 + at) for at in range(count)),
        "true": tuple(float(true) for true, _ in pairs),
        "taken_for": tuple(float(taken) for _, taken in pairs),
        "confidence": tuple(0.9 - 0.1 * at for at in range(count)),
    }
    data = bytes(16 * at % 256 for at in range(16 * count))
    return Probed(10, 1, "mistakes", (count, 1, 4, 4), base64.b64encode(data).decode(), facts)


def ended(reason: str = "finished", best: float | None = 0.9) -> RunEnded:
    return RunEnded(100, 10, reason, 60.0, best, 8, 0.3, best, 0.4, best, 0.4, 1000, 1234)


def made(preset: str = "cnn", *events: Event, **settings: object) -> store.Run:
    """The record of a run with these events."""
    source = paths.home() / "made.py"
    source.parent.mkdir(parents=True, exist_ok=True)
    source.write_text(PRESET, encoding="utf-8")
    run = store.create(config.read({"preset": preset, "dataset": "digits", **settings}), source)
    if events:
        with log.Writer(run.events) as write:
            for event in events:
                write(event)
    return run


@pytest.fixture
def without_torch(monkeypatch: pytest.MonkeyPatch) -> None:
    """The app does not begin to import torch, nor to measure what the form says."""
    monkeypatch.setattr(session.Torch, "open", lambda self: None)
    monkeypatch.setattr(session.Torch, "start", lambda self: None)
    monkeypatch.setattr(session.Preflight, "ask", lambda self, setup: None)


@asynccontextmanager
async def opened(
    tab: str = "Lab",
    size: tuple[int, int] = (120, 36),
    folders: tuple[Path, ...] = (),
    depth: str = "full",
    ascii_only: bool = False,
    attach: store.Run | None = None,
    read_only: bool = False,
) -> AsyncIterator[Pilot[None]]:
    """The app with this tab in sight, and with this run open."""
    had_torch = "torch" in sys.modules
    palette = palettes.choose(depth=depth)
    app = TrainerApp(preset_folders=folders, palette=palette, ascii_only=ascii_only, attach=attach, read_only=read_only)
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        app.action_tab(tab)
        await until(pilot, lambda: app.tab is not None and tab == app.tab.TAB and app.tab.is_mounted)
        await pilot.pause()
        yield pilot
    assert had_torch or "torch" not in sys.modules


def app_of(pilot: Pilot[None]) -> TrainerApp:
    assert isinstance(pilot.app, TrainerApp)
    return pilot.app


async def until(pilot: Pilot[None], true: Callable[[], bool], seconds: float = 30.0) -> None:
    """Wait until something is so."""
    loop = asyncio.get_running_loop()
    end = loop.time() + seconds
    while not true():
        assert loop.time() < end, f"it never came to be so:\n{text_of(pilot.app.screen)}"
        await pilot.pause(0.02)


def text_of(screen: Screen[object]) -> str:
    """What stands on the screen, without the blanks at the ends of rows."""
    strips = screen._compositor.render_strips()
    return "\n".join(strip.text.rstrip() for strip in strips)
