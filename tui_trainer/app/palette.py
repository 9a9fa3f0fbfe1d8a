"""The colours and glyphs of the screen, and how they become styles: dark, light, 16 colours, none, ASCII.

Widgets name a colour by what it means (`train`, `best`, `dim`); only this module knows what it looks like. Knows
nothing of Textual's tree.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from rich.color import Color
from rich.style import Style

DARK = {
    "ground": "#10151b",
    "raised": "#1a212a",
    "lift": "#242d38",
    "line": "#2c3742",
    "grid": "#1a2129",
    "faint": "#566371",
    "dim": "#7d8a98",
    "text": "#c3cdd8",
    "bright": "#f4f8fb",
    "train": "#55b5f7",
    "val": "#ff9f50",
    "best": "#6fd486",
    "worse": "#ff6f74",
    "warn": "#f0cf5a",
    "you": "#bda2ff",
    "last": "#5f6c79",
    "band": "#24577c",
    "run-c": "#e58ad8",
    "run-d": "#b9d65c",
}
LIGHT = {
    "ground": "#fbfaf6",
    "raised": "#f0eee7",
    "lift": "#e5e2d8",
    "line": "#d9d6cc",
    "grid": "#efede6",
    "faint": "#9c9b93",
    "dim": "#62686e",
    "text": "#333b43",
    "bright": "#0c1116",
    "train": "#0a6ccb",
    "val": "#b54d06",
    "best": "#157a34",
    "worse": "#c9242f",
    "warn": "#8f6400",
    "you": "#6b3fd4",
    "last": "#98978f",
    "band": "#a9cff0",
    "run-c": "#a8338f",
    "run-d": "#5c7300",
}
ANSI = {
    "ground": "default",
    "raised": "default",
    "lift": "bright_black",
    "line": "bright_black",
    "grid": "bright_black",
    "faint": "bright_black",
    "dim": "white",
    "text": "default",
    "bright": "default",
    "train": "bright_cyan",
    "val": "yellow",
    "best": "green",
    "worse": "bright_red",
    "warn": "bright_yellow",
    "you": "bright_magenta",
    "last": "bright_black",
    "band": "blue",
    "run-c": "magenta",
    "run-d": "bright_green",
}
ANSI_LIGHT = ANSI | {"dim": "bright_black", "train": "blue", "val": "red", "warn": "yellow", "worse": "red", "you": "magenta"}
PLAIN = dict.fromkeys(DARK, "default")


@dataclass(frozen=True, eq=False)
class Palette:
    """Named colours at one depth: `full` (24 bit), `16` (the terminal's own) or `none` (bold and dim only)."""

    name: str
    depth: str
    colours: Mapping[str, str]

    def ink(self, colour: str = "text", *, bold: bool = False, on: str | None = None) -> Style:
        """Style for a named colour (or any `#rrggbb`) on a named ground. `bright` is bold by itself."""
        return _ink(self, colour, bold or colour == "bright", on)

    def mixed(self, colour: str, share: float, *, ground: str = "ground") -> str:
        """`share` (0 to 1) of a colour on a ground, as #rrggbb; the ground itself where there are no tints."""
        if self.depth != "full":
            return ground
        over, under = (Color.parse(self.hex(name)).get_truecolor() for name in (colour, ground))
        return "#" + "".join(f"{round(a * share + b * (1 - share)):02x}" for a, b in zip(over, under, strict=True))

    def hex(self, colour: str) -> str:
        return self.colours.get(colour, colour)

    @property
    def tints(self) -> bool:
        """Whether grounds can be tinted: bands and heat are drawn with marks where not."""
        return self.depth == "full"


@lru_cache(maxsize=4096)
def _ink(palette: Palette, colour: str, bold: bool, on: str | None) -> Style:
    ground = on or "ground"
    if palette.depth == "none":
        reverse = ground in {"lift", "you"}
        return Style(
            bold=bold or None, dim=(colour in {"faint", "line", "grid", "last", "dim", "band"}) or None, reverse=reverse or None
        )
    if palette.depth == "16" and ground in {"lift", "you"} and colour in {"faint", "line", "dim", "grid", "last"}:
        colour = "bright"  # bright black on bright black would be invisible
    return Style(color=palette.hex(colour), bgcolor=palette.hex(ground), bold=bold or None)


def choose(*, light: bool = False, depth: str = "full") -> Palette:
    """The palette for a ground and a depth (`full`, `16`, `none`)."""
    name = "light" if light else "dark"
    if depth == "none":
        return Palette(name, depth, PLAIN)
    if depth == "16":
        return Palette(name, depth, ANSI_LIGHT if light else ANSI)
    return Palette(name, depth, LIGHT if light else DARK)


ASCII = str.maketrans(
    {
        **dict.fromkeys("─┅┄—–", "-"),
        **dict.fromkeys("━╸╺", "="),  # a bar and the focused rule must differ from the track without colour too
        **dict.fromkeys("│┊┤├▌▍▎▏▐║", "|"),
        **dict.fromkeys("┬┴┼└┘┌┐", "+"),
        **dict.fromkeys("▁▂▃", "."),
        **dict.fromkeys("▄▅▀", ":"),
        **dict.fromkeys("▆▇█", "#"),
        "■": "#",
        "●": "*",
        "○": "o",
        "◌": "o",
        "★": "*",
        "▲": "^",
        "▼": "v",
        "✓": "+",
        "✕": "x",
        "×": "x",
        "÷": "/",
        "≤": "<",
        "π": "p",
        "\xa0": " ",
        "−": "-",
        "·": ".",
        "‖": '"',
        "▸": ">",
        "►": ">",
        "◂": "<",
        "▾": "v",
        "▴": "^",
        "→": ">",
        "←": "<",
        "↑": "^",
        "↓": "v",
        "…": "~",
        "±": "~",
        "²": "2",
        "∙": ".",
        "•": "*",
        "▪": "*",
        "◆": "#",
        "“": '"',
        "”": '"',
        "\u2019": "'",
        chr(0x2800): " ",
        **{chr(0x2800 + dots): ".:*"[min(dots.bit_count() // 3, 2)] for dots in range(1, 256)},
    }
)
"""What each glyph becomes where the locale has no UTF-8."""
