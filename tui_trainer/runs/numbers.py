"""Numbers as strict JSON has them: short where many are written, with every digit where one counts, never not finite."""

from __future__ import annotations

import math
from typing import Any

Json = Any
"""What `json.loads` gives: anything, checked field by field where it is read."""


def short(value: float, digits: int) -> str:
    """The shortest JSON for a value rounded to so many significant digits; what is not finite is a string."""
    if not math.isfinite(value):
        return f'"{value}"'
    text = f"{value:.{digits}g}"
    if len(text) <= digits + 2:
        return text
    mantissa, _, power = f"{value:.{digits - 1}e}".partition("e")
    whole, _, rest = mantissa.rstrip("0").partition(".")
    return min(text, f"{whole}{rest}e{int(power) - len(rest)}", key=len)


def exact(value: float) -> str:
    """The value with every digit that it has."""
    return repr(value) if math.isfinite(value) else f'"{value}"'


def integer(raw: Json) -> int:
    """Raises TypeError for what is no whole number."""
    if type(raw) is not int:
        raise TypeError("not a whole number")
    return raw


def real(raw: Json) -> float:
    """Raises TypeError for what is no number."""
    if type(raw) is not float and type(raw) is not int and raw not in {"nan", "inf", "-inf"}:
        raise TypeError("not a number")
    return float(raw)


def integers(raw: Json) -> tuple[int, ...]:
    if set(map(type, listed(raw))) <= {int}:
        return tuple(raw)
    return tuple(map(integer, raw))


def reals(raw: Json) -> tuple[float, ...]:
    if set(map(type, listed(raw))) <= {float}:  # most lists there are
        return tuple(raw)
    return tuple(map(real, raw))


def listed(raw: Json) -> list[Json]:
    """Raises TypeError for what is no list."""
    if not isinstance(raw, list):
        raise TypeError("not a list")
    return raw
