"""Numbers as a person types them into a filter: `1e-3`, `10k`, `2min`, `1h30min`, `80.3%`."""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable, Mapping

SIZES = {"": 1.0, "k": 1e3, "m": 1e6, "g": 1e9}
SPANS = {"s": 1.0, "sec": 1.0, "m": 60.0, "min": 60.0, "h": 3600.0, "d": 86400.0, "w": 604800.0}
EXAMPLES: Mapping[str, str] = {
    "number": "a number, such as 1e-3 or 10k",
    "measured": "a number, such as 0.5",
    "share": "percent, such as 90",
    "duration": "a time, such as 90, 2min or 1h30min",
}
_NUMBER = re.compile(r"([+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)([kmg]?)", re.IGNORECASE)
_SPAN = re.compile(r"(\d+\.?\d*|\.\d+)\s*([a-z]*)", re.IGNORECASE)
_UNFINISHED = re.compile(r"[+-]?\.?|[+-]?(?:\d+\.?\d*|\.\d+)e[+-]?", re.IGNORECASE)
_SIGNS: Mapping[str, Callable[[float, float], bool]] = {">": operator.gt, ">=": operator.ge, "<": operator.lt, "<=": operator.le}


def read(text: str, kind: str) -> float:
    """The number; a `share` in percent, a `duration` in seconds. Raises ValueError where it is none."""
    text = text.strip().replace("−", "-").replace("_", "")
    if kind == "duration":
        return _duration(text)
    if kind == "share":
        return _percent(text)
    if (match := _NUMBER.fullmatch(text)) is None:
        raise ValueError(text)
    return float(match[1]) * SIZES[match[2].lower()]


def _percent(text: str) -> float:
    """`90` and `90%` are the same, and so is `0.9`: nobody asks for less than one percent."""
    value = float(text.rstrip("%"))
    if math.isnan(value):
        raise ValueError(text)
    return 100 * value if 0 < value < 1 and not text.endswith("%") else value


def _duration(text: str) -> float:
    """Seconds where no unit is said."""
    text = text.lower().replace("minutes", "min").replace("mins", "min").replace("hours", "h").replace("days", "d")
    parts = _SPAN.findall(text)
    if not parts or _SPAN.sub("", text).strip() or any(unit and unit not in SPANS for _, unit in parts):
        raise ValueError(text)
    return math.fsum(float(amount) * SPANS[unit or "s"] for amount, unit in parts)


def unfinished(text: str) -> bool:
    """Whether this may become a number as it is typed on: `1e-`."""
    return _UNFINISHED.fullmatch(text) is not None


def half_a_digit(text: str, kind: str) -> float:
    """How far a figure may lie from what was typed to be shown so: half of its last digit, where figures are rounded."""
    if kind not in {"share", "measured"} or not text.rstrip("%").replace(".", "").isdecimal():
        return 0.0
    typed = text.rstrip("%")
    unit = read(text, kind) / float(typed) if kind == "share" and float(typed) else 1.0
    return 0.5 * unit * 10.0 ** -len(typed.partition(".")[2])


def compares(found: float, sign: str, limit: float, close: float) -> bool:
    """Whether the figure meets the limit; what is equal but for rounding counts as equal."""
    same = math.isclose(found, limit, rel_tol=1e-9) or abs(found - limit) <= close
    if sign in {":", "=", "!="}:
        return same != (sign == "!=")
    if math.isclose(found, limit, rel_tol=1e-9):
        return "=" in sign
    return _SIGNS[sign](found, limit)
