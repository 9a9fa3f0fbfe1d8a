"""Figures as a person reads them. Every number on the screen or in print goes through here."""

from __future__ import annotations

import math
import re

UNKNOWN = "·"


def loss(value: float | None) -> str:
    """0.862; tiny and huge ones as 4e-5 and 3e6, so that none is shown as 0; never wider than six columns."""
    if value is None:
        return UNKNOWN
    if not math.isfinite(value):
        return "nan" if math.isnan(value) else "inf" if value > 0 else "-inf"
    size = abs(value)
    if 0 < size < 0.0005 or size >= 10_000:
        mantissa, _, power = f"{value:.0e}".partition("e")
        return f"{mantissa}e{int(power)}"
    return f"{value:.3f}" if size < 100 else f"{value:.1f}"


def percent(share: float | None) -> str:
    """71.8 %"""
    return f"{tenths(share)} %" if share is not None else UNKNOWN


def tenths(share: float | None) -> str:
    """71.8: a share in percent, without the sign."""
    return UNKNOWN if share is None else f"{100 * share:.1f}"


def r_squared(value: float | None) -> str:
    """0.984, with as many nines as it takes to say that it is not 1 yet: 0.99995; −2.310, −5e6"""
    if value is None:
        return UNKNOWN
    if not -100 < value < 0.9995:
        near = next((text for places in (3, 4, 5) if float(text := f"{value:.{places}f}") < 1), "0.99999")
        return near if 0 < value < 1 else loss(value).replace("-", "−", 1)
    return f"{value:.3f}".replace("-", "−")


def figure(value: float | None) -> str:
    """0.488, −0.3355, 12.05, 3.1e-7: any number in about four digits and at most nine columns"""
    if value is None:
        return UNKNOWN
    if not math.isfinite(value):
        return loss(value)
    value += 0.0  # no minus before a zero
    mantissa, _, power = (f"{value:.4f}" if 0.1 <= abs(value) < 10 else f"{value:.4g}").partition("e")
    short = mantissa.rstrip("0").rstrip(".") if "." in mantissa else mantissa
    text = short + (f"e{int(power)}" if power else "")
    return text.replace("-", "−", 1) if value < 0 else text


def lr(value: float | None) -> str:
    """As one would type it: 3e-4, 2.5e-4, 0.1, 2.0"""
    if value is None:
        return UNKNOWN
    if value == 0 or not math.isfinite(value):
        return f"{value:g}"
    if value >= 0.1:
        return f"{value:.3g}" if "." in f"{value:.3g}" else f"{value:.3g}.0"
    mantissa, _, power = f"{value:.2e}".partition("e")
    return f"{mantissa.rstrip('0').rstrip('.')}e{int(power)}"


def count(value: int | None) -> str:
    """4 812: thousands by a space"""
    return UNKNOWN if value is None else f"{value:,}".replace(",", " ")


def speed(value: float | None) -> str:
    """Samples a second: 4 812, 9.4"""
    if value is None:
        return UNKNOWN
    return f"{value:.1f}" if value < 10 else count(round(value))


def short_count(value: float | None) -> str:
    """10.6 M: for figures whose last digits say nothing"""
    if value is None:
        return UNKNOWN
    for size, sign in ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e4, "k")):
        if value >= size:
            unit = 1e3 if sign == "k" else size
            return f"{value / unit:.1f} {sign}"
    return count(round(value))


def size(amount: float | None) -> str:
    """0.9 GB, 12.3 MB, 1.4 kB, 12 B"""
    if amount is None:
        return UNKNOWN
    for unit, sign in ((1e9, "GB"), (1e6, "MB"), (1e3, "kB")):
        if amount >= 0.1 * unit and (unit > 1e3 or amount >= 1e3):
            return f"{amount / unit:.1f} {sign}"
    return f"{amount:.0f} B"


def file_size(amount: float) -> str:
    """170.5 MB, 29.5 kB: of what is fetched, whose figures stay comparable from the first byte to the last"""
    for unit, sign in ((1e9, "GB"), (1e6, "MB"), (1e3, "kB")):
        if amount >= unit:
            return f"{amount / unit:.1f} {sign}"
    return f"{amount:.0f} B"


def part_of(done: float, total: float) -> str:
    """34 of 170 MB"""
    unit, sign = (1e6, "MB") if total >= 10e6 else (1e3, "kB")
    return f"{done / unit:.0f} of {total / unit:.0f} {sign}"


def duration(seconds: float | None) -> str:
    """9.4 s, 42 s, 1 min 36 s, 2 h 05 min, 3 d 4 h"""
    if seconds is None or not math.isfinite(seconds):
        return UNKNOWN
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02d} s"
    if whole < 86400:
        return f"{whole // 3600} h {whole % 3600 // 60:02d} min"
    return f"{whole // 86400} d {whole % 86400 // 3600} h"


def moment(seconds: float) -> str:
    """The same, and under a tenth of a second 42 ms"""
    return f"{max(round(1000 * seconds), 1)} ms" if 0 < seconds < 0.095 else duration(seconds)


def clock(seconds: float | None) -> str:
    """9:12, 1:02:03: for tables"""
    if seconds is None or not math.isfinite(seconds):
        return UNKNOWN
    whole = round(seconds)
    minutes = f"{whole // 60 % 60:02d}" if whole >= 3600 else f"{whole // 60}"
    return (f"{whole // 3600}:" if whole >= 3600 else "") + f"{minutes}:{whole % 60:02d}"


def milliseconds(value: float | None) -> str:
    """14.9 ms"""
    return UNKNOWN if value is None else f"{value:.1f} ms" if value < 100 else f"{value:.0f} ms"


def age(seconds: float) -> str:
    """now, 5 min, 2 h, 3 d"""
    for unit, sign in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= unit:
            return f"{int(seconds // unit)} {sign}"
    return "now"


def times(shape: tuple[int, ...]) -> str:
    """3×32×32"""
    return "×".join(map(str, shape)) or "1"


_ESCAPES = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def plain(name: str) -> str:
    """A name from data or a file, with what would steer a terminal shown instead of obeyed: ESC becomes \\x1b."""
    return _ESCAPES.sub(lambda match: match.group().encode("unicode_escape").decode(), name)
