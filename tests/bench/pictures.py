"""Makes the README's pictures, and two more to look at, from the real app: `python tests/bench/pictures.py FOLDER`, or only one
part of them with `lab`, `plane`, `race` or `compare` behind it.

Trains the `cnn` on `shapes` twice, so that the last run lies behind the live one, and halves the rate on the way; lets `linear`,
`mlp` and `cnn` race on `shapes` for 20 seconds; trains the same three with three seeds each and sets them side by side. Needs
cairosvg and fontTools (`pip install '.[dev]'`) and the fonts JetBrains Mono and DejaVu Sans Mono.
"""

from __future__ import annotations

import asyncio
import html
import os
import re
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import cairosvg
from fontTools.ttLib import TTFont
from textual.pilot import Pilot

from tui_trainer import session
from tui_trainer.app.app import TrainerApp
from tui_trainer.app.field import Marked
from tui_trainer.app.screens.compare import CompareScreen
from tui_trainer.session.race import Budget, Race

FONT = Path("/usr/share/fonts/truetype/jetbrains-mono/JetBrainsMono-Regular.ttf")
SPARE = "DejaVu Sans Mono"
HELD = frozenset(TTFont(FONT).getBestCmap())
TEXT = re.compile(r'<text class="([^"]+)" x="([\d.]+)" y="([\d.]+)" textLength="([\d.]+)"([^>]*)>([^<]*)</text>')
DOTS = ((0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2), (0, 3), (1, 3))
"""Column and row of each of the eight dots of a braille cell, by bit."""
ROW, RISE, RADIUS = 6.1, 15.4, 1.9
"""Of a braille dot in Textual's SVG: the distance of two, the height of the uppermost above the base line, the size."""


def png(svg: str, path: Path) -> None:
    """Draw the SVG of a screen. What the font lacks comes from the spare one; braille is drawn as the dots it stands for."""
    svg = re.sub(r"@font-face\s*{[^}]*}", "", svg).replace("Fira Code", "JetBrains Mono")
    cairosvg.svg2png(bytestring=TEXT.sub(_glyphs, svg).encode(), write_to=str(path))


def _glyphs(found: re.Match[str]) -> str:
    style, x, y, length, rest, escaped = found.groups()
    text = html.unescape(escaped)
    if all(ord(one) in HELD or one == "\xa0" for one in text):
        return found.group()
    cell = float(length) / len(text)
    return "".join(_glyph(one, style, float(x) + at * cell, float(y), cell, rest) for at, one in enumerate(text))


def _glyph(one: str, style: str, x: float, y: float, cell: float, rest: str) -> str:
    dots = ord(one) - 0x2800
    if 0 <= dots < 256:
        marked = [place for bit, place in enumerate(DOTS) if dots >> bit & 1]
        places = [(x + cell * (0.25 + 0.5 * column), y - RISE + ROW * row) for column, row in marked]
        return "".join(f'<circle class="{style}" cx="{a:.2f}" cy="{b:.2f}" r="{RADIUS}"/>' for a, b in places)
    family = "" if ord(one) in HELD else f' style="font-family:{SPARE}"'
    return f'<text class="{style}" x="{x:.2f}" y="{y}" textLength="{cell:.2f}"{rest}{family}>{html.escape(one)}</text>'


async def until(pilot: Pilot[None], what: Callable[[], bool]) -> None:
    end = time.monotonic() + 120
    while not what():
        assert time.monotonic() < end
        await pilot.pause(0.05)


async def lab(folder: Path) -> None:
    app = TrainerApp({"preset": "cnn", "dataset": "shapes", "epochs": 6, "lr": 3e-3, "flip": True})
    async with app.run_test(size=(120, 36)) as pilot:
        await until(pilot, lambda: app.preflight.result is not None)
        await pilot.pause(0.5)
        png(app.export_screenshot(title="tui-trainer"), folder / "setup.png")
        await pilot.press("enter")
        await until(pilot, lambda: app.live.history.ended is not None)
        app.lab.fill({"lr": 1e-3})
        await pilot.pause()
        await pilot.press("enter")
        await until(pilot, lambda: app.live.history.epoch == 3)
        await pilot.press("right_square_bracket")
        await until(pilot, lambda: app.live.history.epoch == 5 and app.live.history.progress > 0.75)
        png(app.export_screenshot(title="tui-trainer"), folder / "lab.png")
        await pilot.resize_terminal(160, 50)
        await pilot.pause(1)
        png(app.export_screenshot(title="tui-trainer"), folder / "lab-160x50.png")
        await pilot.press("X")
        await until(pilot, lambda: app.live.history.ended is not None)


async def plane(folder: Path) -> None:
    app = TrainerApp(
        {"preset": "mlp", "dataset": "points", "data": {"kind": "spirals", "noise": 0.15}, "epochs": 20, "lr": 3e-3}, start=True
    )
    async with app.run_test(size=(120, 36)) as pilot:
        await until(pilot, lambda: app.live.history.epoch == 14 and "regions" in app.live.history.probed)
        await pilot.pause(0.3)
        png(app.export_screenshot(title="tui-trainer"), folder / "plane.png")
        await pilot.press("X")
        await until(pilot, lambda: app.live.history.ended is not None)


async def race(folder: Path) -> None:
    """On the way at 120x36, and as it ended at 80x24."""
    nets = [
        session.configure({"preset": net, "dataset": "shapes", "seed": 7, "batch_size": 64}) for net in ("linear", "mlp", "cnn")
    ]
    seen = Race(nets, Budget("seconds", 20.0))
    app = TrainerApp(race=seen)
    async with app.run_test(size=(120, 36)) as pilot:
        await until(pilot, lambda: seen.clock > 13)
        png(app.export_screenshot(title="tui-trainer"), folder / "race.png")
        await until(pilot, lambda: seen.over)
        await pilot.resize_terminal(80, 24)
        await pilot.pause(1)
        png(app.export_screenshot(title="tui-trainer"), folder / "race-80x24.png")


async def compare(folder: Path) -> None:
    """Nine runs, three of each net."""
    runs = []
    for seed in (1, 2, 3):
        for net in ("linear", "mlp", "cnn"):
            setup = session.configure({"preset": net, "dataset": "shapes", "seed": seed, "epochs": 5, "threads": 1})
            runs.append(session.create(setup))
            session.train(runs[-1])
    app = TrainerApp()
    async with app.run_test(size=(120, 36)) as pilot:
        screen = CompareScreen(Marked(runs))
        app.push_screen(screen)
        await until(pilot, lambda: screen.comparing.found is not None)
        await pilot.pause(1)
        png(app.export_screenshot(title="tui-trainer"), folder / "compare.png")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as home:
        os.environ["TUI_TRAINER_HOME"] = home
        parts = {"lab": lab, "plane": plane, "race": race, "compare": compare}
        for name in sys.argv[2:] or parts:
            asyncio.run(parts[name](Path(sys.argv[1])))
