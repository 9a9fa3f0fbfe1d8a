"""Compare: settings side by side, their curves over each other, and what came of it. It composes, binds and forwards."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from textual import on
from textual.geometry import Region
from textual.widget import Widget

from tui_trainer import units
from tui_trainer.app import compare_layout, edges, looking
from tui_trainer.app.comparing import Comparing
from tui_trainer.app.field import Field, WithStates
from tui_trainer.app.layout import Size
from tui_trainer.app.screens import compare_keys
from tui_trainer.app.screens.choosing import Choosing
from tui_trainer.app.screens.tab import Keys
from tui_trainer.app.widgets.class_table import ClassTable
from tui_trainer.app.widgets.differing_table import DifferingTable
from tui_trainer.app.widgets.leaderboard import ColumnChosen, Leaderboard
from tui_trainer.app.widgets.overlay import OverlayChart, OverlayView
from tui_trainer.app.widgets.picker import RowOpened, RowPicked
from tui_trainer.app.widgets.scatter import COSTS, ScatterChart
from tui_trainer.app.widgets.status import StatusView
from tui_trainer.app.widgets.verdict_panel import VerdictPanel

if TYPE_CHECKING:
    from tui_trainer.runs.compare import Comparison
    from tui_trainer.runs.store import Run

VERDICT = {False: 7, True: 12}
"""Rows that the verdict would like where something is not fair, by whether the screen is large."""
READ_ON = 0.005
"""Seconds left to keys and drawing between two portions of reading."""


class CompareScreen(Choosing):
    """Over the screen it was called from; `Esc` goes back there."""

    TAB = "Runs"
    OVER = True
    AUTO_FOCUS = "#board"
    BINDINGS = compare_keys.BINDINGS

    def __init__(self, field: Field) -> None:
        super().__init__(Comparing(field), Leaderboard(id="board"))
        self.field = field
        self.face = compare_layout.FACES[0]
        self._keys: Keys = []
        self._shape: tuple[object, ...] = ()
        self._taken: set[str] = set()
        """Keys of the field that have their binding."""

    def panels(self) -> Iterable[Widget]:
        self.chart = OverlayChart(id="curves")
        self.differs, self.verdict = DifferingTable(id="differs"), VerdictPanel(id="verdict")
        self.class_table = ClassTable(id="classes")
        self.time, self.parameters = (ScatterChart(cost, id=name) for cost, name in zip(COSTS, ("time", "parameters"), strict=True))
        yield from (self.chart, self.class_table, self.time, self.parameters, self.board, self.differs, self.verdict)

    def on_mount(self) -> None:
        self._take_keys()
        self._read_on()

    def to_export(self) -> Sequence[Run]:
        return [run for _, runs in self.field.entries() for run in runs]

    def to_compare(self) -> Sequence[str]:
        of_sweep = isinstance(self.field, WithStates)  # by its labels, and as many settings as it has
        return ["--sweep", self.field.title] if of_sweep else [str(run.folder) for run in self.to_export()]

    # ---- reading ---------------------------------------------------------------------------------------------

    def _read_on(self) -> None:
        """Read a portion, and come back for more as long as there is."""
        if not self.is_running:
            return
        if self.comparing.advance():
            self.draw_all()
        elif self.comparing.found is None:
            self._draw_reading()
        if self.comparing.busy:
            self.set_timer(READ_ON, self._read_on)

    def _draw_reading(self) -> None:
        behind = self.comparing.behind
        problems = [units.plain(one) for one in self.comparing.problems.values()]
        words = f"reading the records, {units.size(behind)} to go" if self.comparing.busy and behind else ""
        empty = (words,) if words else (*problems, "") if problems else ("no run has begun yet",)
        self.chart.show(OverlayView(axis=self.looking.axis, empty=empty))
        self._show_edges()

    # ---- drawing ---------------------------------------------------------------------------------------------

    def show(self) -> None:
        """Called once a frame: another look at the records where it is time, and the lines at the edges."""
        if not self.comparing.busy:
            self._read_on()
        self._take_keys()
        self._show_edges()

    def draw_all(self) -> None:
        """Draw every panel that is in sight."""
        found = self.found
        if found is None:
            self._draw_reading()
            return
        look, colours = self.looking, self.looking.colours(found)
        cut = "cut" if found.cut_at else ""
        self.board.show(found, colours, look.marked(found), cut)
        self._fit(found)
        here = self.board.current.letter if self.board.current else ""
        self.chart.show(look.overlay(found, here))
        self.differs.show(found, colours)
        self.verdict.show(found, colours, self._hint(found))
        for panel in (self.time, self.parameters):
            if panel.display:
                panel.show(found, colours, here)
        if self.class_table.display:
            self.class_table.show(found, colours)
        self._show_edges()

    def _fit(self, found: Comparison) -> None:
        """The panels move where there is more or less to show."""
        shape = len(found.standings) + len(found.rest), len(found.differing), len(found.letters)
        if shape != self._shape:
            self._shape = shape
            self.lay_out()

    def _hint(self, found: Comparison) -> str:
        """The key that may make unequal budgets equal."""
        if found.cut_at:
            return "t shows all again"
        unequal = any(one.kind == "budget" for one in found.remarks)
        return "t cuts all where the shortest ended" if unequal and found.shortest(self.looking.axis) is not None else ""

    def places(self, size: Size) -> Mapping[str, Region]:
        found = self.found
        settings = len(found.standings) + len(found.rest) if found else 4
        verdict = VERDICT[size.large] if found and found.remarks else 5
        words = max(1 + len(found.differing) + len(found.diffs), verdict) if found else 5
        if self.face not in compare_layout.faces(size):
            self.face = compare_layout.FACES[0]
        return compare_layout.places(size, self.face, settings, words)

    def lay_out(self) -> None:
        super().lay_out()
        if self.is_mounted and self.found is not None:
            self.call_after_refresh(self.draw_all)  # panels that came into sight have to be given what they show

    def _show_edges(self) -> None:
        found = self.found
        self.header.show(self.TAB, compare_keys.corner(found, self.field.title))
        glyph, colour, words = self.field.state()
        if not glyph and found is not None:
            glyph, colour, words = looking.state(found.whole or found)  # they go on also where they are cut
        lost = len(self.comparing.problems)
        view = StatusView(
            "loading",
            words or ("reading the records" if self.comparing.busy else "no run to compare yet"),
            about=compare_keys.about(found, self.field.title),
            problem=f"{lost} run{'s' * (lost > 1)} cannot be read" if lost else "",
            mark=(glyph, colour) if glyph else None,
        )
        self.status.show(edges.saying(view, self.trainer.saying))
        if (keys := self.keys()) != self._keys:
            self._keys = keys
            self.footer.show(keys)

    # ---- keys ------------------------------------------------------------------------------------------------

    def keys(self) -> Keys:
        found = self.found
        faces = compare_layout.faces(Size(*self.app.size))
        after = faces[(faces.index(self.face) + 1) % len(faces)] if self.face in faces else ""
        return compare_keys.footer(self.field.keys(), len(found.letters) if found else 0, after if len(faces) > 1 else "")

    def _take_keys(self) -> None:
        """A binding for each key of the field, before those of the panels: what help and palette are made from."""
        pairs = self.field.keys()
        for key, word in pairs:
            if key not in self._taken:
                self._taken.add(key)
                binding = compare_keys.of_field(key, word)
                self._bindings.key_to_bindings.setdefault(binding.key, []).insert(0, binding)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action == "field":
            pairs = self.field.keys()
            return any(key == parameters[0] for key, _ in pairs)
        if action in compare_keys.NEED_RUNS and self.found is None:
            return None
        if action == "log" and self.found is not None:
            return True if self.looking.curve(self.found) != "accuracy" else None
        if action == "face":
            return True if len(compare_layout.faces(Size(*self.app.size))) > 1 else None
        return True

    def action_field(self, key: str) -> None:
        self.field.act(key)

    def action_face(self) -> None:
        faces = compare_layout.faces(Size(*self.app.size))
        self.face = faces[(faces.index(self.face) + 1) % len(faces)]
        self.zoomed = None
        self.lay_out()

    def action_diffs(self) -> None:
        """The preset files, in full."""
        from tui_trainer.app.screens.preset_diffs import PresetDiffsScreen  # loaded when it is first wanted

        if self.found is not None and self.found.diffs:
            self.app.push_screen(PresetDiffsScreen(self.found.diffs))
        else:
            self.trainer.say("the preset files of all these are the same")

    @on(ColumnChosen)
    def _column_chosen(self, message: ColumnChosen) -> None:
        self.board.sort_by(message.name)

    def on_row_picked(self, message: RowPicked) -> None:
        self.draw_all()

    def on_row_opened(self, message: RowOpened) -> None:
        """The best run of the setting, on the Lab."""
        one = self.board.current
        if one is not None and one.runs:
            self.trainer.open_run(compare_keys.best_run(one))

    def main_panel(self) -> str:
        return self.face if self.face in {"curves", "classes"} else "board"

    def action_out(self) -> None:
        if self.zoomed:
            self.action_zoom()
        else:
            self.app.pop_screen()
