"""Letter and name at the end of each curve: a label moves by rows rather than hide a curve or another label."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from rich.cells import cell_len

from tui_trainer.app.widgets.braille import Grid

GAP = 1
"""Columns free between the end of a curve and its label."""
FARTHEST = 4
"""Rows that a letter alone may stand from the end of its curve."""


@dataclass(frozen=True, slots=True)
class EndLabel:
    """What is to stand beside a column and a row of cells."""

    column: int
    row: int
    texts: tuple[str, ...]
    """From the fullest to the letter alone."""
    colour: str
    far: int = 2
    """Rows that the fuller texts may stand from it."""


def place(grid: Grid, labels: Iterable[EndLabel]) -> dict[str, tuple[int, int]]:
    """Write each label where it hides nothing, the first ones first; where the fullest of their texts fits nowhere, a shorter.

    Says where each stands, by its shortest text.
    """
    places = {}
    for label in labels:
        if (found := _room(grid, label)) is not None:
            column, row, text = found
            grid.glyph(column, row, text, label.colour)
            places[label.texts[-1]] = column, row
    return places


def _room(grid: Grid, label: EndLabel) -> tuple[int, int, str] | None:
    """Right of the end in the nearest row that is free; where none is, over or under the end, or left of it."""
    for text in label.texts:
        wide = cell_len(text)
        alone = text == label.texts[-1] and len(label.texts) > 1
        rows = _nearest(label.row, grid.rows, FARTHEST if alone else label.far)
        for column in (label.column + 1 + GAP, label.column - wide // 2, label.column - wide):
            for row in rows:
                if (row != label.row or column > label.column) and _free(grid, column, row, wide):
                    return column, row, text
    return None


def _nearest(row: int, rows: int, far: int) -> list[int]:
    """Rows from the nearest on, above before below."""
    near = [row + sign * by for by in range(far + 1) for sign in (-1, 1)[: 1 + bool(by)]]
    return [one for one in near if 0 <= one < rows]


def _free(grid: Grid, column: int, row: int, wide: int) -> bool:
    """Whether a text and a column on either side of it hide nothing; at the edges of the grid there is nothing to hide."""
    if column < 0 or column + wide > grid.columns:
        return False
    return all(grid.free(at, row) for at in range(max(column - 1, 0), min(column + wide + 1, grid.columns)))
