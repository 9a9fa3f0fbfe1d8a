"""The layers of the model that is about to be trained: what each gives, and its share of the parameters."""

from __future__ import annotations

from collections.abc import Sequence

from tui_trainer import units
from tui_trainer.app.widgets.bars import bar, clear, padded
from tui_trainer.app.widgets.panel import Panel
from tui_trainer.app.widgets.rows import Line, line, width_of
from tui_trainer.events import Layer

SHARE = 6
"""Columns of `74 %` with what parts it from the bar."""


class LayersCard(Panel):
    """A table, one row a layer. Where it is short, layers without parameters go first, then the smallest."""

    title = "Layers"

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._layers: tuple[Layer, ...] = ()
        self._input: tuple[int, ...] = ()

    def show(self, layers: Sequence[Layer], input_shape: Sequence[int]) -> None:
        self._layers, self._input = tuple(layers), tuple(input_shape)
        self.draw()

    @property
    def rows(self) -> int:
        """Rows that the whole table takes, its rule included."""
        return len(self._layers) + 5 if self._layers else 2

    def body(self, width: int, height: int) -> list[Line]:
        ink = self.ink
        if not self._layers:
            return [line((" ·", ink.ink("dim")))]
        indent = 1 if width >= 44 else 0
        room = width - 2 * indent
        total = sum(one.parameters for one in self._layers)
        rule = height >= 8 and height != len(self._layers) + 3
        shown = folded(self._layers, height - 3 - rule)
        rows = [self._head(room), self._row("input", self._input, 0, total, room, plain=True)]
        rows += [self._row(one.name, one.shape, one.parameters, total, room) for one in shown]
        if rule:
            rows.append(line(("─" * room, ink.ink("line"))))
        rows.append(self._total(total, len(self._layers) - len(shown), room))
        return [line((" " * indent, ink.ink()), *row) for row in rows]

    def _columns(self, width: int) -> tuple[int, int, int, int]:
        """Where name and shape end, where the parameters end, and how wide the bar is."""
        wide = width >= 44
        out = 19 if wide else 20 if width >= 34 else max(width - 11, 12)
        parameters = out + 12 if wide else out + 11
        space = width - parameters - SHARE - 4
        return (11 if wide else 10, out, parameters, space if space >= 4 else 0)

    def _head(self, width: int) -> Line:
        _, out, parameters, space = self._columns(width)
        text = "layer" + "out".rjust(out - 5) + "parameters".rjust(parameters - out)
        if width - parameters >= SHARE + 2:
            text += "   share" if space else "share".rjust(width - parameters)
        return line((text, self.ink.ink("dim")))

    def _row(self, name: str, shape: Sequence[int], count: int, total: int, width: int, *, plain: bool = False) -> Line:
        ink = self.ink
        names, out, parameters, space = self._columns(width)
        quiet = plain or not count
        text = ink.ink("dim" if quiet else "text")
        size = units.times(tuple(shape))
        first = max(min(names, out - len(size) - 1), 4)
        row = line((padded(name, first), clear(ink) if not quiet else text), (padded(size, out - first, right=True), text))
        if quiet:
            return row
        row += line((units.count(count).rjust(parameters - out), clear(ink)))
        share = count / max(total, 1)
        if space:
            row += line(("   ", ink.ink()), *bar(ink, share, space, "text"))
        percent = f"{100 * share:.0f} %" if share >= 0.01 else f"{100 * share:.1f} %"
        if width - parameters >= SHARE + 1:
            row += line((percent.rjust(width - width_of(row)), ink.ink("dim")))
        return row

    def _total(self, total: int, left_out: int, width: int) -> Line:
        _, _, parameters, _ = self._columns(width)
        ink = self.ink
        label = "all" if not left_out else f"all, {left_out} not shown"
        return line((label, ink.ink("dim")), (units.count(total).rjust(parameters - len(label)), ink.ink("bright")))


def folded(layers: Sequence[Layer], room: int) -> list[Layer]:
    """The layers that are shown in `room` rows: without those that have no parameters, then without the smallest."""
    kept = list(layers)
    if len(kept) > room:
        kept = [one for one in kept if one.parameters]
    while len(kept) > max(room, 1):
        smallest = min(range(len(kept)), key=lambda index: (kept[index].parameters, -index))
        del kept[smallest]
    return kept
