"""The Lab's face while there is a run: its panels, what of the run is looked at, and where everything stands."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from textual.geometry import Region
from textual.widget import Widget

from tui_trainer.app.layout import Places, Size, watching
from tui_trainer.app.live import Live
from tui_trainer.app.views.learned import LearnedViews, views_of
from tui_trainer.app.views.mistakes import MistakeStrip
from tui_trainer.app.widgets.chart import ChartView, LossChart
from tui_trainer.app.widgets.checkpoints import Checkpoints, CheckpointsPanel
from tui_trainer.app.widgets.classes import ClassBoard
from tui_trainer.app.widgets.confusion import ConfusionMatrix
from tui_trainer.app.widgets.last_run import LastRun, LastRunPanel
from tui_trainer.app.widgets.machine import MachinePanel
from tui_trainer.app.widgets.measure_chart import MeasureChart
from tui_trainer.app.widgets.model import ModelPanel
from tui_trainer.app.widgets.notes import NotesPanel
from tui_trainer.app.widgets.settings import SettingsLine, SettingsPanel, parts_of, settings_of
from tui_trainer.app.widgets.timing import TimingPanel
from tui_trainer.config import BY_NAME, OWN
from tui_trainer.runs import remarks
from tui_trainer.runs.history import History, Point
from tui_trainer.settings import STEERABLE

if TYPE_CHECKING:
    from tui_trainer.app.meter import Machine

ORDER = ("loss", "accuracy", "curve", "regions", "classes", "parameters", "fit", "notes", "confusion", "mistakes")
"""The panels that take the focus, as they are numbered."""
UNITS = ("epoch", "step", "seconds")
SMOOTHEST = 4


class RunFace:
    """Charts, classes, notes and the column beside them."""

    def __init__(self) -> None:
        self.settings, self.line = SettingsPanel(id="setup"), SettingsLine(id="line")
        self.model, self.machine, self.timing = ModelPanel(id="model"), MachinePanel(id="machine"), TimingPanel(id="timing")
        self.checkpoints, self.last = CheckpointsPanel(id="checkpoints"), LastRunPanel(id="last")
        self.loss, self.accuracy = LossChart(id="loss"), MeasureChart(id="accuracy")
        self.board, self.notes = ClassBoard(id="classes"), NotesPanel(id="notes")
        self.confusion, self.mistakes = ConfusionMatrix(id="confusion"), MistakeStrip(id="mistakes")
        self.views = LearnedViews()
        self.log_scale, self.unit, self.smoothing = True, "epoch", 2
        self.scrubbed: int | None = None
        """The epoch that is looked at, where it is not the newest."""
        self.unfolded = False
        """Whether the setup line of a small screen is unfolded over the lower half."""

    def panels(self) -> Iterable[Widget]:
        yield from (self.line, self.settings, self.model, self.machine, self.timing, self.checkpoints, self.last)
        yield from (self.loss, self.accuracy, *self.views.panels(), self.board, self.confusion, self.notes, self.mistakes)

    def places(self, size: Size, live: Live, form_rows: int) -> Places:
        """Where the panels stand; once the run is over the form stands in the column again, `form_rows` high."""
        history = live.history
        started = history.started
        layers = 1 + sum(1 for layer in started.layers if layer.parameters) if started else 6
        rows = len(_settings(live)) if live.locked or size.narrow else form_rows
        places = watching(size, classes=len(history.classes) or 10, layers=layers, settings=rows, views=views_of(history))
        if not live.locked and "setup" in places:
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
        self.notes.show(history, self.scrubbed)
        self.views.show(history, self.scrubbed)
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
        self.settings.show(_settings(live), live=live.active, steerable=() if live.read_only else _steerable(history))
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


def _steerable(history: History) -> list[str]:
    """Settings that can be changed while this run trains; those of a knob's name would be mistaken for it."""
    config = history.config
    knobs = {str(name) for group in OWN if isinstance(own := config.get(group), Mapping) for name in own}
    momentum = {"momentum"} if config.get("optimizer") not in {"sgd", "rmsprop"} else set()
    first = {"lr", "batch_size"}
    return [name for name in STEERABLE if name in first or (name not in momentum and BY_NAME[name].label not in knobs)]


def _kept(history: History) -> Checkpoints:
    best, last = history.saved_best, history.saved
    newest = max((one for one in (best, last) if one), key=lambda one: one.step, default=None)
    age = int(history.seconds - newest.seconds) if newest and not history.ended else 0
    # of the weights that are kept: a newer best may still wait to be written
    accuracy, mae = (_at(points, best.step if best else -1) for points in (history.val_accuracy, history.val_mae))
    figure = remarks.score(accuracy, mae) if best else ""
    return Checkpoints(best.epoch if best else None, figure, newest.step if newest else None, max(age, 0))


def _at(points: Sequence[Point], step: int) -> float | None:
    return next((point.value for point in points if point.step == step), None)


def _last(last: History | None, last_id: str, now: History) -> LastRun | None:
    if last is None:
        return None
    best = remarks.score(last.best_accuracy, last.best_of.mae if last.best_of else None)
    here, then = _measured(now), _measured(last)
    point = here[-1] if here else None
    before = next((one for one in reversed(then) if point and one.epoch == point.epoch), None)
    ahead = None
    if point and before and now.regression == last.regression:
        ahead = 100 * (point.value - before.value)
        if now.regression:  # less is better, by its own size
            ahead = 100 * (1 - point.value / before.value) if before.value else None
    return LastRun(last_id, best, last.best.epoch if last.best else 0, ahead, point.epoch if point else 0)


def _measured(history: History) -> Sequence[Point]:
    return history.val_mae if history.regression else history.val_accuracy
