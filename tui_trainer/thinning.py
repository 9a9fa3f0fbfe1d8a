"""A curve of any length as at most two dozen values, for a line as high as a letter. Knows nothing of ours."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

MOST = 24


def thinned(values: Sequence[float]) -> tuple[float, ...]:
    """The first, the last, and evenly what lies between, to three digits; what is not finite is left out."""
    finite = [value for value in values if math.isfinite(value)]
    if len(finite) > MOST:
        finite = [finite[round(at * (len(finite) - 1) / (MOST - 1))] for at in range(MOST)]
    return tuple(float(f"{value:.3g}") for value in finite)


@dataclass(slots=True)
class Thin:
    """A curve that grows for as long as it likes: every value at first, then every second one, every fourth, and the last."""

    kept: list[float] = field(default_factory=list)
    each: int = 1
    """Of so many values the first is kept."""
    seen: int = 0
    last: float = 0.0

    def add(self, value: float) -> None:
        if self.seen % self.each == 0:
            self.kept.append(value)
        self.seen, self.last = self.seen + 1, value
        if len(self.kept) > 4 * MOST:
            self.kept, self.each = self.kept[::2], 2 * self.each

    def values(self) -> tuple[float, ...]:
        """At most MOST of them, see `thinned`."""
        is_kept = not self.seen or (self.seen - 1) % self.each == 0
        return thinned(self.kept if is_kept else [*self.kept, self.last])
