"""The strip of mistakes: the pictures that were taken for something else with most confidence."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence

from rich.cells import cell_len

from tui_trainer import units
from tui_trainer.app.widgets.bars import padded
from tui_trainer.app.widgets.panel import Panel
from tui_trainer.app.widgets.pictures import halfblocks
from tui_trainer.app.widgets.rows import Line, line
from tui_trainer.events import Probed

COLUMNS, ROWS, GAP = 16, 8, 2
AT_ONCE = 2  # pictures made in one draw: a strip of them at once would hold the keys up
BITS = 5  # a channel; the eye sees no difference and neighbours are more often equal


class MistakeStrip(Panel):
    """As many pictures as fit, most certain first, each with what it is and what it was taken for."""

    title = "Mistakes"

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._probed: Probed | None = None
        self._names: tuple[str, ...] = ()
        self._pictures = 0
        self._data: list[bytes] = []
        self._made = 0

    def show(self, probed: Probed | None, names: Sequence[str], pictures: int = 0) -> None:
        """The last `mistakes` probe; `pictures` is how many an evaluation looks at."""
        if probed is self._probed and tuple(names) == self._names:
            return
        self._probed, self._names, self._pictures = probed, tuple(names), pictures
        self._data = _pictures(probed) if probed else []
        self._made = 0
        self.draw()

    def legend(self, width: int) -> Line:
        if self._probed is None or not self._data:
            return []
        dim = self.ink.ink("dim")
        whole = f"most certain first, epoch {self._probed.epoch}"
        return line((whole if len(whole) <= width else f"epoch {self._probed.epoch}", dim))

    def body(self, width: int, height: int) -> list[Line]:
        if not self._data:
            return [line((self._why_empty(), self.ink.ink("dim")))] if height > 0 else []
        rows = min(ROWS, height - 1)
        if rows < 2:
            return []
        columns = 2 * rows
        fit = min((width + GAP) // (columns + GAP), len(self._data))
        self._make_more(fit)
        strips = [self._strip(at, columns, rows) for at in range(min(self._made, fit))]
        return [self._joined([strip[y] for strip in strips]) for y in range(rows + 1)] if strips else []

    def _make_more(self, fit: int) -> None:
        if self._made < fit:
            self._made = min(self._made + AT_ONCE, fit)
            if self._made < fit:
                self.call_after_refresh(self.draw)

    def _why_empty(self) -> str:
        if self._probed is None:
            return "after the first evaluation"
        if self._probed.shape and self._probed.shape[0]:
            return "these pictures cannot be read"
        return f"no mistakes in {units.count(self._pictures)} validation pictures" if self._pictures else "no mistakes"

    def _joined(self, parts: Sequence[Line]) -> Line:
        gap = line((" " * GAP, self.ink.ink()))
        joined = list(parts[0])
        for part in parts[1:]:
            joined += gap + part
        return joined

    def _strip(self, at: int, columns: int, rows: int) -> list[Line]:
        """One picture and the line under it."""
        assert self._probed is not None
        _, channels, high, wide = self._probed.shape
        blocks = self.ink.tints and not getattr(self.app, "ascii_only", False)
        drawn = halfblocks(self._data[at], (channels, high, wide), columns, rows, self.ink, bits=BITS, blocks=blocks)
        return [*drawn, self._caption(at, columns)]

    def _caption(self, at: int, width: int) -> Line:
        ink = self.ink
        facts = self._probed.facts if self._probed else {}
        true, taken_for = (self._class(facts.get(fact, ()), at) for fact in ("true", "taken_for"))
        confidence = facts.get("confidence", ())
        share = f"{100 * confidence[at]:.0f}%" if at < len(confidence) else ""
        room = width - len(share) - 4
        left, right = shared(cell_len(true), cell_len(taken_for), room)
        blank = " " * (room - left - right)
        return line(
            (padded(true, left), ink.ink(ink.hex("bright"))),
            (" → ", ink.ink("faint")),
            (padded(taken_for, right), ink.ink("worse")),
            (f"{blank} {share}", ink.ink("dim")),
        )

    def _class(self, numbers: Sequence[float], at: int) -> str:
        if at >= len(numbers):
            return units.UNKNOWN
        index = int(numbers[at])
        return units.plain(self._names[index]) if 0 <= index < len(self._names) else str(index)


def shared(left: int, right: int, room: int) -> tuple[int, int]:
    """Columns for two names that want `left` and `right` of them: the shorter one is cut last."""
    if left + right <= room:
        return left, right
    half = room // 2
    if left <= half:
        return left, room - left
    return (room - right, right) if right <= room - half else (half, room - half)


def _pictures(probed: Probed) -> list[bytes]:
    """The bytes of each picture; none where shape and data do not agree."""
    if len(probed.shape) != 4 or min(probed.shape) < 1:
        return []
    try:
        data = base64.b64decode(probed.data, validate=True)
    except (binascii.Error, ValueError):
        return []
    count, channels, high, wide = probed.shape
    size = channels * high * wide
    return [data[at * size : (at + 1) * size] for at in range(count)] if len(data) == count * size else []
