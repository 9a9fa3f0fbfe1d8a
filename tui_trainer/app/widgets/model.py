"""The model: its layers, what they give, and their shares of the parameters."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len

from tui_trainer import units
from tui_trainer.app.widgets.bars import bar, padded
from tui_trainer.app.widgets.rows import Line, line
from tui_trainer.app.widgets.scrolled import ScrolledPanel
from tui_trainer.events import Layer

SHAPES = 16  # columns of name and shape together, left of the bars


class ModelPanel(ScrolledPanel):
    """Layers with parameters, one row each; bars are relative to the largest."""

    title = "Model"

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._layers: tuple[Layer, ...] = ()
        self._input: tuple[int, ...] = ()
        self._parameters: int | None = None

    def show(self, layers: Sequence[Layer], input_shape: Sequence[int], parameters: int | None) -> None:
        new = (tuple(one for one in layers if one.parameters), tuple(input_shape), parameters)
        if new != (self._layers, self._input, self._parameters):
            self._layers, self._input, self._parameters = new
            self.draw()

    def aside(self) -> Line:
        return line((units.count(self._parameters), self.ink.ink("dim"))) if self._parameters is not None else []

    def total(self) -> int:
        return len(self._layers) + 1

    def body(self, width: int, height: int) -> list[Line]:
        if not self._input:
            return [line(("·", self.ink.ink("dim")))] if height > 0 else []
        rows = [self._row("input", self._input, 0, width, "dim"), *(self._layer(one, width) for one in self._layers)]
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
