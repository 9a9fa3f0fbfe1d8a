"""Inspect: which classes are taken for which, and the very pictures; or the curve or the regions that were learned, large."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from textual.binding import Binding
from textual.geometry import Region
from textual.widget import Widget

from tui_trainer import units
from tui_trainer.app.below import Views, large
from tui_trainer.app.layout import Size
from tui_trainer.app.screens.tab import Keys, Tab
from tui_trainer.app.views.learned import LearnedViews, views_of
from tui_trainer.app.views.picture_panel import PicturePanel
from tui_trainer.app.widgets.class_card import ClassCard
from tui_trainer.app.widgets.confusion import CellChosen, CellSelected, ConfusionMatrix
from tui_trainer.runs import figures

if TYPE_CHECKING:
    from tui_trainer.runs.history import History

CARD = 6
"""Rows of the class card with its rule."""
LIST = 49
"""Columns for the list of pairs that stands in for a matrix of many classes."""


class InspectScreen(Tab):
    """The confusion matrix with a cursor, the card of the class it stands on, and pictures of the cell."""

    TAB = "Inspect"
    ORDER = ("curve", "regions", "parameters", "matrix", "pictures", "fit")
    AUTO_FOCUS = "#matrix"
    BINDINGS = [
        Binding("n", "worst", "next worst", tooltip="To the next most confused pair", id="next-worst"),
        Binding("r", "app.tab('Runs')", "runs", tooltip="Pick another run to look into", id="pick-run"),
    ]

    def panels(self) -> Iterable[Widget]:
        self.matrix = ConfusionMatrix(cursor=True, id="matrix")
        self.card = ClassCard(id="class")
        self.pictures = PicturePanel(id="pictures")
        self.views = LearnedViews()
        yield from (self.matrix, self.card, self.pictures, *self.views.panels())

    def places(self, size: Size) -> Mapping[str, Region]:
        if (views := self._learned) is not None:
            return large(views, size)
        names = self.trainer.live.history.classes
        classes = len(names) or 10
        left = 0 if size.narrow else 1
        rows = size.bottom - size.top
        longest = max((len(units.plain(name)) for name in names), default=5)
        width = max(4 * classes + min(max(longest, 5), 10) + 4, 42) if classes <= 16 else LIST
        beside = size.width - left - width - 2 - left
        if beside < 24:  # no room for pictures: they have the whole screen with z
            width = size.width - 2 * left
        gap = 1 if size.airy else 0
        wanted = classes + 2 if classes <= 16 else rows
        matrix = min(wanted, rows - CARD - gap)
        if matrix < min(wanted, 8):
            matrix = rows
        places = {"matrix": Region(left, size.top, width, matrix)}
        below = size.top + matrix + gap
        if size.bottom - below >= 5:
            places["class"] = Region(left, below, width, min(CARD, size.bottom - below))
        if beside >= 24:
            places["pictures"] = Region(left + width + 2, size.top, beside, rows)
        return places

    def show(self) -> None:
        self.trainer.show_status()
        history = self.trainer.live.history
        matrix = history.evaluation.confusion if history.evaluation else ()
        self.matrix.show(matrix, history.classes)
        word = "pictures" if history.pictures else "samples"
        self.card.show(matrix, history.classes, self.matrix.selected[0], word)
        self.pictures.show(history.probed.get("mistakes"), history.classes, self.matrix.selected, self._why_empty(history))
        self.views.show(history)
        if self._shape != (shape := (len(history.classes), self._learned)):
            self._shape = shape
            self.lay_out()
            if self.focused is None or not self.focused.display:
                self.set_focus(next((one for one in (self.views.curve, self.views.regions, self.matrix) if one.display), None))

    _shape: tuple[object, ...] = ()

    @property
    def _learned(self) -> Views | None:
        return views_of(self.trainer.live.history)

    def main_panel(self) -> str | None:
        return next((one.id for one in (*self.views.panels(), self.matrix) if one.display), None)

    def _why_empty(self, history: History) -> str:
        if self.trainer.live.session is None:
            return "no run yet: start one on the Lab,\nor open one from Runs"
        if history.evaluation is None:
            return "no evaluation yet:\nthe first one comes at the end of epoch 1"
        if not history.evaluation.confusion:
            return ""
        if figures.accuracy(history.evaluation.confusion) == 1.0:
            return "no mistakes: every validation picture was told rightly"
        return "this run kept no pictures of its mistakes"

    def keys(self) -> Keys:
        if (views := self._learned) is not None and (views.plane != "regions" or self.focused is not self.matrix):
            return [("Tab", "next panel"), ("z", "zoom"), ("r", "runs"), ("Esc", "back"), ("?", "help")]
        if views is not None:
            return [("↑↓←→", "cell"), ("n", "next worst"), ("Tab", "next panel"), ("z", "zoom"), ("Esc", "back"), ("?", "help")]
        if self.focused is self.pictures:
            return [("←→", "picture"), ("z", "zoom"), ("Tab", "matrix"), ("Esc", "back"), ("?", "help")]
        return [("↑↓←→", "cell"), ("Enter", "its pictures"), ("n", "next worst"), ("z", "zoom"), ("Esc", "back"), ("?", "help")]

    def on_cell_selected(self, message: CellSelected) -> None:
        self.show()

    def on_cell_chosen(self, message: CellChosen) -> None:
        if self.pictures.display:
            self.set_focus(self.pictures)

    def action_worst(self) -> None:
        evaluation = self.trainer.live.history.evaluation
        pairs = [(one.true, one.taken_for) for one in figures.confused(evaluation.confusion)] if evaluation else []
        if pairs:
            at = pairs.index(self.matrix.selected) + 1 if self.matrix.selected in pairs else 0
            self.matrix.select(*pairs[at % len(pairs)])

    def action_out(self) -> None:
        if self.zoomed:
            self.action_zoom()
        elif self.focused is self.pictures:
            self.set_focus(self.matrix)
        else:
            self.trainer.action_tab("Lab")
