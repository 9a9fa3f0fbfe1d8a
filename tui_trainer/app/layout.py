"""Which panel stands where on the Lab screen, for every size: plain arithmetic, no widgets.

Height goes first to the loss, then to accuracy, then to classes, then to pictures; when room runs out the panels
fold in this order: pictures, matrix, machine, model, setup, notes, classes. Both charts never go.
"""

from __future__ import annotations

from dataclasses import dataclass

from textual.geometry import Region

from tui_trainer.app.below import Views, beside

SMALLEST = (60, 18)
LOSS_ROWS = (3, 16)
ACCURACY_ROWS = (2, 8)
PICTURE_ROWS = 10
AXIS_ROWS = 2
LEAST = 2 + AXIS_ROWS + 10
"""Rows of both charts with their rules, at 7 and 3 rows."""

Places = dict[str, Region]


@dataclass(frozen=True, slots=True)
class Size:
    """The terminal, and what follows from it."""

    width: int
    height: int

    @property
    def too_small(self) -> bool:
        return self.width < SMALLEST[0] or self.height < SMALLEST[1]

    @property
    def narrow(self) -> bool:
        """Setup is one line under the header."""
        return self.width < 100 or self.height < 30

    @property
    def large(self) -> bool:
        """Room for timing, checkpoints, the matrix and the pictures."""
        return self.width >= 140 and self.height >= 44

    @property
    def airy(self) -> bool:
        """One blank row under the header and one above the status line."""
        return self.height >= 30

    @property
    def top(self) -> int:
        """First row below the header (and below the setup line where there is one)."""
        return 2 if self.airy else 1

    @property
    def bottom(self) -> int:
        """First row that is not the panels' any more."""
        return self.height - (3 if self.airy else 2)

    def risen(self, rows: int) -> Region:
        """Where a sheet of so many rows stands: it rises from the status line, up to the header at most."""
        rows = min(rows, self.bottom - 1)
        return Region(0, self.bottom - rows, self.width, rows)

    @property
    def setup_width(self) -> int:
        return 27 if self.large else 25


def watching(size: Size, *, classes: int, layers: int, settings: int, views: Views | None = None) -> Places:
    """Places of the panels while a run is on the screen.

    `classes`, `layers` and `settings` say how many rows those panels would like. Panels without a place are hidden.
    `views` is what a run that has no pictures shows below the charts.
    """
    places: Places = {}
    top, bottom = size.top, size.bottom
    if size.narrow:
        left, right = 0, size.width
        if size.height >= 20:
            places["line"] = Region(0, 1, size.width, 1)
            top = 2
    else:
        left, right = size.setup_width + 3, size.width - 1
        places |= _column(size, layers=layers, settings=settings)
    rows = bottom - top
    pictures = PICTURE_ROWS if size.large and views is None else 0
    wanted = max(classes, 5) + (1 if size.large else 0) if views is None else views.wanted(large=size.large)
    board = _board_rows(rows - pictures, wanted, least=LEAST if views is None else LEAST - 2)
    charts = rows - pictures - board
    loss, accuracy = _chart_rows(charts - 2 - AXIS_ROWS)
    spare = charts - 2 - AXIS_ROWS - loss - accuracy
    board += spare if board else 0
    x, width = left, right - left
    y = top
    places["loss"] = Region(x, y, width, loss + 1)
    y += loss + 1
    places["accuracy"] = Region(x, y, width, accuracy + 1 + AXIS_ROWS)
    y += accuracy + 1 + AXIS_ROWS
    if board:
        place = Region(x, y, width, board)
        places |= _lower(size, x, y, width, board, classes) if views is None else beside(views, place, large=size.large)
        y += board
    if pictures:
        places["mistakes"] = Region(x, y, width, pictures)
    return places


def _board_rows(rows: int, classes: int, least: int) -> int:
    """Rows for the class board with its rule; 0 where the charts, which have `least`, need them."""
    spare = rows - least - 1
    if spare < 2:
        return 0
    return 1 + min(classes, max(min(5, spare), spare - max(0, rows - 36)))


def _chart_rows(rows: int) -> tuple[int, int]:
    """Rows of loss and accuracy: two to one, within their bounds."""
    loss = min(max(round(rows * 2 / 3), LOSS_ROWS[0]), LOSS_ROWS[1])
    accuracy = min(max(rows - loss, ACCURACY_ROWS[0]), ACCURACY_ROWS[1])
    return min(rows - accuracy, LOSS_ROWS[1]), accuracy


def _column(size: Size, *, layers: int, settings: int) -> Places:
    """The left column: setup, model, machine, and on large screens what follows them."""
    x, y, width = 1, size.top, size.setup_width
    places: Places = {}
    wanted = [("setup", settings + 1), ("model", layers + 1), ("machine", 5)]
    if size.large:
        wanted += [("timing", 5), ("checkpoints", 3), ("last", 3)]
    for name, rows in wanted:
        rows, least = min(rows, size.bottom - y), min(rows, 3 if name in {"checkpoints", "last"} else 4)
        if rows < least:
            break
        places[name] = Region(x, y, width, rows)
        y += rows + 1
    return places


def _lower(size: Size, x: int, y: int, width: int, rows: int, classes: int) -> Places:
    """Classes, matrix where it fits, and notes, side by side with two columns between them."""
    if not size.large:
        notes = max(width * 9 // 20, 34)
        board = width - notes - 2
        return {"classes": Region(x, y, board, rows), "notes": Region(x + board + 2, y, notes, rows)}
    name = 8
    matrix = 1 + name + 4 * min(classes, 16) + 2 if 2 <= classes <= 16 else 40
    notes = 39
    board = width - matrix - notes - 4
    if board < 30:
        return _lower(Size(100, size.height), x, y, width, rows, classes)
    return {
        "classes": Region(x, y, board, rows),
        "confusion": Region(x + board + 2, y, matrix, rows),
        "notes": Region(x + board + matrix + 4, y, notes, rows),
    }


def setting_up(size: Size, *, form: int, layers: int, shell: int) -> Places:
    """Places of the form and its cards; `form`, `layers` and `shell` are the rows they would like."""
    top, bottom = size.top, size.bottom
    if size.narrow:
        left = max(size.width // 2 - 1, 34)
        x, width = left + 2, size.width - left - 3
        card = min(9, bottom - top)
        places = {"form": Region(0, top, left, bottom - top), "preflight": Region(x, top, width, card)}
        if bottom - top - card >= 3:
            places["about"] = Region(x, top + card, width, bottom - top - card)
        return places
    left = 64 if size.width < 140 else 72
    x, width = left + 3, size.width - left - 4
    rows = min(form, bottom - top)
    places = {"form": Region(1, top, left, rows)}
    y = top + rows + 1
    if bottom - y >= shell:
        places["shell"] = Region(1, y, left, shell)
        y += shell + 1
    if bottom - y >= 3:
        places["earlier"] = Region(1, y, left, min(bottom - y, 12))
    y = top
    places["preflight"] = Region(x, y, width, 11)
    y += 12
    table = min(layers, bottom - y - 6)
    places["layers"] = Region(x, y, width, table)
    y += table + 1
    if bottom - y >= 3:
        places["about"] = Region(x, y, width, bottom - y)
    return places
