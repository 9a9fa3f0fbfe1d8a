"""Runs: all of them in one table, with the curve of the one under the cursor. It composes, binds and forwards."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from functools import partial
from pathlib import Path

from textual.app import SystemCommand
from textual.geometry import Region
from textual.widget import Widget

from tui_trainer import units
from tui_trainer.app import records
from tui_trainer.app.layout import Size
from tui_trainer.app.records import Records
from tui_trainer.app.screens import runs_keys
from tui_trainer.app.screens.run_below import CATCHING_UP, READ_ON, RunBelow
from tui_trainer.app.screens.tab import Keys
from tui_trainer.app.widgets.filter_line import FilterChanged, FilterLeft, FilterLine
from tui_trainer.app.widgets.header import Spans
from tui_trainer.app.widgets.picker import RowOpened, RowPicked
from tui_trainer.app.widgets.rows import Line, line
from tui_trainer.app.widgets.run_card import RunCard
from tui_trainer.app.widgets.run_cell import GLYPHS
from tui_trainer.app.widgets.run_chart import ChartChosen, RunChart
from tui_trainer.app.widgets.run_columns import BY_NAME
from tui_trainer.app.widgets.run_table import HeadingChosen, MarkChosen, RunTable
from tui_trainer.runs import columns, filters

EVERY = 1.0
"""Seconds between two looks at which records grew: runs begin, end and are resumed elsewhere."""
BUSY = 3.0
"""The same while somebody presses keys, which need not wait for a look."""
COST = 50
"""Times that a look may take until the next: of ten thousand runs not every second."""
EXAMPLE = "cifar10 val>70 lr>=1e-3 status:finished"


class RunsScreen(RunBelow):
    """A line to filter by, the table, and below it curve and settings of the run under the cursor."""

    TAB = "Runs"
    ORDER = ("runs",)
    AUTO_FOCUS = "#runs"
    BINDINGS = runs_keys.BINDINGS

    def __init__(self) -> None:
        super().__init__()
        self.records = Records()
        self._looked = self._took = self._shown = 0.0
        self._leaders, self._fresh = frozenset[Path](), True
        """The best on each dataset, and whether more is known since."""

    def panels(self) -> Iterable[Widget]:
        self.filter = FilterLine(EXAMPLE, id="filter", text=self.trainer.looking.text)
        self.table, self.chart, self.card = RunTable(id="runs"), RunChart(id="chart"), RunCard(id="card")
        yield from (self.filter, self.table, self.chart, self.card)

    def on_mount(self) -> None:
        self._look()
        self._read_on()

    def places(self, size: Size) -> Mapping[str, Region]:
        """The curve stands below the table from 30 rows on; with fewer, a few words on the run."""
        edge = 0 if size.narrow and not size.airy else 1
        width = size.width - 2 * edge
        places = {"filter": Region(edge, size.top, width, 1)}
        top = size.top + (2 if size.airy else 1)
        rows = size.bottom - top
        if size.airy:
            below = min(max(round(rows * 0.41), 9), 18)
            beside = max(28, min(width // 3, 52))
            places["chart"] = Region(edge, size.bottom - below, width - beside - 2, below)
            places["card"] = Region(edge + width - beside, size.bottom - below, beside, below)
            places["runs"] = Region(edge, top, width, rows - below - 1)
            return places
        below = 4 if rows >= 16 else 0
        places["runs"] = Region(edge, top, width, rows - below)
        if below:
            places["card"] = Region(edge, size.bottom - below, width, below)
        return places

    def corner(self) -> list[Spans]:
        """`● 7f3a training · 47 runs`"""
        known = len(self.records.runs)
        count: Spans = [(units.count(known), "bright"), (f" run{'s' * (known != 1)}", "text")]
        live = self.trainer.live
        if live.session is None or not live.active:
            return [count] if known else []
        one = self.records.known.get(live.session.run.folder)
        glyph, colour = GLYPHS["paused" if live.history.paused else "running"]
        word = columns.state(one) if one is not None and one.alive else "training"
        state: Spans = [(f"{glyph} ", colour), (f"{live.session.run.id} {word}", "text")]
        return [[*state, (" · ", "faint"), *count], count]

    def commands(self) -> Iterable[SystemCommand]:
        for column in columns.COLUMNS:
            yield SystemCommand(f"Sort by {column.heading}", "Order of the table of runs", partial(self._sort_by, column.name))

    # ---- reading ---------------------------------------------------------------------------------------------

    def show(self) -> None:
        self.trainer.show_status()
        wait = max(EVERY, COST * self._took, BUSY if self.trainer.pace.eager else 0.0)
        if not self.records.behind and time.monotonic() - self._looked >= wait:
            self._look()
            self.set_timer(READ_ON, self._read_on)
        self.follow_on()

    def _look(self) -> None:
        self._looked = time.monotonic()
        self.records.look()
        self._took = time.monotonic() - self._looked

    def _read_on(self) -> None:
        """Read a portion, draw what is known, and come back for more."""
        if not self.is_running:
            return
        self._fresh = self.records.read() or self._fresh
        now = time.monotonic()
        if not self.records.behind or now - self._shown > 2 * CATCHING_UP:
            self._shown = now
            self.draw_table()
        if self.records.behind:
            self.set_timer(READ_ON, self._read_on)

    def draw_table(self) -> None:
        looking, known = self.trainer.looking, self.records.summaries()
        if self._fresh:
            self._leaders, self._fresh = records.leaders(known), False
        chosen = filters.parse(looking.text, columns.knobs(known))
        found = [one for one in known if chosen.wanted(one)] if chosen else known
        rows = columns.ordered(found, BY_NAME[looking.order], falling=looking.falling)
        self.table.show(
            rows,
            sorted_by=looking.order,
            falling=looking.falling,
            leaders=self._leaders,
            marked=looking.marked,
            empty=self._why_empty(bool(known)),
        )
        self.filter.say(self._counted(len(found), len(known)), chosen.problem)
        self._pick()

    def _counted(self, found: int, known: int) -> Line:
        """`14 of 47 runs · 4 marked`"""
        ink, behind, marked = self.table.ink, self.records.behind, len(self.marked)
        of = f" of {units.count(known)} run{'s' * (known != 1)}" if not behind else f" · reading, {units.count(behind)} to go"
        spans = line((units.count(found), ink.ink("bright")), (of, ink.ink("dim")))
        marks = line(("  ·  ", ink.ink("faint")), (units.count(marked), ink.ink("you", bold=True)), (" marked", ink.ink("dim")))
        return [*spans, *(marks if marked else [])]

    def _why_empty(self, any_known: bool) -> list[str]:
        if self.records.behind:
            return ["reading the runs"]
        if any_known:
            return ["no run is like this", "Esc clears the filter"]
        return ["no runs yet", "Enter on the Lab's Start makes the first one; each is kept here with its curves and weights"]

    # ---- keys ------------------------------------------------------------------------------------------------

    def keys(self) -> Keys:
        if self.focused is self.filter:
            return runs_keys.IN_THE_FILTER
        one = self.table.current if self.is_mounted else None
        return runs_keys.in_the_table(
            one,
            marked=len(self.marked),
            undo=self.undoes,
            read_only=self.trainer.read_only,
            narrow=self.app.size.width < 100,
            ours=self.trainer.live.hosting and self.is_open,
        )

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action in {"again", "delete", "resume", "label", "undo"} and self.trainer.read_only:
            return False
        needs_run = {"again", "delete", "resume", "label", "mark", "sort", "beside", "turn"}
        if action in needs_run and self.is_mounted and self.table.current is None:
            return None
        return True

    def on_row_picked(self, message: RowPicked) -> None:
        self._pick()

    def _pick(self) -> None:
        """Curve, settings and keys of the run under the cursor."""
        self.look_below()
        self.footer.show(self.keys())

    def on_row_opened(self, message: RowOpened) -> None:
        self._open()

    def on_chart_chosen(self, message: ChartChosen) -> None:
        self._open()

    def _open(self) -> None:
        if (one := self.table.current) is not None:
            self.trainer.open_run(one.run)

    def on_mark_chosen(self, message: MarkChosen) -> None:
        self.action_mark()

    def on_heading_chosen(self, message: HeadingChosen) -> None:
        if message.column == self.trainer.looking.order:
            self.action_turn()
        else:
            self._sort_by(message.column)

    def on_filter_changed(self, message: FilterChanged) -> None:
        self.trainer.looking.text = message.text
        self._draw_anew()

    def on_filter_left(self, message: FilterLeft) -> None:
        self.set_focus(self.table)

    def action_filter(self) -> None:
        self.set_focus(self.filter)

    def action_sort(self, by: int) -> None:
        names = [*runs_keys.ORDER, *(one.name for one in columns.COLUMNS if one.name not in runs_keys.ORDER)]
        self._sort_by(names[(names.index(self.trainer.looking.order) + by) % len(names)])

    def action_beside(self, by: int) -> None:
        """Sort by the column beside the one that runs are sorted by."""
        names = [place.name for place, _ in self.table.columns(self.table.size.width) if place.name in BY_NAME]
        self._sort_by(names[(names.index(self.trainer.looking.order) + by) % len(names)])

    def _sort_by(self, name: str) -> None:
        self.trainer.looking.order, self.trainer.looking.falling = name, BY_NAME[name].falling
        self._draw_anew()

    def action_turn(self) -> None:
        self.trainer.looking.falling = not self.trainer.looking.falling
        self._draw_anew()

    def _draw_anew(self) -> None:
        """Other rows, or in another order: who had not moved from the first one looks at the first one again."""
        first = self.table.cursor == 0
        self.draw_table()
        if first:
            self.table.pick(0)

    def action_out(self) -> None:
        if self.zoomed:
            self.action_zoom()
        elif self.filter.text:
            self.filter.action_clear()
        elif self.marked:
            self.action_unmark()
        else:
            self.trainer.action_tab("Lab")
