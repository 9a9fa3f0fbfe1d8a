"""Runs: all of them in one table, to open, repeat or delete. It composes, binds and forwards."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from dataclasses import asdict

from textual.binding import Binding
from textual.geometry import Region
from textual.widget import Widget

from tui_trainer import units
from tui_trainer.app import records
from tui_trainer.app.layout import Size
from tui_trainer.app.records import ORDERS, Records
from tui_trainer.app.screens.sheet import Choice, Sheet
from tui_trainer.app.screens.tab import Keys, Tab
from tui_trainer.app.widgets.filter_line import FilterChanged, FilterLeft, FilterLine
from tui_trainer.app.widgets.picker import RowOpened, RowPicked
from tui_trainer.app.widgets.rows import line
from tui_trainer.app.widgets.run_card import RunCard
from tui_trainer.app.widgets.run_table import HeadingChosen, RunTable
from tui_trainer.runs import remarks, store
from tui_trainer.runs.store import Run, StoreError, Summary

EVERY = 1.0
"""Seconds between two looks at which records grew: runs begin, end and are resumed elsewhere."""
COST = 50
"""Times that a look may take until the next: of ten thousand runs not every second."""
READ_ON = 0.005
"""Seconds left to keys and drawing between two portions of reading."""
CARD = 8


class RunsScreen(Tab):
    """A line to filter by, the table, and below it the card of the run under the cursor."""

    TAB = "Runs"
    ORDER = ("runs",)
    AUTO_FOCUS = "#runs"
    BINDINGS = [
        Binding(
            "slash", "filter", "filter", key_display="/", tooltip="Show only runs with some words: cnn digits val>90", id="filter"
        ),
        Binding("s", "sort", "sort", tooltip="Sort by the next column", id="sort"),
        Binding("S", "turn", "turn round", tooltip="Turn the order round", id="turn"),
        Binding("g", "resume", "resume", tooltip="Go on with this run in this app, from where it was saved", id="resume"),
        Binding("r", "again", "run again", tooltip="Fill the form with what this run was given", id="again"),
        Binding("D", "delete", "delete", tooltip="Delete this run and its checkpoints; asks first", id="delete"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self.records = Records()
        self.order, self.falling = ORDERS[0], ORDERS[0].falling
        self._looked = self._took = 0.0

    def panels(self) -> Iterable[Widget]:
        self.filter = FilterLine("cnn digits val>90", id="filter")
        self.table = RunTable(id="runs")
        self.card = RunCard(id="card")
        yield from (self.filter, self.table, self.card)

    def on_mount(self) -> None:
        self._look()

    def places(self, size: Size) -> Mapping[str, Region]:
        edge = 0 if size.narrow else 1
        width = size.width - 2 * edge
        places = {"filter": Region(edge, size.top, width, 1)}
        top = size.top + (2 if size.airy else 1)
        rows = size.bottom - top
        card = CARD if rows >= 24 else 0
        places["runs"] = Region(edge, top, width, rows - card)
        if card:
            places["card"] = Region(edge, top + rows - card, width, card)
        return places

    # ---- reading ---------------------------------------------------------------------------------------------

    def show(self) -> None:
        self.trainer.show_status()
        if time.monotonic() - self._looked >= max(EVERY, COST * self._took):
            self._look()

    def _look(self) -> None:
        self._looked = time.monotonic()
        self.records.look()
        self._took = time.monotonic() - self._looked
        self._read_on()

    def _read_on(self) -> None:
        """Read a portion, draw what is known, and come back for more."""
        if not self.is_running:
            return
        self.records.read()
        self._draw_table()
        if self.records.behind:
            self.set_timer(READ_ON, self._read_on)

    def _draw_table(self) -> None:
        known = self.records.summaries()
        words = self.filter.text.lower().split()
        found = [one for one in known if records.wanted(one, words)]
        rows = records.ordered(found, self.order, falling=self.falling)
        self.table.show(
            rows,
            sorted_by=self.order.name,
            falling=self.falling,
            leaders=records.leaders(known),
            empty=self._why_empty(bool(known)),
        )
        ink, behind = self.table.ink, self.records.behind
        of = f" of {units.count(len(known))} runs" if not behind else f" · reading, {units.count(behind)} to go"
        self.filter.say(line((units.count(len(found)), ink.ink("bright")), (of, ink.ink("dim"))))
        self._pick()

    def _why_empty(self, any_known: bool) -> list[str]:
        if self.records.behind:
            return ["reading the runs"]
        if any_known:
            return ["no run has these words", "Esc clears the filter"]
        return ["no runs yet", "Enter on the Lab's Start makes the first one; each is kept here with its curves and weights"]

    # ---- keys ------------------------------------------------------------------------------------------------

    def keys(self) -> Keys:
        if self.focused is self.filter:
            return [("Enter", "to the table"), ("Esc", "clear"), ("F1", "help")]
        one = self.table.current if self.is_mounted else None
        going_on = one is not None and one.alive
        writing = [("g", "resume"), ("r", "run again"), ("D", "delete")] if not self.trainer.read_only else []
        found = [("s", "sort"), ("/", "filter")]
        look = "open" if not going_on else "watch" if self.trainer.read_only else "attach"
        return [("Enter", look), *writing[going_on : 2 if going_on else 3], *found, ("Esc", "back"), ("?", "help")]

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action in {"again", "delete", "resume"} and self.trainer.read_only:
            return False
        if action in {"again", "delete", "resume", "sort", "turn"} and self.is_mounted and self.table.current is None:
            return None
        return True

    def on_row_picked(self, message: RowPicked) -> None:
        self._pick()

    def _pick(self) -> None:
        """Card and keys of the run under the cursor."""
        self.card.show(self.table.current)
        self.footer.show(self.keys())

    def on_row_opened(self, message: RowOpened) -> None:
        if (one := self.table.current) is None:
            return
        live = self.trainer.live
        if live.session is not None and live.session.run.folder == one.run.folder:
            self.trainer.action_tab("Lab")
        else:
            self.trainer.open_run(one.run)

    def on_heading_chosen(self, message: HeadingChosen) -> None:
        order = next((one for one in ORDERS if one.name == message.column), None)
        if order is self.order:
            self.action_turn()
        elif order is not None:
            self._sort_by(order)

    def on_filter_changed(self, message: FilterChanged) -> None:
        self._draw_table()

    def on_filter_left(self, message: FilterLeft) -> None:
        self.set_focus(self.table)

    def action_filter(self) -> None:
        self.set_focus(self.filter)

    def action_sort(self) -> None:
        self._sort_by(ORDERS[(ORDERS.index(self.order) + 1) % len(ORDERS)])

    def _sort_by(self, order: records.Order) -> None:
        self.order, self.falling = order, order.falling
        self._draw_table()

    def action_turn(self) -> None:
        self.falling = not self.falling
        self._draw_table()

    def action_again(self) -> None:
        if (one := self.table.current) is not None:
            config = asdict(one.config)
            self.trainer.fill_form({name: value for name, value in config.items() if value is not None})

    def action_resume(self) -> None:
        """Go on with the run under the cursor, here."""
        if (one := self.table.current) is not None:
            self.trainer.resume_run(one.run)

    def action_delete(self) -> None:
        if (one := self.table.current) is None:
            return
        if one.alive:
            self.trainer.say(f"run {one.run.id} is being trained: stop it first")
            return
        sheet = Sheet(
            f"Delete run {one.run.id}?",
            _what_goes(one),
            [
                Choice("go on", "Keep it", "Esc", "nothing is deleted"),
                Choice("delete", "Delete", "D", "its record, charts and checkpoints are gone for good"),
            ],
        )
        self.app.push_screen(sheet, lambda answer: self._delete(one.run) if answer == "delete" else None)

    def _delete(self, run: Run) -> None:
        try:
            store.delete(run)
        except StoreError as error:
            self.trainer.say(str(error))
            return
        self.records.forget(run)
        self._draw_table()
        self.trainer.say(f"run {run.id} is deleted")

    def action_out(self) -> None:
        if self.zoomed:
            self.action_zoom()
        elif self.filter.text:
            self.filter.action_clear()
        else:
            self.trainer.action_tab("Lab")


def _what_goes(one: Summary) -> str:
    """`cnn on digits, 12 epochs, best 97.8 %.`"""
    words = f"{units.plain(one.config.preset)} on {units.plain(one.config.dataset)}, {one.epochs} epoch{'s' * (one.epochs != 1)}"
    return f"{words}, best {remarks.score(one.best_accuracy, one.best_mae)}." if one.best_loss is not None else f"{words}."
