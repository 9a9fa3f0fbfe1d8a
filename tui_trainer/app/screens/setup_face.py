"""The Lab's face before a run: the form, and beside it what a run would be: pre-flight, layers, command, earlier runs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from textual.widget import Widget

from tui_trainer import datasets, preset, units
from tui_trainer.app.layout import Places, Size, setting_up
from tui_trainer.app.widgets.about import AboutCard
from tui_trainer.app.widgets.earlier import EarlierRuns
from tui_trainer.app.widgets.fields import write_budget
from tui_trainer.app.widgets.form import SetupForm
from tui_trainer.app.widgets.layers import LayersCard
from tui_trainer.app.widgets.preflight import PreflightCard, SweepTold
from tui_trainer.app.widgets.schedule import SchedulePreview
from tui_trainer.app.widgets.several import values
from tui_trainer.app.widgets.shell import ShellCard
from tui_trainer.config import Config
from tui_trainer.runs import store
from tui_trainer.session import datasets as outside
from tui_trainer.session.forecast import Forecaster
from tui_trainer.session.several import Several, several

if TYPE_CHECKING:
    from tui_trainer.session import Device, Preflight, Setup

MOST_EARLIER = 12
SHELL_WIDTH = 64


class SetupFace:
    """The form and its cards. It draws what it is told, and asks nobody but the store of runs."""

    def __init__(
        self, folders: tuple[Path, ...], configure: Callable[[Mapping[str, object]], Setup], given: Mapping[str, object]
    ) -> None:
        self._folders = folders
        self.form = SetupForm(preset.everything(folders), datasets.DATASETS, configure, several, given=given, id="form")
        self.card, self.layers = PreflightCard(id="preflight"), LayersCard(id="layers")
        self.shell, self.earlier = ShellCard(id="shell"), EarlierRuns(id="earlier")
        self.about, self.schedule = AboutCard(id="about"), SchedulePreview(id="schedule")
        self._listed = ("", "")
        """The pair whose earlier runs are shown: they are looked for once, not at each key."""
        self._previewed = False
        self._valid: Config | None = None
        """What the form made when it was last without a fault."""
        self._shown: tuple[object, ...] = ()
        self._measured = 0
        self.forecaster = Forecaster()
        self._swept: tuple[Several | None, int, tuple[SweepTold, str]] = (None, -1, (SweepTold(0, "", 0.0, 0, "", ""), ""))
        """Of which sweep, knowing how much, what was said last."""

    def panels(self) -> Iterable[Widget]:
        yield from (self.form, self.card, self.layers, self.shell, self.earlier, self.about, self.schedule)

    def places(self, size: Size) -> Places:
        self.form.set_layout("narrow" if size.narrow else "wide")
        places = setting_up(size, form=self.form.rows, layers=self.layers.rows, shell=self.shell.rows(SHELL_WIDTH))
        if self._previewed:
            below = "layers" if "layers" in places else "about"
            if below in places:
                places["schedule"] = places.pop(below)
        return places

    def show(self, flight: Preflight) -> bool:
        """Draw what was measured. Whether the cards need other places now."""
        setup, wrong = self.form.setup, list(self.form.problems)
        if setup is not None:
            self._valid = setup.config
        fetch = sum(file.size for file in outside.missing(setup.dataset)) if setup else 0
        problem = "" if setup else self.form.problems.get("dataset", "")
        many, result = self.form.several, flight.result
        self.forecaster.learn(result)
        told = None
        if many is not None:
            told, cannot = self._of_sweep(many)
            result, problem = self.forecaster.measured(many.labelled[0][1].config), problem or cannot
        seen = (flight.version, flight.busy, self._valid, setup is not None, fetch, problem, told, *wrong)
        if seen != self._shown:
            self._shown = seen
            self.card.show(result, flight.busy, self._valid, setup is not None, wrong, fetch, problem, told)
        if flight.version == self._measured:
            return False
        self._measured = flight.version
        if result is None or result.problem:
            return False
        self.layers.show(result.layers, result.input_shape)
        self.form.resolve(result)
        return True

    def _of_sweep(self, many: Several) -> tuple[SweepTold, str]:
        """What is said of a sweep, and what is wrong with it: found out anew only where more is known, for it may have hundreds of
        runs and is asked for in each frame."""
        key, version = self._swept[:2]
        if key is not many or version != self.forecaster.version:
            self._swept = many, self.forecaster.version, (self._told(many), self._cannot_run(many))
        return self._swept[2]

    def _told(self, many: Several) -> SweepTold:
        """How many runs, and how long they will take as far as that is known."""
        found = self.forecaster.of(many.setups)
        return SweepTold(
            many.count, many.words, found.seconds * many.seeds, found.unknown * many.seeds, found.words, many.labelled[0][0]
        )

    def _cannot_run(self, many: Several) -> str:
        """What is wrong with one of them, as far as its batches were tried: it would fail, and the others go on."""
        tried = [(label, self.forecaster.measured(setup.config)) for label, setup in many.labelled]
        return next((f"{label}: {found.problem}" for label, found in tried if found is not None and found.problem), "")

    def to_measure(self) -> Setup | None:
        """Of which settings a few batches are to be timed next; of a sweep of one after the other."""
        if (many := self.form.several) is not None:
            return self.forecaster.next_to_time(many.setups)
        return self.form.setup

    def offer(self, devices: Iterable[Device]) -> None:
        """The GPUs of this machine can be chosen too, each with its name and what is free."""
        found = [(one.name, units.plain(one.label) + (f", {units.size(one.free)} free" if one.free else "")) for one in devices]
        if any(name != "cpu" for name, _ in found):
            self.form.set_devices(found)

    def follow(self, message: SetupForm.Changed) -> None:
        """Another setting: the command, the description and the curve of the rate follow."""
        draft = self.form.draft
        knobs = {knob.name: knob.default for knob in draft.preset.knobs} if draft.preset else {}
        data = {knob.name: knob.default for knob in draft.data_knobs.values()}
        made = message.setup.config if message.setup else None
        given = draft.given() if draft.several else None
        suggested = draft.suggested | {"knobs": knobs, "data": data}
        self.shell.show(message.raw, made, suggested, message.problems, self._folders, given=given)
        self.about.show(draft.preset)
        if self._pair() != self._listed:
            self.list_earlier()
        if self._previewed:
            self.preview(True)

    def list_earlier(self) -> None:
        """Earlier runs of this preset on this dataset, newest first."""
        self._listed = self._pair()
        self.forecaster.forget()
        of_pair = [run for run in store.everything() if f"-{store.words(*self._listed)}-" in run.name]
        self.earlier.show([store.summary(run) for run in of_pair[:MOST_EARLIER]], *self._listed)

    def _pair(self) -> tuple[str, str]:
        """Of lists the first of each."""
        raw = self.form.raw()
        return values(str(raw.get("preset")))[0], values(str(raw.get("dataset")))[0]

    def preview(self, wanted: bool) -> None:
        """While the schedule is being chosen its curve takes the place of a card."""
        self._previewed = wanted and self._valid is not None
        if self._previewed and self._valid is not None:
            self.schedule.show(self._valid.schedule, self._valid.lr, write_budget(*self._valid.budget))

    def read_presets_again(self) -> None:
        """Files may have been edited since: the next start uses what was saved."""
        self.form.set_presets(preset.everything(self._folders))
