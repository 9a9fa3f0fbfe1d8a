"""One picture file as a small upright picture of bytes, grey or in colour, whatever it was. Knows no folder and no cache."""

from __future__ import annotations

import contextlib
import io
import logging
import math
import struct
import warnings
import zlib

from PIL import Image, ImageOps, UnidentifiedImageError

VERSION = 1
"""Of the pixels: what was decoded by another one is decoded anew."""

OTHERS = frozenset({"EPS", "BUFR", "GRIB", "HDF5", "MPEG", "WMF"})
"""Formats that Pillow hands to other programs, which have no business with a file of unknown origin."""
COMMON = ("JPEG", "PNG")
GREY = frozenset({"1", "L", "LA", "La", "I", "F"})
SILENT = logging.NullHandler()
DEEP = frozenset({"I", "F"})
FULL = (1.0, 255.0, 65535.0)
WHITE = (255, 255, 255, 255)
FINER = 2
"""A JPEG is decoded at no less than so many times the size that is wanted: the rest of the way is resized, without stairs."""

DAMAGE = (
    OSError,
    ValueError,
    TypeError,
    LookupError,
    ArithmeticError,
    AttributeError,
    AssertionError,
    EOFError,
    MemoryError,
    NotImplementedError,
    RuntimeError,
    SyntaxError,
    struct.error,
    zlib.error,
    Image.DecompressionBombError,
)
"""What Pillow's readers raise for files that are cut, false or too large: each format in its own manner."""


class Damaged(ValueError):
    """A file that gives no picture, and why."""


def formats() -> list[str]:
    """The formats that are read, the common ones first. Brings Pillow's readers, so it is called once, before any thread."""
    Image.init()
    # what readers complain of would be written over the screen; to take the filter back again is not safe among threads
    warnings.filterwarnings("ignore", module=r"PIL\.")
    logging.getLogger("PIL").addHandler(SILENT)
    return [*COMMON, *(name for name in Image.ID if name not in OTHERS and name not in COMMON)]


def decode(content: bytes, side: int | None, known: list[str]) -> Image.Image:
    """The picture in these bytes of a file: mode L where it is grey, RGB otherwise; the first of several.

    What is transparent lies on white, 16 bits and more become 8, and it stands upright as EXIF says. With `side` its shorter
    side is resized to that, smoothly, and the middle square of it taken. Raises Damaged.
    """
    try:
        with Image.open(io.BytesIO(content), formats=known) as opened:
            if side and opened.format in {"JPEG", "MPO"}:
                opened.draft(None, (FINER * side, FINER * side))
            opened.load()
            with contextlib.suppress(*DAMAGE):  # the pixels are good where only the notes beside them are not
                ImageOps.exif_transpose(opened, in_place=True)
            picture = _flat(opened)
            return _square(picture, side) if side and picture.size != (side, side) else picture
    except DAMAGE as error:
        raise Damaged(_reason(error)) from error


def _reason(error: BaseException) -> str:
    if isinstance(error, UnidentifiedImageError):
        return "not a picture"
    if isinstance(error, Image.DecompressionBombError):
        return "too large"
    return str(error).strip() or type(error).__name__


def _flat(picture: Image.Image) -> Image.Image:
    """Bytes without transparency, grey or red, green and blue."""
    grey = is_grey(picture)
    if picture.mode in DEEP or picture.mode.startswith("I;16"):
        return _shallow(picture)
    if picture.mode == "La":
        picture = picture.convert("LA")
    if picture.has_transparency_data:
        picture = picture.convert("RGBA")
        picture = Image.alpha_composite(Image.new("RGBA", picture.size, WHITE), picture)
    wanted = "L" if grey else "RGB"
    return picture if picture.mode == wanted else picture.convert(wanted)


def is_grey(picture: Image.Image) -> bool:
    """Whether it can hold nothing but grey: by its mode, or by its palette."""
    if picture.mode in {"P", "PA"} and picture.palette is not None:
        colours = picture.getpalette("RGB") or []
        return colours[0::3] == colours[1::3] == colours[2::3]
    return picture.mode in GREY or picture.mode.startswith("I;16")


def _shallow(picture: Image.Image) -> Image.Image:
    """8 bits of more. The full range is that of 16 bits, and of floats the least of 0 to 1, 255 and 65 535 that holds them;
    where none does, the numbers are stretched from the smallest to the largest."""
    values = picture.convert("F")
    low, high = 0.0, FULL[-1]
    if picture.mode in DEEP:
        least, most = (edge for edge in values.getextrema() if isinstance(edge, (int, float)))
        if not math.isfinite(most - least):
            raise ValueError("values that are no numbers")
        fits = [top for top in (FULL if picture.mode == "F" else FULL[-1:]) if least >= 0 and most <= top]
        low, high = (0.0, fits[0]) if fits else (least, most)
    scale = 255 / (high - low) if high > low else 0.0
    return values.point(lambda value: value * scale + (0.5 - low * scale)).convert("L")


def _square(picture: Image.Image, side: int) -> Image.Image:
    """The middle square, resized. What is made smaller is smoothed over as much as it shrinks."""
    width, height = picture.size
    edge = min(width, height)
    left, top = (width - edge) / 2, (height - edge) / 2
    box = (left, top, left + edge, top + edge)
    return picture.resize((side, side), Image.Resampling.BICUBIC, box=box, reducing_gap=2.0)
