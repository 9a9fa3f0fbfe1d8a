"""The Lab on a run as a picture, drawn without a terminal."""

from __future__ import annotations

import asyncio
import time

from textual.pilot import Pilot

from tui_trainer.app import palette as palettes
from tui_trainer.app import picture
from tui_trainer.app.app import TrainerApp
from tui_trainer.runs.store import Run

SIZE = (120, 36)
PATIENCE = 60.0
"""Seconds for which a long record is read."""
LOOK = 0.02


def portrait(run: Run, size: tuple[int, int] = SIZE, *, light: bool = False) -> str:
    """SVG of the screen as it shows this run, `size` in columns and rows. Raises StoreError where its settings are lost,
    NoPicture where the record is not read in time."""
    drawn: list[str] = []
    app = TrainerApp({}, attach=run, read_only=True, palette=palettes.choose(light=light, depth="full"))

    async def look(pilot: Pilot[object]) -> None:
        end = time.monotonic() + PATIENCE
        while app.live.behind and time.monotonic() < end:
            await pilot.pause(LOOK)
        await pilot.pause()
        app.redraw_status()
        await pilot.pause()
        if not app.live.behind:
            drawn.append(picture.svg(app, title=f"tui-trainer · run {run.id}"))
        app.exit()

    asyncio.run(app.run_async(headless=True, size=size, auto_pilot=look))
    if not drawn:
        raise picture.NoPicture(app.crash or f"the record of run {run.id} was not read within {PATIENCE:.0f} s")
    return drawn[0]
