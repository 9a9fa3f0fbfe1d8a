"""A picture of the screen that looks the same everywhere: no font from the network, and dots and blocks drawn as what they are."""

from __future__ import annotations

import html
import math
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from textual.app import App

FONTS = "ui-monospace, 'JetBrains Mono', 'DejaVu Sans Mono', Menlo, Consolas, monospace"
WIDE = "'DejaVu Sans Mono'"
"""The font for PNG, where nothing takes the place of a sign that a font has not: it has all of ours."""
MISSING = "cairosvg draws PNG, and is not there: pip install 'tui-trainer[pictures]' brings it"

_TEXT = re.compile(r'<text class="([^"]+)" x="([\d.]+)" y="([\d.]+)" textLength="([\d.]+)"([^>]*)>([^<]*)</text>')
_FACE = re.compile(r"@font-face\s*{[^}]*}\s*")
_FAMILY = re.compile(r"font-family: [^;]*;")

TOP, HIGH = 18.5, 24.4
"""Of a cell, in the units of Textual's picture: from the base line of its text up to its upper edge, and its height."""
DOTS = ((0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2), (0, 3), (1, 3))
"""Column and row of each of the eight dots of a braille cell, by bit."""
RADIUS = 1.9
STAR = tuple((1.0 if turn % 2 == 0 else 0.4, math.radians(36 * turn - 90)) for turn in range(10))
"""The corners of a ★: how far from its middle, and in which direction."""
LOWER = "▁▂▃▄▅▆▇█"
LEFT = "▏▎▍▌▋▊▉"
OVERLAP = 0.15
"""By which blocks reach into the next cell: no hairline between two."""


class NoPicture(RuntimeError):
    """A picture that cannot be drawn here: one sentence for a person."""


def svg(app: App[Any], title: str = "tui-trainer") -> str:
    """The screen as it is now, as SVG."""
    drawn = _FAMILY.sub(f"font-family: {FONTS};", _FACE.sub("", app.export_screenshot(title=title)))
    return _TEXT.sub(_shaped, drawn)


def png(picture: str, path: Path) -> None:
    """Draw such a picture as PNG. Raises NoPicture where the package for that is not there, or cannot draw."""
    try:
        import cairosvg  # pays for itself only here
    except (ImportError, OSError) as error:  # OSError: the C library behind it is not there
        raise NoPicture(MISSING if isinstance(error, ImportError) else f"cairosvg cannot be loaded: {error}") from error
    cairosvg.svg2png(bytestring=picture.replace(FONTS, WIDE).encode(), write_to=str(path))


def _shaped(found: re.Match[str]) -> str:
    """A text as it is, or, where it holds dots and blocks, what lies between these as texts and these as shapes."""
    style, x, y, length, rest, escaped = found.groups()
    text = html.unescape(escaped)
    if not any(map(_is_shape, text)):
        return found.group()
    cell, left, line = float(length) / len(text), float(x), float(y)
    parts, words = [], ""
    for at, one in enumerate(text + "█"):
        if at < len(text) and not _is_shape(one):
            words += one
            continue
        if words.strip("\xa0 "):
            begin = left + (at - len(words)) * cell
            parts.append(_text(words, style, begin, line, cell, rest))
        words = ""
        if at < len(text):
            parts += _shapes(one, style, left + at * cell, line - TOP, cell)
    return "".join(parts)


def _is_shape(one: str) -> bool:
    return 0x2800 < ord(one) <= 0x28FF or one in LOWER or one in LEFT or one in "▀▐★"


def _text(words: str, style: str, x: float, y: float, cell: float, rest: str) -> str:
    length = cell * len(words)
    return f'<text class="{style}" x="{x:.2f}" y="{y:g}" textLength="{length:.2f}"{rest}>{html.escape(words)}</text>'


def _shapes(one: str, style: str, x: float, top: float, cell: float) -> list[str]:
    bits = ord(one) - 0x2800
    if 0 < bits < 256:
        marked = [place for bit, place in enumerate(DOTS) if bits >> bit & 1]
        places = [(x + cell * (0.25 + 0.5 * column), top + HIGH * (0.125 + 0.25 * row)) for column, row in marked]
        return [f'<circle class="{style}" cx="{a:.2f}" cy="{b:.2f}" r="{RADIUS}"/>' for a, b in places]
    if one == "★":
        middle, arm = (x + cell / 2, top + HIGH / 2), cell / 2
        corners = [(middle[0] + arm * far * math.cos(way), middle[1] + arm * far * math.sin(way)) for far, way in STAR]
        return [f'<polygon class="{style}" points="{" ".join(f"{a:.2f},{b:.2f}" for a, b in corners)}"/>']
    wide, begin, end = cell, 0.0, 1.0
    if one in LOWER:
        begin = 1 - (LOWER.index(one) + 1) / 8
    elif one in LEFT:
        wide = cell * (LEFT.index(one) + 1) / 8
    elif one == "▀":
        end = 0.5
    else:
        x, wide = x + cell / 2, cell / 2
    high = HIGH * (end - begin) + (OVERLAP if end == 1 else 0)
    shape = f'x="{x:.2f}" y="{top + HIGH * begin:.2f}" width="{wide + OVERLAP:.2f}" height="{high:.2f}"'
    return [f'<rect class="{style}" {shape} shape-rendering="crispEdges"/>']
