"""Figures that are read from the back of a room: three by five dots a digit, in any size. Knows glyphs, no colours."""

from __future__ import annotations

TALL = 5
"""Dots that a digit is high; a dot is as many half rows high as it is columns wide, so it looks square."""
FONT = {
    "0": ("###", "# #", "# #", "# #", "###"),
    "1": (" # ", "## ", " # ", " # ", "###"),
    "2": ("###", "  #", "###", "#  ", "###"),
    "3": ("###", "  #", "###", "  #", "###"),
    "4": ("# #", "# #", "###", "  #", "  #"),
    "5": ("###", "#  ", "###", "  #", "###"),
    "6": ("###", "#  ", "###", "# #", "###"),
    "7": ("###", "  #", "  #", "  #", "  #"),
    "8": ("###", "# #", "###", "# #", "###"),
    "9": ("###", "# #", "###", "  #", "###"),
    ".": (" ", " ", " ", " ", "#"),
    ":": (" ", "#", " ", "#", " "),
    "-": ("  ", "  ", "##", "  ", "  "),
    "−": ("  ", "  ", "##", "  ", "  "),
    "e": ("   ", "###", "###", "#  ", "###"),
    "?": ("###", "  #", " ##", "   ", " # "),
    "·": (" ", " ", "#", " ", " "),
    "✕": ("   ", "# #", " # ", "# #", "   "),
}
SEGMENTS = {
    "0": (" _ ", "| |", "|_|"),
    "1": ("   ", "  |", "  |"),
    "2": (" _ ", " _|", "|_ "),
    "3": (" _ ", " _|", " _|"),
    "4": ("   ", "|_|", "  |"),
    "5": (" _ ", "|_ ", " _|"),
    "6": (" _ ", "|_ ", "|_|"),
    "7": (" _ ", "  |", "  |"),
    "8": (" _ ", "|_|", "|_|"),
    "9": (" _ ", "|_|", " _|"),
    ".": (" ", " ", "."),
    ":": (" ", ".", "."),
    "-": ("  ", "__", "  "),
    "−": ("  ", "__", "  "),
    "e": (" _ ", "|_ ", "|_ "),
    "?": (" _ ", " _|", " . "),
    "·": (" ", "-", " "),
    "✕": ("   ", "\\ /", "/ \\"),
}
"""The smallest size where there are no blocks: half of one looks like the other half."""
HALVES = {(False, False): " ", (True, False): "▀", (False, True): "▄", (True, True): "█"}


def columns(text: str, size: int) -> int:
    """Columns of the text with dots of `size` columns."""
    return size * max(sum(len(FONT[one][0]) + 1 for one in text) - 1, 0)


def rows(size: int) -> int:
    """Rows of any text with dots of `size` columns: 3, 5, 8, 10, …"""
    return -(-TALL * size // 2)


def largest(text: str, width: int, height: int, *, most: int = 99) -> int:
    """The largest size in which the text has room, at most `most`; 0 where it has none in any."""
    size = 0
    while size < most and columns(text, size + 1) <= width and rows(size + 1) <= height:
        size += 1
    return size


def digits(text: str, size: int, *, typed: bool = False) -> list[str]:
    """The text in rows, each `columns(text, size)` wide, of blocks; where they are `typed`, the smallest are of strokes. Every
    sign must be one of `FONT`."""
    if typed and size == 1:
        return [" ".join(SEGMENTS[one][row] for one in text) for row in range(rows(size))]
    dots = [" ".join(FONT[one][row] for one in text) for row in range(TALL)]
    wide = ["".join(dot * size for dot in row) for row in dots for _ in range(size)]
    wide += [" " * columns(text, size)] * (len(wide) % 2)
    return [
        "".join(HALVES[above != " ", below != " "] for above, below in zip(upper, lower, strict=True))
        for upper, lower in zip(wide[::2], wide[1::2], strict=True)
    ]
