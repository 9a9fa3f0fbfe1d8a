"""The Lab's face while there is a run: its panels, what of the run is looked at, and where everything stands."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from textual.geometry import Region
from textual.widget import Widget

from tui_trainer.app.layout import Places, Size, watching
from tui_trainer.app.live import Live
from tui_trainer.app.views.mistakes import MistakeStrip
from tui_trainer.app.widgets.chart import AccuracyChart, ChartView, LossChart
from tui_trainer.app.widgets.checkpoints import Checkpoints, CheckpointsPanel
from tui_trainer.app.widgets.classes import ClassBoard
from tui_trainer.app.widgets.confusion import ConfusionMatrix
from tui_trainer.app.widgets.last_run import LastRun, LastRunPanel
from tui_trainer.app.widgets.machine import MachinePanel
from tui_trainer.app.widgets.model import ModelPanel
from tui_trainer.app.widgets.notes import NotesPanel
from tui_trainer.app.widgets.settings import SettingsLine, SettingsPanel, parts_of, settings_of
from tui_trainer.app.widgets.timing import TimingPanel
from tui_trainer.runs.history import History

if TYPE_CHECKING:
    from tui_trainer.app.meter import Machine

UNITS = ("epoch", "step", "seconds")
SMOOTHEST = 4


class RunFace:
    """Charts, classes, notes and the column beside them."""

    def __init__(self) -> None:
        self.settings, self.line = SettingsPanel(id="setup"), SettingsLine(id="line")
        self.model, self.machine, self.timing = ModelPanel(id="model"), MachinePanel(id="machine"), TimingPanel(id="timing")
        self.checkpoints, self.last = CheckpointsPanel(id="checkpoints"), LastRunPanel(id="last")
        self.loss, self.accuracy = LossChart(id="loss"), AccuracyChart(id="accuracy")
        self.board, self.notes = ClassBoard(id="classes"), NotesPanel(id="notes")
        self.confusion, self.mistakes = ConfusionMatrix(id="confusion"), MistakeStrip(id="mistakes")
        self.log_scale, self.unit, self.smoothing = True, "epoch", 2
        self.scrubbed: int | None = None
        """The epoch that is looked at, where it is not the newest."""
        self.unfolded = False
        """Whether the setup line of a small screen is unfolded over the lower half."""

    def panels(self) -> Iterable[Widget]:
        yield from (self.line, self.settings, self.model, self.machine, self.timing, self.checkpoints, self.last)
        yield from (self.loss, self.accuracy, self.board, self.confusion, self.notes, self.mistakes)

    def places(self, size: Size, live: Live, form_rows: int) -> Places:
        """Where the panels stand; once the run is over the form stands in the column again, `form_rows` high."""
        history = live.history
        started = history.started
        layers = 1 + sum(1 for layer in started.layers if layer.parameters) if started else 6
        rows = len(_settings(live)) if live.active or size.narrow else form_rows
        places = watching(size, classes=len(history.classes) or 10, layers=layers, settings=rows)
        if not live.active and "setup" in places:
            places["form"] = places.pop("setup")
        if size.narrow and self.unfolded:
            top = size.height // 2
            places = {name: place for name, place in places.items() if place.y < top}
            places["setup"] = Region(0, top, size.width, size.bottom - top)
        return places

    def show(self, live: Live, machine: Machine) -> None:
        """Draw what changed. Panels that are not in sight are left alone where filling them costs something."""
        history = live.history
        view = ChartView(history, live.last, self.unit, self.log_scale, self.smoothing, self.scrubbed)
        self.loss.show(view)
        self.accuracy.show(view)
        self.board.show(history.board(self.scrubbed), history.classes)
        self.notes.show(history)
        if self.confusion.display:
            seen = history.at_epoch(self.scrubbed)
            self.confusion.show(seen.confusion if seen else (), history.classes)
        if self.mistakes.display:
            self.mistakes.show(history.probed.get("mistakes"), history.classes, history.started.val_size if history.started else 0)
        if (started := history.started) is not None:
            self.model.show(started.layers, started.input_shape, started.parameters)
        self.timing.show(history.timed)
        self.checkpoints.show(_kept(history))
        self.last.show(_last(live.last, live.last_id, history))
        self.settings.show(_settings(live), live=live.active)
        self.line.show(parts_of(history.config, history.lr, history.started))
        self.machine.show(machine)

    def look_at_all(self) -> None:
        """Another run: nothing of the one before is looked at any more."""
        self.scrubbed, self.unfolded = None, False

    def next_unit(self) -> None:
        self.unit = UNITS[(UNITS.index(self.unit) + 1) % len(UNITS)]

    def smooth(self, by: int) -> None:
        self.smoothing = min(max(self.smoothing + by, 0), SMOOTHEST)

    def scrub(self, by: int, history: History) -> None:
        """Look at an earlier epoch or a later one; at the newest the screen is live again."""
        if epochs := history.epochs_seen():
            newest = len(epochs) - 1
            here = epochs.index(self.scrubbed) if self.scrubbed in epochs else newest
            there = max(here + by, 0)
            self.scrubbed = epochs[there] if there < newest else None


def _settings(live: Live) -> list[tuple[str, str]]:
    return settings_of(live.history.config, live.history.lr, live.history.started)


def _kept(history: History) -> Checkpoints:
    best, last = history.saved_best, history.saved
    newest = max((one for one in (best, last) if one), key=lambda one: one.step, default=None)
    age = int(history.seconds - newest.seconds) if newest and not history.ended else 0
    found = (point.value for point in history.val_accuracy if best is not None and point.step == best.step)
    accuracy = next(found, None)  # of the weights that are kept: a newer best may still wait to be written
    return Checkpoints(best.epoch if best else None, accuracy, newest.step if newest else None, max(age, 0))


def _last(last: History | None, last_id: str, now: History) -> LastRun | None:
    if last is None:
        return None
    best, best_epoch = (last.best.value, last.best.epoch) if last.best else (None, 0)
    here = now.val_accuracy[-1] if now.val_accuracy else None
    then = next((point for point in reversed(last.val_accuracy) if here and point.epoch == here.epoch), None)
    ahead = here.value - then.value if here and then else None
    return LastRun(last_id, best, best_epoch, ahead, here.epoch if here else 0)
