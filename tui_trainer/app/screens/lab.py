"""The Lab: set up, train, watch, on one screen. It composes, binds and forwards; figures come from the history."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict

from textual import on
from textual.geometry import Region
from textual.widget import Widget

from tui_trainer import session
from tui_trainer.app.layout import Size
from tui_trainer.app.screens import lab_keys
from tui_trainer.app.screens.run_face import ORDER, RunFace
from tui_trainer.app.screens.setup_face import SetupFace
from tui_trainer.app.screens.steering import STEERS, Steering
from tui_trainer.app.screens.tab import Keys
from tui_trainer.app.widgets.earlier import EarlierRuns
from tui_trainer.app.widgets.form import SetupForm
from tui_trainer.app.widgets.settings import Unfold
from tui_trainer.runs import store
from tui_trainer.runs.store import Run


class LabScreen(Steering):
    """Two faces: the form with its cards, and the run with its charts."""

    TAB = "Lab"
    AUTO_FOCUS = ""
    ORDER = ("setup", "form", *ORDER)
    BINDINGS = lab_keys.BINDINGS

    def __init__(self, given: Mapping[str, object]) -> None:
        super().__init__()
        self._given = dict(given)
        self.face = "setup"
        """`setup`: the form with its cards; `run`: the charts."""
        self._shape: tuple[object, ...] = ()
        self._devices: tuple[session.Device, ...] = ()

    def panels(self) -> Iterable[Widget]:
        self.run_face = RunFace()
        self.setup_face = SetupFace(self.trainer.preset_folders, self._configure, self._given)
        self.form = self.setup_face.form
        yield from self.setup_face.panels()
        yield from self.run_face.panels()

    def _configure(self, raw: Mapping[str, object]) -> session.Setup:
        return session.configure(raw, self.trainer.preset_folders)

    def on_mount(self) -> None:
        if self.face == "setup":
            self.form.focus_field("start")

    @property
    def suggested_rate(self) -> float | None:
        """A rate to try after a run that diverged, while the form still says what that run was given."""
        live, ended, setup = self.trainer.live, self.history.ended, self.form.setup
        if live.active or ended is None or setup is None:
            return None
        same = all(getattr(setup.config, name) == live.config.get(name) for name in ("preset", "dataset", "optimizer", "lr"))
        return ended.suggested_lr if same else None

    # ---- drawing ---------------------------------------------------------------------------------------------

    def places(self, size: Size) -> Mapping[str, Region]:
        if self.face == "setup":
            return self.setup_face.places(size)
        if not self.trainer.live.locked:
            self.form.set_layout("column")
        return self.run_face.places(size, self.trainer.live, self.form.rows)

    def main_panel(self) -> str:
        return "loss" if self.face == "run" else "form"

    def show(self) -> None:
        live = self.trainer.live
        history = self.history
        run = (live.active, history.started is not None, len(history.classes), history.paused, self.stopping)
        shape = (self.face, *run, self.waiting is None, bool(history.changes), self.kept if not live.active else 0)
        if shape != self._shape:
            self._changed_shape(shape)
        if (found := self.trainer.torch.devices) != self._devices:
            self._devices = found
            self.setup_face.offer(found)
        self.trainer.show_status()
        self.heed()
        if self.face == "run":
            self.run_face.show(live, self.trainer.machine)
        elif self.setup_face.show(self.trainer.preflight):
            self._ask_preflight()
            self.lay_out()

    def _changed_shape(self, shape: tuple[object, ...]) -> None:
        """Another face, or the run began or ended: the panels move, and the footer offers other keys."""
        ended = self._shape[1:2] == (True,) and shape[1] is False
        self._shape = shape
        if ended:
            self.run_face.unfolded = False
            self._ask_preflight()
            self.setup_face.list_earlier()
        self.lay_out()

    @on(SetupForm.Changed)
    def _form_changed(self, message: SetupForm.Changed) -> None:
        self.setup_face.follow(message)
        self._ask_preflight()
        self.lay_out()
        self.show()

    def _ask_preflight(self) -> None:
        setup = self.setup_face.to_measure()
        if setup is not None and not self.trainer.live.locked and self.trainer.queue is None:
            self.trainer.preflight.ask(setup)

    def to_export(self) -> Sequence[Run]:
        session = self.trainer.live.session
        return [session.run] if session is not None and self.face == "run" else []

    def keys(self) -> Keys:
        live = self.trainer.live
        if self.form.has_focus_within:
            return lab_keys.in_a_field(narrow=Size(*self.app.size).narrow)
        if self.face == "setup":
            return lab_keys.setting_up(run_open=live.session is not None)
        if self.run_face.scrubbed is not None:
            return lab_keys.SCRUBBING
        if live.read_only:
            return lab_keys.WATCHING
        if self.stopping:
            return lab_keys.STOPPING
        if self.waiting:
            return lab_keys.WAITING
        if live.active:
            return lab_keys.training(paused=self.history.paused, sweep=self.trainer.queue is not None)
        return self._keys_after()

    def _keys_after(self) -> Keys:
        narrow, board = Size(*self.app.size).narrow, self.trainer.of_board
        return lab_keys.after(self.history, self.kept, self.suggested_rate, narrow=narrow, board=board)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        live = self.trainer.live
        if action in STEERS | {"abandon", "go_on", "as_steered"}:
            return self.may(action)
        if action == "again":
            return False if live.read_only else None if live.active else True
        if action in {"log", "unit", "smooth", "scrub"}:
            return True if self.face == "run" else None
        if action in {"board", "skip"}:
            return self.trainer.board_ready if action == "board" else self.trainer.queue is not None
        if action == "face":
            return None if live.session is None else not live.read_only
        return True

    # ---- the run ---------------------------------------------------------------------------------------------

    @on(SetupForm.StartPressed)
    def action_start(self) -> None:
        """Start with what the form says; whatever is wrong with it is said, and nothing is lost."""
        if self.trainer.live.active:
            return
        if why := self.trainer.forbidden:
            self.trainer.say(why)
            return
        if (setup := self.form.setup) is None:
            self.trainer.say(self.form.waits_for)
            return
        if self.form.several is not None:
            self.trainer.ask_lists(self.form.several)
            return
        try:
            run = session.create(setup)
        except store.StoreError as error:
            self.trainer.say(str(error), seconds=60)
            return
        self.trainer.begin(run)
        self.watch_run()

    def action_board(self) -> None:
        self.trainer.show_board()

    def action_skip(self) -> None:
        self.trainer.ask_skip()

    def watch_run(self) -> None:
        """Show the run that the app has open."""
        self.face, self.zoomed = "run", None
        self.run_face.look_at_all()
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
        """Start with what the form says; after a run that diverged, at the rate that was suggested."""
        self.setup_face.read_presets_again()
        if (lr := self.suggested_rate) is not None:
            self.form.fill({"lr": lr})
        self.action_start()

    def action_enter(self) -> None:
        if self.trainer.live.locked:
            self._unfold()
        elif self.face == "setup":
            self.form.action_start()
        else:
            self.action_face()

    def action_face(self) -> None:
        """From the form to the run and back."""
        self.face, self.zoomed = "run" if self.face == "setup" else "setup", None
        self.run_face.look_at_all()
        self.show()
        if self.face == "setup":
            self.form.focus_field("start")
        else:
            self.set_focus(None)

    @on(Unfold)
    def _unfold(self) -> None:
        if not self.trainer.live.locked:
            self.action_face()
            return
        self.run_face.unfolded = not self.run_face.unfolded
        self.lay_out()
        self.show()

    # ---- looking ---------------------------------------------------------------------------------------------

    def action_log(self) -> None:
        self.run_face.log_scale = not self.run_face.log_scale
        self.show()

    def action_unit(self) -> None:
        self.run_face.next_unit()
        self.show()

    def action_smooth(self, by: int) -> None:
        self.run_face.smooth(by)
        self.show()

    def action_scrub(self, by: int) -> None:
        self.run_face.scrub(by, self.history)
        self.show()
        self.footer.show(self.keys())

    def action_out(self) -> None:
        if self.run_face.unfolded or self.run_face.scrubbed is not None:
            self.run_face.look_at_all()
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
        self.setup_face.preview(message.name == "schedule")
        self.lay_out()

    @on(SetupForm.EditPressed)
    def action_source(self) -> None:
        """The source of the preset in the form."""
        from tui_trainer.app.screens.source import SourceScreen

        if (chosen := self.form.draft.preset) is not None:
            self.trainer.push_screen(SourceScreen(chosen), self._source_closed)

    def _source_closed(self, _: object) -> None:
        self.setup_face.read_presets_again()

    @on(EarlierRuns.Chosen)
    def _earlier_chosen(self, message: EarlierRuns.Chosen) -> None:
        try:
            self.form.fill(asdict(store.find(message.run_id).config()))
        except store.StoreError as error:  # it was deleted meanwhile
            self.trainer.say(str(error))
