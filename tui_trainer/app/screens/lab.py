"""The Lab: set up, train, watch, on one screen. It composes, binds and forwards; figures come from the history."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict

from textual import on
from textual.binding import Binding
from textual.geometry import Region
from textual.widget import Widget

from tui_trainer import commands, datasets, preset, session
from tui_trainer.app.layout import Size, setting_up, watching
from tui_trainer.app.screens.tab import Keys, Tab
from tui_trainer.app.widgets.about import AboutCard
from tui_trainer.app.widgets.chart import AccuracyChart, ChartView, LossChart
from tui_trainer.app.widgets.checkpoints import Checkpoints, CheckpointsPanel
from tui_trainer.app.widgets.classes import ClassBoard
from tui_trainer.app.widgets.confusion import ConfusionMatrix
from tui_trainer.app.widgets.earlier import EarlierRuns
from tui_trainer.app.widgets.fields import write_budget
from tui_trainer.app.widgets.form import SetupForm
from tui_trainer.app.widgets.last_run import LastRun, LastRunPanel
from tui_trainer.app.widgets.layers import LayersCard
from tui_trainer.app.widgets.machine import MachinePanel
from tui_trainer.app.widgets.mistakes import MistakeStrip
from tui_trainer.app.widgets.model import ModelPanel
from tui_trainer.app.widgets.notes import NotesPanel
from tui_trainer.app.widgets.preflight import PreflightCard
from tui_trainer.app.widgets.schedule import SchedulePreview
from tui_trainer.app.widgets.settings import RateDown, RateUp, SettingsLine, SettingsPanel, Unfold, parts_of, settings_of
from tui_trainer.app.widgets.shell import ShellCard
from tui_trainer.app.widgets.timing import TimingPanel
from tui_trainer.config import Config
from tui_trainer.runs import store
from tui_trainer.runs.history import History

UNITS = ("epoch", "step", "seconds")
SMOOTHEST = 4
MOST_EARLIER = 12


class LabScreen(Tab):
    """Two faces: the form with its cards, and the run with its charts."""

    TAB = "Lab"
    AUTO_FOCUS = ""
    ORDER = ("setup", "form", "loss", "accuracy", "classes", "notes", "confusion", "mistakes")
    BINDINGS = [
        Binding("space", "pause", "pause", tooltip="Hold training after this batch, or go on", id="pause"),
        Binding("full_stop", "one_batch", "one batch", key_display=".", tooltip="Learn from one batch, then hold", id="one-batch"),
        Binding("left_square_bracket", "scale(0.5)", "rate ÷2", key_display="[", tooltip="Half the learning rate", id="rate-down"),
        Binding("right_square_bracket", "scale(2.0)", "rate ×2", key_display="]", tooltip="Twice the learning rate", id="rate-up"),
        Binding("X", "stop", "stop", tooltip="Finish the batch, evaluate, save, end", id="stop"),
        Binding("A", "abandon", "abandon", tooltip="End now; the last checkpoint stays", id="abandon"),
        Binding("r", "again", "again", tooltip="Start again with what the form says", id="again"),
        Binding("s", "face", "setup", tooltip="The form with its cards, and back to the run", id="face"),
        Binding("enter", "enter", "start", tooltip="Start; while a run is live, unfold its setup", id="start"),
        Binding("y", "log", "log scale", tooltip="Loss on a log scale, or not", id="log"),
        Binding("x", "unit", "x axis", tooltip="Epochs, steps or seconds along the charts", id="unit"),
        Binding(
            "plus,equals_sign", "smooth(1)", "smoother", key_display="+", tooltip="Smooth the training curves more", id="smoother"
        ),
        Binding("minus", "smooth(-1)", "rougher", key_display="-", tooltip="Smooth the training curves less", id="rougher"),
        Binding("less_than_sign,comma", "scrub(-1)", "epoch back", key_display="<", tooltip="Go back an epoch", id="scrub-back"),
        Binding("greater_than_sign", "scrub(1)", "epoch on", key_display=">", tooltip="Go on an epoch", id="scrub-on"),
        Binding("e", "source", "source", tooltip="The preset's source; from there your editor", id="source"),
    ]

    def __init__(self, given: Mapping[str, object]) -> None:
        super().__init__()
        self._given = dict(given)
        self.face = "setup"
        """`setup`: the form with its cards; `run`: the charts."""
        self.log_scale, self.unit, self.smoothing = True, "epoch", 2
        self.scrubbed: int | None = None
        """The epoch that is looked at, where it is not the newest."""
        self.unfolded = False
        self.previewed = False
        """Whether the schedule's curve is shown."""
        self._shape: tuple[object, ...] = ()
        self._measured = 0
        self._valid: Config | None = None
        """What the form made when it was last without a fault."""
        self._flown: tuple[object, ...] = ()

    # ---- the tree --------------------------------------------------------------------------------------------

    def panels(self) -> Iterable[Widget]:
        folders = self.trainer.preset_folders
        self.form = SetupForm(preset.everything(folders), datasets.DATASETS, self._configure, given=self._given, id="form")
        self.settings, self.line = SettingsPanel(id="setup"), SettingsLine(id="line")
        self.model, self.machine, self.timing = ModelPanel(id="model"), MachinePanel(id="machine"), TimingPanel(id="timing")
        self.checkpoints, self.last = CheckpointsPanel(id="checkpoints"), LastRunPanel(id="last")
        self.loss, self.accuracy = LossChart(id="loss"), AccuracyChart(id="accuracy")
        self.board, self.notes = ClassBoard(id="classes"), NotesPanel(id="notes")
        self.confusion, self.mistakes = ConfusionMatrix(id="confusion"), MistakeStrip(id="mistakes")
        self.card, self.layers_card = PreflightCard(id="preflight"), LayersCard(id="layers")
        self.shell, self.earlier = ShellCard(id="shell"), EarlierRuns(id="earlier")
        self.about, self.schedule = AboutCard(id="about"), SchedulePreview(id="schedule")
        yield from (self.form, self.card, self.layers_card, self.shell, self.earlier, self.about, self.schedule)
        yield from (self.line, self.settings, self.model, self.machine, self.timing, self.checkpoints, self.last)
        yield from (self.loss, self.accuracy, self.board, self.confusion, self.notes, self.mistakes)

    def _configure(self, raw: Mapping[str, object]) -> session.Setup:
        return session.configure(raw, self.trainer.preset_folders)

    def on_mount(self) -> None:
        self.form.focus_field("start")

    def places(self, size: Size) -> Mapping[str, Region]:
        if self.face == "setup":
            self.form.set_layout("narrow" if size.narrow else "wide")
            places = setting_up(size, form=self.form.rows, layers=self.layers_card.rows, shell=self.shell.rows(64))
            if self.previewed and "about" in places:
                below = "layers" if "layers" in places else "about"
                places["schedule"] = places.pop(below)
            return places
        history = self.history
        started = history.started
        layers = 1 + sum(1 for layer in started.layers if layer.parameters) if started else 6
        form = not self.trainer.live.active
        if form:
            self.form.set_layout("column")
        settings = self.form.rows if form and not size.narrow else len(self._settings())
        places = watching(size, classes=len(history.classes) or 10, layers=layers, settings=settings)
        if form and "setup" in places:
            places["form"] = places.pop("setup")
        if size.narrow and self.unfolded:
            top = size.height // 2
            places = {name: place for name, place in places.items() if place.y < top}
            places["setup"] = Region(0, top, size.width, size.bottom - top)
        return places

    # ---- drawing ---------------------------------------------------------------------------------------------

    @property
    def history(self) -> History:
        return self.trainer.live.history

    def show(self) -> None:
        live = self.trainer.live
        shape = (self.face, live.active, self.history.started is not None, len(self.history.classes), self.history.paused)
        if shape != self._shape:
            self._changed_shape(shape)
        self.trainer.show_status()
        if self.face == "setup":
            self._show_cards()
        else:
            self._show_run()

    def _changed_shape(self, shape: tuple[object, ...]) -> None:
        """Another face, or the run began or ended: the panels move, and the footer offers other keys."""
        ended = self._shape[1:2] == (True,) and shape[1] is False
        self._shape = shape
        if ended:
            self.unfolded = False
            self._ask_preflight()
            self._look_up_earlier()
        self.lay_out()

    def _show_run(self) -> None:
        live, history = self.trainer.live, self.history
        view = ChartView(history, live.last, self.unit, self.log_scale, self.smoothing, self.scrubbed)
        self.loss.show(view)
        self.accuracy.show(view)
        seen = history.at_epoch(self.scrubbed)
        self.board.show(history.board(self.scrubbed), history.classes)
        self.notes.show(history)
        if self.confusion.display:
            self.confusion.show(seen.confusion if seen else (), history.classes)
        if self.mistakes.display:
            self.mistakes.show(history.mistakes, history.classes, history.started.val_size if history.started else 0)
        if (started := history.started) is not None:
            self.model.show(started.layers, started.input_shape, started.parameters)
        self.timing.show(history.timed)
        self.checkpoints.show(_kept(history))
        self.last.show(_last(live.last, live.last_id, history))
        self.settings.show(self._settings(), live=live.active)
        self.line.show(parts_of(self._config(), history.lr, history.started))
        self.machine.show(self.trainer.machine)

    def _config(self) -> Mapping[str, object]:
        live = self.trainer.live
        if self.history.config or live.session is None:
            return self.history.config
        return live.config

    def _settings(self) -> list[tuple[str, str]]:
        return settings_of(self._config(), self.history.lr, self.history.started)

    def _show_cards(self) -> None:
        flight, setup = self.trainer.preflight, self.form.setup
        if setup is not None:
            self._valid = setup.config
        wrong = list(self.form.problems)
        seen = (flight.version, flight.busy, self._valid, setup is not None, *wrong)
        if seen != self._flown:
            self._flown = seen
            self.card.show(flight.result, flight.busy, self._valid, setup is not None, wrong)
        if flight.version != self._measured:
            self._measured = flight.version
            if (result := flight.result) is not None and not result.problem:
                self.layers_card.show(result.layers, result.input_shape)
                self.form.resolve(result)
                self.lay_out()

    @on(SetupForm.Changed)
    def _form_changed(self, message: SetupForm.Changed) -> None:
        draft = self.form.draft
        knobs = {knob.name: knob.default for knob in draft.preset.knobs} if draft.preset else {}
        made = message.setup.config if message.setup else None
        self.shell.show(message.raw, made, draft.suggested | {"knobs": knobs}, message.problems)
        self.about.show(draft.preset)
        self._ask_preflight()
        self._look_up_earlier()
        if self.previewed:
            self._preview_schedule(True)
        self.lay_out()
        self.show()

    def _look_up_earlier(self) -> None:
        raw = self.form.raw()
        names = str(raw.get("preset")), str(raw.get("dataset"))
        of_pair = [run for run in store.everything() if f"-{names[0]}-{names[1]}-" in run.name]
        self.earlier.show([store.summary(run) for run in of_pair[:MOST_EARLIER]], *names)

    def _ask_preflight(self) -> None:
        setup = self.form.setup
        if setup is not None and not self.trainer.live.active:
            self.trainer.preflight.ask(setup)

    def keys(self) -> Keys:
        live = self.trainer.live
        if self.form.has_focus_within:
            return [
                ("Tab", "next field"),
                ("Enter", "start"),
                ("↑↓", "choose"),
                ("Esc", "leave"),
                ("Ctrl+P", "actions"),
                ("F1", "help"),
            ]
        if self.face == "setup":
            back = [("s", "back to the run")] if live.session else []
            return [("Enter", "start"), ("e", "source"), *back, ("i", "inspect"), ("p", "presets"), ("q", "quit"), ("?", "help")]
        if live.active:
            go = ("space", "go on" if self.history.paused else "pause")
            return [go, (".", "one batch"), ("[ ]", "rate"), ("X", "stop"), ("z", "zoom"), ("1-7", "panel"), ("?", "help")]
        scrub = [("< >", "epoch")] if len(self.history.val_loss) > 1 else []
        return [("r", "again"), ("s", "setup"), ("i", "inspect"), *scrub, ("y", "log"), ("z", "zoom"), ("q", "quit"), ("?", "help")]

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        live = self.trainer.live
        if action in {"pause", "one_batch", "scale", "stop", "abandon"}:
            return True if live.active else None
        if action == "again":
            return None if live.active else True
        if action in {"log", "unit", "smooth", "scrub"}:
            return True if self.face == "run" else None
        if action == "face":
            return True if live.session is not None else None
        return True

    # ---- the run ---------------------------------------------------------------------------------------------

    @on(SetupForm.StartPressed)
    def action_start(self) -> None:
        """Start with what the form says; whatever is wrong with it is said, and nothing is lost."""
        setup = self.form.setup
        if self.trainer.live.active:
            return
        if setup is None:
            self.trainer.say(self.form.waits_for)
            return
        try:
            run = store.create(setup.config, setup.preset.path)
        except store.StoreError as error:
            self.trainer.say(str(error))
            return
        self.trainer.begin(run)
        self.watch_run()

    def watch_run(self) -> None:
        """Show the run that the app has open."""
        self.face, self.scrubbed, self.zoomed, self.unfolded = "run", None, None, False
        self.set_focus(None)
        self.show()

    def fill(self, raw: Mapping[str, object]) -> None:
        """Fill the form and show it, unless a run is live."""
        self.form.fill(raw)
        if not self.trainer.live.active:
            self.face = "setup"
            self.show()
            self.form.focus_field("start")

    def action_again(self) -> None:
        self.form.set_presets(preset.everything(self.trainer.preset_folders))
        self.action_start()

    def action_enter(self) -> None:
        if self.trainer.live.active:
            self.on_unfold()
        elif self.face == "setup":
            self.form.action_start()
        else:
            self.action_face()

    def action_face(self) -> None:
        """From the form to the run and back."""
        self.face = "run" if self.face == "setup" else "setup"
        self.zoomed, self.unfolded = None, False
        self.show()
        if self.face == "setup":
            self.form.focus_field("start")
        else:
            self.set_focus(None)

    @on(Unfold)
    def on_unfold(self) -> None:
        if not self.trainer.live.active:
            self.action_face()
            return
        self.unfolded = not self.unfolded
        self.lay_out()
        self.show()

    def action_pause(self) -> None:
        self.trainer.live.send(commands.Continue() if self.history.paused else commands.Pause())

    def action_one_batch(self) -> None:
        self.trainer.live.send(commands.Step())

    @on(RateDown)
    def _rate_down(self) -> None:
        self.action_scale(0.5)

    @on(RateUp)
    def _rate_up(self) -> None:
        self.action_scale(2.0)

    def action_scale(self, factor: float) -> None:
        self.trainer.live.send(commands.ScaleLearningRate(factor))

    def action_stop(self) -> None:
        self.trainer.live.send(commands.Stop())

    def action_abandon(self) -> None:
        """End now: asked first, because work since the last checkpoint is lost."""
        self.trainer.ask_abandon()

    # ---- looking ---------------------------------------------------------------------------------------------

    def action_log(self) -> None:
        self.log_scale = not self.log_scale
        self.show()

    def action_unit(self) -> None:
        self.unit = UNITS[(UNITS.index(self.unit) + 1) % len(UNITS)]
        self.show()

    def action_smooth(self, by: int) -> None:
        self.smoothing = min(max(self.smoothing + by, 0), SMOOTHEST)
        self.show()

    def action_scrub(self, by: int) -> None:
        """Look at an earlier epoch; past the newest one the screen is live again."""
        epochs = self.history.epochs_seen()
        if not epochs:
            return
        newest = len(epochs) - 1
        here = epochs.index(self.scrubbed) if self.scrubbed in epochs else newest
        there = max(here + by, 0)
        self.scrubbed = epochs[there] if there < newest else None
        self.show()

    def action_out(self) -> None:
        if self.unfolded or self.scrubbed is not None:
            self.unfolded, self.scrubbed = False, None
            self.lay_out()
            self.show()
        elif self.face == "setup" and self.focused is None and self.trainer.live.session is not None:
            self.action_face()
        else:
            super().action_out()

    @on(SetupForm.Left)
    def _form_left(self) -> None:
        self.set_focus(None)
        self.lay_out()

    @on(SetupForm.Refused)
    def _refused(self, message: SetupForm.Refused) -> None:
        self.trainer.say(message.sentence)

    @on(SetupForm.FieldFocused)
    def _field_focused(self, message: SetupForm.FieldFocused) -> None:
        """While the schedule is chosen its curve stands where the preset is described."""
        self._preview_schedule(message.name == "schedule")

    def _preview_schedule(self, wanted: bool) -> None:
        self.previewed = wanted and self._valid is not None
        if self.previewed and self._valid is not None:
            unit, amount = self._valid.budget
            self.schedule.show(self._valid.schedule, self._valid.lr, write_budget(unit, amount))
        self.lay_out()

    @on(SetupForm.EditPressed)
    def action_source(self) -> None:
        """The source of the preset in the form."""
        from tui_trainer.app.screens.source import SourceScreen

        if (chosen := self.form.draft.preset) is not None:
            self.trainer.push_screen(SourceScreen(chosen), self._source_closed)

    def _source_closed(self, _: object) -> None:
        self.form.set_presets(preset.everything(self.trainer.preset_folders))

    @on(EarlierRuns.Chosen)
    def _earlier_chosen(self, message: EarlierRuns.Chosen) -> None:
        run = store.find(message.run_id)
        self.form.fill(asdict(run.config()))


def _kept(history: History) -> Checkpoints:
    best, last = history.saved_best, history.saved
    newest = max((one for one in (best, last) if one), key=lambda one: one.step, default=None)
    age = int(history.seconds - newest.seconds) if newest and not history.ended else 0
    accuracy = history.best.value if history.best and best else None
    return Checkpoints(best.epoch if best else None, accuracy, newest.step if newest else None, max(age, 0))


def _last(last: History | None, last_id: str, now: History) -> LastRun | None:
    if last is None:
        return None
    best, best_epoch = (last.best.value, last.best.epoch) if last.best else (None, 0)
    here = now.val_accuracy[-1] if now.val_accuracy else None
    then = next((point for point in reversed(last.val_accuracy) if here and point.epoch == here.epoch), None)
    ahead = here.value - then.value if here and then else None
    return LastRun(last_id, best, best_epoch, ahead, here.epoch if here else 0)
