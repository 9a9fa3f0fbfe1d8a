"""The sheet before a sweep: one run after another, or a race. It gives what is to be started, or nothing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from textual import on
from textual.binding import Binding
from textual.geometry import Region
from textual.timer import Timer
from textual.widgets import Input

from tui_trainer import sweeps
from tui_trainer.app.layout import Size
from tui_trainer.app.screens.layer import Layer
from tui_trainer.app.screens.sweep_panel import SweepPanel
from tui_trainer.app.sweep_plan import Judged, Typed, judge
from tui_trainer.app.widgets.button import PushButton
from tui_trainer.app.widgets.choice import ChoiceField
from tui_trainer.session.forecast import Forecaster
from tui_trainer.sweeps import Sweep, SweepError

if TYPE_CHECKING:
    from tui_trainer.app.screens.tab import Keys

EVERY = 0.5
"""Seconds between two looks at what was timed meanwhile."""
SETTLE = 0.25
"""Seconds without a key after which what was typed is judged."""


class SweepSheet(Layer[Judged]):
    """Answers with what is to be started; None for cancel."""

    BINDINGS = [
        Binding("escape", "cancel", "cancel", key_display="Esc", tooltip="Start nothing", id="cancel"),
        Binding("enter", "start", "start", tooltip="Start with what stands there", show=False, id="start"),
    ]

    def __init__(
        self,
        sweep: Sweep,
        folders: tuple[Path, ...],
        typed: Typed,
        forecaster: Forecaster,
        *,
        of_lists: bool = False,
        remember: Callable[[Typed], None] = lambda _: None,
    ) -> None:
        """`typed`: what stood in its fields before; `remember` is told each time that they change."""
        self.sheet = SweepPanel(sweep, typed, of_lists=of_lists)
        super().__init__(self.sheet)
        self.sweep, self.folders = sweep, folders
        self._forecaster, self._remember = forecaster, remember
        self._settling: Timer | None = None
        self._known = -1

    def on_mount(self) -> None:
        super().on_mount()
        self._look()
        self.set_focus(self.sheet.start)
        self.set_interval(EVERY, self._learn)

    def place(self, size: Size) -> Region:
        return size.risen(self.sheet.rows(size.width))

    def lay_out(self) -> None:
        super().lay_out()
        self.sheet.arrange_fields(self.app.size.width)
        self.sheet.draw()

    def keys(self) -> Keys:
        return [("Tab", "next"), ("Enter", self.sheet.start.label.lower() or "start"), ("Esc", "cancel")]

    def _judge(self, *, again: bool = False) -> Judged:
        self._remember(self.sheet.typed)
        gpus = sum(place.name.startswith(("cuda", "mps")) for place in self.trainer.torch.devices)
        return judge(self.sweep, self.sheet.typed, self.folders, self._forecaster, again=again, gpus=gpus)

    def _learn(self) -> None:
        """Behind the sheet batches may still be timed."""
        if self._forecaster.version != self._known:
            self._look()

    def _look(self) -> None:
        """What is wrong, or what is there already and how long the rest takes."""
        found, sheet, self._known = self._judge(), self.sheet, self._forecaster.version
        sheet.wrong, sheet.notes, sheet.state = found.problems, found.notes, found.state
        sheet.problem = found.problems.get("", "")
        sheet.runs = found.count or sheet.runs
        kept = found.word in {"Go on", "Results"}
        sheet.over.show("Start over" if kept and not found.problems else "")
        sheet.start.show(found.word, faint=bool(found.problems))
        for key, one in sheet.fields.items():
            one.mark(key in found.problems)
        self.lay_out()

    @on(Input.Changed)
    def _typed(self, message: Input.Changed) -> None:
        message.stop()
        if self._settling is not None:
            self._settling.stop()
        self._settling = self.set_timer(SETTLE, self._look)

    @on(ChoiceField.Picked)
    def _picked(self, message: ChoiceField.Picked) -> None:
        message.stop()
        self._look()

    @on(ChoiceField.Several)
    def _no_list(self, message: ChoiceField.Several) -> None:
        message.stop()

    @on(Input.Submitted)
    def _submitted(self, message: Input.Submitted) -> None:
        message.stop()
        self._start()

    @on(PushButton.Pressed)
    def _pressed(self, message: PushButton.Pressed) -> None:
        message.stop()
        if message.button is self.sheet.cancel:
            self.action_cancel()
        else:
            self._start(again=message.button is self.sheet.over)

    def _start(self, *, again: bool = False) -> None:
        if not self.is_current:
            return  # Enter was pressed twice: the first one has started it
        found = self._judge(again=again)
        if not found.problems and self.sheet.typed.keep and "keep" in self.sheet.asked:
            try:
                self.sweep = sweeps.read(sweeps.keep(self.sweep, self.sheet.typed.keep))
                found = self._judge(again=again)
            except SweepError as error:
                found.problems["keep"] = str(error)
        if not found.problems:
            self.dismiss(found)
            return
        self._look()
        self.sheet.wrong = found.problems
        self.sheet.draw()
        first = next((key for key in self.sheet.asked if key in found.problems), "")
        if first:
            self.sheet.fields[first].focus()

    def action_start(self) -> None:
        self._start()

    def action_cancel(self) -> None:
        if self.is_current:
            self.dismiss(None)
