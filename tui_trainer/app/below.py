"""What stands below the charts where there are no pictures: a plane that is drawn, small tables, notes. Plain arithmetic."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from textual.geometry import Region

if TYPE_CHECKING:
    from tui_trainer.app.layout import Size

NOTES = 39
TABLE = 40
"""Columns of the tables where the notes stand in a column of their own."""
LEAST_NOTES = 4
LEAST_PLANE = 6
"""Rows of a plane with its rule below which it shows nothing."""
FEW, TRAIL = 4, 6
"""Of so few parameters the values after the last steps are listed too, in so many rows."""
FIT = 4
"""Rows of the figures of a fit with their rule."""


class Table(NamedTuple):
    """A small panel, and the rows that it would like, and needs before notes get any."""

    name: str
    wanted: int
    least: int


@dataclass(frozen=True, slots=True)
class Views:
    """What there is to show."""

    plane: str = ""
    """`curve` or `regions`, where one can be drawn."""
    classes: int = 0
    """Rows of the class board; 0 for regression."""
    parameters: int = 0
    """How many are listed; 0 where they are too many."""

    def tables(self, *, large: bool = False) -> list[Table]:
        """The small panels, the most wanted first."""
        steps = TRAIL if self.parameters <= FEW else 0
        rows = self.parameters + 2
        listed = [Table("parameters", rows + steps, min(rows + steps - 1, rows + 5, 9))] if self.parameters else []
        if self.classes:
            matrix = [Table("confusion", self.classes + 2, self.classes + 2)] if large else []
            return [Table("classes", self.classes + 1, 3), *matrix, *listed]
        return listed or [Table("fit", FIT, FIT)]

    def wanted(self, *, large: bool) -> int:
        """Rows below the charts, without the rule."""
        most = 22 if large else 14
        return most if self.plane else min(max(self.tables()[0].wanted + 2, 10), most)


def beside(views: Views, room: Region, *, large: bool) -> dict[str, Region]:
    """The plane at the left, tables and notes at the right; where much stands there, the notes have a column of their own."""
    x, y, width, rows = room
    if rows < LEAST_PLANE:
        return {views.tables()[0].name: room} if rows >= 3 else {}
    if not views.plane:
        notes = min(max(width * 9 // 20, 34), width // 2) if width < 110 else NOTES + 6
        places = stacked(views.tables(), Region(x, y, width - notes - 2, rows), with_notes=False)
        return places | {"notes": Region(x + width - notes, y, notes, rows)}
    tables = views.tables(large=large)
    apart = large and width >= 110 and tables[0].name != "fit"
    notes = NOTES + 2 if large else max(width * 9 // 20, 26) + 2
    plane = width - notes - (TABLE + 2 if apart else 0)
    if views.plane == "regions":  # a plane of two values is not drawn much wider than high
        plane = min(plane, max(3 * rows, 34))
    right = Region(x + plane + 2, y, width - plane - 2 - (notes if apart else 0), rows)
    places = {views.plane: Region(x, y, plane, rows)} | stacked(tables, right, with_notes=not apart)
    return places | {"notes": Region(x + width - NOTES, y, NOTES, rows)} if apart else places


def stacked(tables: list[Table], room: Region, *, with_notes: bool) -> dict[str, Region]:
    """Tables over each other in one column, with the notes below them; what has no room is left out."""
    places: dict[str, Region] = {}
    x, y, width, left = room
    kept = LEAST_NOTES if with_notes and left - tables[0].least >= LEAST_NOTES else 0
    for at, (name, wanted, _) in enumerate(tables):
        rows = min(wanted, left - kept)
        if at and rows < 4:
            break
        places[name] = Region(x, y, width, rows)
        y, left = y + rows, left - rows
    if with_notes and left >= 3:
        return places | {"notes": Region(x, y, width, left)}
    name = next(reversed(places))
    last = places[name]
    return places | {name: Region(x, last.y, width, last.height + left)}


def large(views: Views, size: Size) -> dict[str, Region]:
    """Places on a screen of their own: the plane as large as it can be, with figures at its right where there is room."""
    edge = 0 if size.narrow else 1
    room = Region(edge, size.top, size.width - 2 * edge, size.bottom - size.top)
    tables = [Table("fit", FIT + 8, FIT)] if not views.classes else [Table("matrix", views.classes + 3, 4), Table("class", 6, 6)]
    if views.parameters:
        listed = Table("parameters", views.parameters + 2 + TRAIL, 3)
        tables = [listed, *tables] if not views.classes else [*tables, listed]
    if room.width < 76 and views.plane:
        return {views.plane: room}
    if not views.plane and room.width < 90:
        return stacked(tables[::-1], room, with_notes=False)
    beside = 40 if room.width < 130 else 46
    right = Region(room.right - beside, room.y, beside, room.height)
    left = Region(room.x, room.y, room.width - beside - 2, room.height)
    if not views.plane:
        return {tables[0].name: left} | (stacked(tables[1:], right, with_notes=False) if len(tables) > 1 else {})
    return {views.plane: left} | stacked(tables, right, with_notes=False)
