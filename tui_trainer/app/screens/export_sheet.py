"""What to take along of runs, and of the screen as it was: ticked in a list, written beside the training, said line by line."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from textual import on
from textual.binding import Binding
from textual.geometry import Region
from textual.timer import Timer
from textual.widgets import Input

from tui_trainer import paths, session
from tui_trainer.app import picture
from tui_trainer.app.layout import Size
from tui_trainer.app.screens.export_panel import ExportPanel
from tui_trainer.app.screens.layer import Layer
from tui_trainer.app.widgets.picker import RowOpened
from tui_trainer.runs.kinds import KINDS

if TYPE_CHECKING:
    from tui_trainer.app.screens.tab import Keys
    from tui_trainer.runs.store import Run

LOOK = 0.1
"""Seconds between two looks at what was written."""
SCREEN = {"svg": "a picture of this screen that every browser shows", "png": "the same as PNG"}
TABLE = {"table": "the leaderboard and the verdict, as CSV and as Markdown"}
RUNS = {kind: KINDS[kind] for kind in ("card", "csv", "json", "script", "weights", "safetensors", "tensorboard")}
RUNS["script"] += "; it is tried, which takes some seconds"
FIRST = frozenset({"svg", "card", "csv"})
"""What is ticked when it is first opened."""


class ExportSheet(Layer[None]):
    """Runs, and what is on the screen. What was ticked is ticked again the next time."""

    BINDINGS = [
        Binding("space", "tick", "tick", tooltip="Take this along, or not", id="tick"),
        Binding("a", "all", "all", tooltip="Take all along, or nothing", id="all"),
        Binding("escape", "close", "close", key_display="Esc", tooltip="Back; what is being written is given up", id="close"),
    ]
    chosen: frozenset[str] = FIRST

    def __init__(self, runs: Sequence[Run], shot: str, *, table: Sequence[str] = ()) -> None:
        """`shot` is the SVG of the screen as it was; `table` is what `compare` is to be asked, where runs stand side by side."""
        self.runs, self.shot, self.table = list(runs), shot, table
        kinds = SCREEN | (TABLE if table else {}) | (RUNS if runs else {})
        self.sheet = ExportPanel("Export", _which(self.runs), kinds, paths.short(Path.cwd()))
        self.sheet.chosen = set(type(self).chosen & kinds.keys()) | ({"table"} if table else set())
        super().__init__(self.sheet)
        self.exporting: session.Exporting | None = None
        self._first: list[str] = []
        self._looks: Timer | None = None

    def place(self, size: Size) -> Region:
        return size.risen(self.sheet.rows + size.airy)

    def lay_out(self) -> None:
        super().lay_out()
        place = self.place(Size(*self.app.size))
        self.sheet.arrange_fields(place.width, place.height)
        self.sheet.draw()

    def keys(self) -> Keys:
        if self.sheet.writing:
            return [("Esc", "close" if self.over else "give up")]
        return [("space", "tick"), ("a", "all"), ("Enter", "write"), ("Tab", "folder"), ("Esc", "close")]

    @property
    def _folder(self) -> Path:
        return Path(self.sheet.field.value.strip() or ".").expanduser()

    @property
    def over(self) -> bool:
        """Whether all was written that could be."""
        return self.sheet.writing and (self.exporting is None or self.exporting.code is not None)

    # ---- the list --------------------------------------------------------------------------------------------

    def action_tick(self) -> None:
        if self.sheet.writing:
            return
        self.sheet.chosen ^= {list(self.sheet.kinds)[self.sheet.cursor]}
        self.sheet.state = ""
        self.sheet.draw()

    def action_all(self) -> None:
        if not self.sheet.writing:
            self.sheet.chosen = set() if self.sheet.chosen == set(self.sheet.kinds) else set(self.sheet.kinds)
            self.sheet.draw()

    @on(RowOpened)
    def _opened(self, message: RowOpened) -> None:
        message.stop()
        self._write()

    @on(Input.Submitted)
    def _submitted(self, message: Input.Submitted) -> None:
        message.stop()
        self._write()

    def action_close(self) -> None:
        if self.exporting is not None:
            early = not self.over
            self.exporting.cancel()
            if early:
                self.trainer.say(f"the rest was given up; what was written before is in {paths.short(self._folder)}", seconds=20)
        if self.is_current:
            self.dismiss(None)

    def on_unmount(self) -> None:
        """Also where a question took its place, or the app was left: nothing is written that nobody sees."""
        if self.exporting is not None:
            self.exporting.cancel()

    # ---- writing ---------------------------------------------------------------------------------------------

    def _write(self) -> None:
        sheet = self.sheet
        if sheet.writing:
            return
        if not sheet.chosen:
            self._say("nothing is ticked: space ticks the row under the cursor", wrong=True)
            return
        folder = self._folder
        try:
            folder.mkdir(parents=True, exist_ok=True)
            said = self._screen(folder)
        except (OSError, ValueError) as error:  # ValueError: a name that no file system takes
            why = getattr(error, "strerror", None) or str(error)
            self._say(f"✕ {paths.short(folder)}: {why.lower()}", wrong=True)
            sheet.field.mark(True)
            return
        type(self).chosen = (self.chosen - sheet.kinds.keys()) | sheet.chosen  # what is not offered here stays ticked elsewhere
        sheet.writing, sheet.said = True, said
        sheet.field.disabled = True
        kinds = [f"--{kind}" for kind in RUNS if kind in sheet.chosen]
        if kinds or "table" in sheet.chosen:
            self.exporting = session.Exporting(self.runs, kinds, folder, table=self.table if "table" in sheet.chosen else ())
            self._say("writing …")
            self._looks = self.set_interval(LOOK, self._look)
        else:
            self._say(f"written to {paths.short(folder)}")
        self._first = said
        self.footer.show(self.keys())

    def _screen(self, folder: Path) -> list[str]:
        """The pictures; what was said of them."""
        said = []
        name = _free(folder, f"tui-trainer-{self.runs[0].id}" if self.runs else "tui-trainer")
        if "svg" in self.sheet.chosen:
            (folder / f"{name}.svg").write_text(self.shot, encoding="utf-8")
            said.append(f"{name}.svg")
        if "png" in self.sheet.chosen:
            try:
                picture.png(self.shot, folder / f"{name}.png")
                said.append(f"{name}.png")
            except picture.NoPicture as error:
                said.append(f"! no png: {error}")
        return said

    def _look(self) -> None:
        exporting = self.exporting
        if exporting is None or not self.is_current:
            return
        self.sheet.said = [*self._first, *exporting.lines]
        if exporting.code is not None and self.sheet.state.startswith("writing"):
            folder = paths.short(self._folder)
            said = f"written to {folder}" if not exporting.code else f"not all could be written; the rest is in {folder}"
            self._say(said, wrong=bool(exporting.code))
            self.footer.show(self.keys())
            if self._looks is not None:
                self._looks.stop()
        self.sheet.draw()

    def _say(self, text: str, *, wrong: bool = False) -> None:
        self.sheet.state, self.sheet.wrong = text, wrong
        self.sheet.draw()


def _which(runs: Sequence[Run]) -> str:
    if not runs:
        return "no run is open: the screen alone"
    named = ", ".join(run.id for run in runs[:8]) + (" …" if len(runs) > 8 else "")
    return f"run {named}" if len(runs) == 1 else f"{len(runs)} runs: {named}"


def _free(folder: Path, name: str) -> str:
    """A name under which no picture lies there yet."""
    at, found = 1, name
    while any((folder / f"{found}.{kind}").exists() for kind in SCREEN):
        at += 1
        found = f"{name}-{at}"
    return found
