"""The model: its layers, what they give, and their shares of the parameters."""

from __future__ import annotations

from rich.cells import cell_len

from tui_trainer import units
from tui_trainer.app.widgets.bars import bar, padded
from tui_trainer.app.widgets.rows import Line, line
from tui_trainer.app.widgets.scrolled import ScrolledPanel
from tui_trainer.events import Layer, RunStarted

SHAPES = 16  # columns of name and shape together, left of the bars


class ModelPanel(ScrolledPanel):
    """Layers with parameters, one row each; bars are relative to the largest."""

    title = "Model"

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._layers: tuple[Layer, ...] = ()
        self._started: RunStarted | None = None

    def show(self, started: RunStarted | None) -> None:
        if started is self._started:
            return
        self._started = started
        self._layers = tuple(one for one in started.layers if one.parameters) if started else ()
        self.draw()

    def aside(self) -> Line:
        return line((units.count(self._started.parameters), self.ink.ink("dim"))) if self._started else []

    def total(self) -> int:
        return len(self._layers) + 1

    def body(self, width: int, height: int) -> list[Line]:
        if self._started is None:
            return [line(("·", self.ink.ink("dim")))] if height > 0 else []
        rows = [self._row("input", self._started.input_shape, 0, width, "dim"), *(self._layer(one, width) for one in self._layers)]
        return rows[self.first() : self.first() + height]

    def _layer(self, layer: Layer, width: int) -> Line:
        return self._row(layer.name, layer.shape, layer.parameters, width, "text")

    def _row(self, name: str, shape: tuple[int, ...], parameters: int, width: int, colour: str) -> Line:
        ink = self.ink
        size = units.times(shape)
        column = SHAPES - cell_len(size) - 1
        largest = max((one.parameters for one in self._layers), default=1)
        return line(
            (padded(name, column) + " ", ink.ink(colour)),
            (size + " ", ink.ink("dim")),
            *bar(ink, parameters / largest, max(width - SHAPES - 1, 0), "dim", track=None),
        )
