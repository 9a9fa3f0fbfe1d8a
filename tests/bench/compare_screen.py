"""What the Compare screen costs with eight runs of 100 000 steps: until it shows them, a redraw, a key, nothing. Run it by hand."""

from __future__ import annotations

import asyncio
import os
import statistics
import tempfile
import time
from pathlib import Path

from record import CONFIG, ENDED, a_million
from textual.pilot import Pilot

from tui_trainer import session
from tui_trainer.app.app import TrainerApp
from tui_trainer.app.field import Marked
from tui_trainer.app.screens.compare import CompareScreen
from tui_trainer.app.widgets.overlay_curves import Laid
from tui_trainer.config import read
from tui_trainer.runs import log, store
from tui_trainer.runs.store import Run

STEPS = 100_000


def made(each: int) -> list[Run]:
    """Eight settings, with so many steps a report."""
    preset = Path(os.environ["TUI_TRAINER_HOME"], "cnn.py")
    preset.write_text("")
    runs = [store.create(read(CONFIG | {"lr": 0.1 + at / 10}), preset) for at in range(8)]
    for run in runs:
        a_million(run.events, each, STEPS)
        with log.Writer(run.events) as write:
            write(ENDED)
    return runs


async def shown(runs: list[Run]) -> None:
    session.Torch.start = lambda self: None  # type: ignore[method-assign]  # nothing else shall cost anything
    session.Preflight.ask = lambda self, setup: None  # type: ignore[method-assign]
    app = TrainerApp()
    async with app.run_test(size=(120, 36)) as pilot:
        await pilot.pause(1.0)
        gaps = [0.0]
        watching = asyncio.ensure_future(watch(gaps))
        screen = CompareScreen(Marked(runs))
        begin = time.perf_counter()
        app.push_screen(screen)
        while screen.comparing.version == 0:
            await asyncio.sleep(0.002)
        print(f"  shown after {time.perf_counter() - begin:.2f} s; a key waits {1e3 * max(gaps):.0f} ms at most")
        watching.cancel()
        await costs(pilot, screen)


async def watch(gaps: list[float]) -> None:
    """How long nothing else had a turn."""
    last = time.perf_counter()
    while True:
        await asyncio.sleep(0)
        now = time.perf_counter()
        gaps.append(now - last)
        last = now


async def costs(pilot: Pilot[None], screen: CompareScreen) -> None:
    for name, keys in (("validation accuracy", ""), ("training loss", "yy")):
        await pilot.press(*keys)
        await pilot.pause()
        again: list[float] = []
        anew: list[float] = []
        for times in (again, anew):
            for _ in range(20):
                if times is anew:
                    screen.chart._laid = Laid()
                begin = time.thread_time()
                screen.chart.draw()
                times.append(1e3 * (time.thread_time() - begin))
        print(f"  {name}: a redraw {statistics.median(again):.1f} ms, with every curve laid anew {statistics.median(anew):.1f} ms")
    for key in ("x", "down", "plus", "t", "v"):
        begin = time.thread_time()
        await pilot.press(key)
        await pilot.pause()
        print(f"  key {key}: {1e3 * (time.thread_time() - begin):.0f} ms")
    begin, since = time.thread_time(), time.perf_counter()
    await asyncio.sleep(5)
    print(f"  nothing new: {100 * (time.thread_time() - begin) / (time.perf_counter() - since):.1f} % of a core")


def main() -> None:
    with tempfile.TemporaryDirectory() as home:
        os.environ["TUI_TRAINER_HOME"] = home
        for each in (300, 30, 10, 1):
            print(f"eight runs of {STEPS:,} steps, {each} a report")
            asyncio.run(shown(made(each)))


if __name__ == "__main__":
    main()
