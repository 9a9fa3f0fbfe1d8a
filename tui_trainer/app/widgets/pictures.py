"""Small pictures in half-blocks: two pixels a cell, and shades of characters where there is no colour."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from itertools import groupby

from rich.color import Color
from rich.segment import Segment
from rich.style import Style

from tui_trainer.app.palette import Palette
from tui_trainer.app.widgets.rows import Line

SHADES = " .:-=+*#%@"

Pixel = tuple[int, int, int]


@lru_cache(maxsize=256)
def halfblocks(
    data: bytes, shape: tuple[int, int, int], columns: int, rows: int, ink: Palette, *, bits: int = 8, blocks: bool | None = None
) -> list[Line]:
    """A picture of bytes (channels, height, width) in `columns` × `rows` cells. `bits` a channel are kept.

    Half-blocks need 24-bit colour; without it, or with `blocks` False, a cell is one of ten characters.
    """
    pixels = resampled(data, shape, columns, 2 * rows)
    if not (ink.tints if blocks is None else blocks):
        return [_characters(pixels[y], pixels[y + 1], ink) for y in range(0, 2 * rows, 2)]
    keep = 0xFF << (8 - bits) & 0xFF
    middle = (0xFF ^ keep) + 1 >> 1
    return [_cells(pixels[y], pixels[y + 1], keep, middle) for y in range(0, 2 * rows, 2)]


def resampled(data: bytes, shape: tuple[int, int, int], width: int, height: int) -> list[list[Pixel]]:
    """Rows of RGB pixels at another size: each the mean of the box that it covers. One channel becomes grey."""
    channels, high, wide = shape
    if len(data) != channels * high * wide or min(shape) < 1:
        raise ValueError(f"{len(data)} bytes are not a picture of {channels}×{high}×{wide}")
    planes = [_plane(data[c * high * wide : (c + 1) * high * wide], high, wide, width, height) for c in range(channels)]
    red, green, blue = planes[:3] if channels >= 3 else (planes[0],) * 3
    return [list(zip(*row, strict=True)) for row in zip(red, green, blue, strict=True)]


def _plane(data: bytes, high: int, wide: int, width: int, height: int) -> list[list[int]]:
    across, down = _boxes(wide, width), _boxes(high, height)
    narrow = [[_mean(data[y * wide : (y + 1) * wide], box) for box in across] for y in range(high)]
    columns = list(zip(*narrow, strict=True))
    return [[int(_mean(column, box) + 0.5) for column in columns] for box in down]


Box = tuple[int, int, float, float, float]


@lru_cache(maxsize=64)
def _boxes(source: int, target: int) -> tuple[Box, ...]:
    """For each target pixel the source pixels under it: first, last, their weights, and what all weights sum to."""
    boxes: list[Box] = []
    for at in range(target):
        low, high = at * source / target, (at + 1) * source / target
        first, last = int(low), min(int(high - 1e-9), source - 1)
        boxes.append((first, last, 1 - (low - first), high - last, high - low))
    return tuple(boxes)


def _mean(values: Sequence[float], box: Box) -> float:
    first, last, left, right, total = box
    if first == last:
        return values[first]
    return (values[first] * left + sum(values[first + 1 : last]) + values[last] * right) / total


def _cells(top: Sequence[Pixel], bottom: Sequence[Pixel], keep: int, middle: int) -> Line:
    """One row of cells; neighbours of the same colours share a segment."""
    pairs = [(_kept(a, keep, middle), _kept(b, keep, middle)) for a, b in zip(top, bottom, strict=True)]
    return [Segment("▀" * len(list(same)), _style(*pair)) for pair, same in groupby(pairs)]


def _kept(pixel: Pixel, keep: int, middle: int) -> Pixel:
    if keep == 0xFF:
        return pixel
    red, green, blue = pixel
    return red & keep | middle, green & keep | middle, blue & keep | middle


@lru_cache(maxsize=4096)
def _style(top: Pixel, bottom: Pixel) -> Style:
    return Style(color=Color.from_rgb(*top), bgcolor=Color.from_rgb(*bottom))


def _characters(top: Sequence[Pixel], bottom: Sequence[Pixel], ink: Palette) -> Line:
    shades = SHADES[::-1] if ink.name == "light" else SHADES
    text = "".join(shades[round((_light(a) + _light(b)) / 510 * 9)] for a, b in zip(top, bottom, strict=True))
    return [Segment(text, ink.ink())]


def _light(pixel: Pixel) -> float:
    """How light a colour is to the eye, 0 to 255."""
    return 0.299 * pixel[0] + 0.587 * pixel[1] + 0.114 * pixel[2]
