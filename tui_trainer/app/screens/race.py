"""A race: lanes that grow, a clock, and curves over each other. Made to be read from the back of a room."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from textual import on
from textual.binding import Binding
from textual.geometry import Region
from textual.widget import Widget

from tui_trainer.app import edges, race_layout, race_view
from tui_trainer.app.layout import Size
from tui_trainer.app.race_field import RaceField
from tui_trainer.app.screens.race_budget_sheet import RaceBudgetSheet
from tui_trainer.app.screens.tab import Keys, Tab, put
from tui_trainer.app.widgets.lanes import Drawn, LaneChosen, Lanes
from tui_trainer.app.widgets.race_chart import RaceChart
from tui_trainer.app.widgets.race_clock import RaceClock
from tui_trainer.session.race import UNITS, Budget, Race

if TYPE_CHECKING:
    from tui_trainer.runs.store import Run


class RaceScreen(Tab):
    """Over the Lab. It shows the race that the app has, whichever that is."""

    TAB = "Lab"
    ORDER = ("lanes", "chart", "clock")
    AUTO_FOCUS = ""
    BINDINGS = [
        Binding("space", "pause", "pause all", tooltip="Hold the race and its clock, or go on", id="race-pause"),
        Binding("g", "guess", "guess first", tooltip="Hide who leads until g is pressed again", id="race-guess"),
        Binding("P", "present", "presenter", tooltip="Nothing but lanes and clock, as large as there is room", id="presenter"),
        Binding("x", "axis", "x axis", tooltip="Seconds, samples or steps along the chart", id="race-axis"),
        Binding("b", "budget", "budget", tooltip="Race again over other seconds, samples or steps", id="race-budget"),
        Binding("X", "stop", "stop", tooltip="Each finishes its batch, evaluates, saves, ends", id="race-stop"),
        Binding("r", "again", "again", tooltip="Race again with the next seed, once this race is over", id="race-again"),
        Binding("c", "compare", "compare", tooltip="All settings side by side, once the race is over", id="race-compare"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self.axis = ""
        """One of the units; that of the budget while empty."""
        self.presenter = False
        self._clock_lane: Drawn | None = None
        self._shape: tuple[object, ...] = ()
        self._seen: tuple[object, ...] = ()

    @property
    def race(self) -> Race | None:
        return self.trainer.race

    def panels(self) -> Iterable[Widget]:
        self.lanes, self.chart, self.clock = Lanes(id="lanes"), RaceChart(id="chart"), RaceClock(id="clock")
        yield from (self.lanes, self.chart, self.clock)

    def main_panel(self) -> str:
        return "chart"

    def to_export(self) -> Sequence[Run]:
        return [lane.run for lane in self.race.lanes] if self.race is not None else ()

    def places(self, size: Size) -> Mapping[str, Region]:
        race = self.race
        count, clock = (len(race.lanes), race_view.clock_at_most(race)) if race is not None else (2, "0:00")
        found = race_layout.presenting(size, count) if self.presenter else race_layout.racing(size, count, clock)
        self.lanes.fit(found.lanes.size, found.lanes.block, found.clock.size if found.clock else 0)
        self.clock.fit(found.lanes.size)
        self._clock_lane = found.clock
        return found.places

    def lay_out(self) -> None:
        super().lay_out()
        if self.presenter and not Size(*self.app.size).too_small:
            put(self.header, None)

    # ---- drawing ---------------------------------------------------------------------------------------------

    def begin(self) -> None:
        """Another race: all of it is drawn anew."""
        self.axis, self._shape, self._seen = "", (), ()
        self.set_focus(None)
        self.lay_out()
        self.show()

    def show(self) -> None:
        race = self.race
        if race is None or not self.is_mounted:
            return
        shape = (id(race), race.over, race.paused, race.stopping, race.racing, self.presenter, self.trainer.guessing)
        if shape != self._shape:
            over = race.over and self._shape[1:2] == (False,)
            self._shape = shape
            self.lay_out()
            if over and self.focused is None:
                self.set_focus(self.lanes)
        self._edges(race)
        seen = (*shape, self.axis, self._clock_lane, race.clock, *(_seen(race)))
        if seen != self._seen:
            self._seen = seen
            self._draw(race)

    def _edges(self, race: Race) -> None:
        app = self.trainer
        self.header.show(self.TAB, race_view.corner(race))
        self.status.show(edges.saying(race_view.status_view(race, loading=app.loading, hidden=app.guessing), app.saying))

    def _draw(self, race: Race) -> None:
        hidden = self.trainer.guessing
        view = race_view.lanes_view(race, hidden=hidden)
        if self._clock_lane is not None:
            view = replace(view, clock=race_view.clock_lane(race, hidden=hidden))
        self.lanes.show(view)
        if self.clock.display:
            self.clock.show(race_view.clock_view(race, hidden=hidden))
        if self.chart.display:
            self.chart.show(race_view.chart_view(race, self.axis or race.budget.unit, hidden=hidden))

    def keys(self) -> Keys:
        race = self.race
        if race is None:
            return [("?", "help")]
        guess = ("g", "show" if self.trainer.guessing else "guess first")
        present = ("P", "back" if self.presenter else "presenter")
        if not race.over:
            go = ("space", "go on" if race.paused else "pause all")
            return [go, guess, present, ("x", "axis"), ("b", "budget"), ("X", "stop"), ("?", "help")]
        first = guess if self.trainer.guessing else ("b", "budget")
        return [("r", "again"), first, ("c", "compare"), ("Enter", "open"), present, ("Esc", "back"), ("?", "help")]

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        race = self.race
        if race is None:
            return action not in {"pause", "stop", "again", "compare", "budget", "guess", "present", "axis"}
        if action in {"pause", "stop"}:
            return True if not race.over and not race.stopping else None
        if action in {"again", "compare"}:
            return True if race.over else None
        return True

    # ---- actions ---------------------------------------------------------------------------------------------

    def action_pause(self) -> None:
        if (race := self.race) is not None:
            if race.paused:
                race.go_on()
            else:
                race.pause()
            self.show()

    def action_guess(self) -> None:
        self.trainer.guessing = not self.trainer.guessing
        self.show()

    def action_zoom(self) -> None:
        if self.presenter:
            self.action_present()
        else:
            super().action_zoom()

    def action_present(self) -> None:
        self.presenter, self.zoomed = not self.presenter, None
        self.show()

    def action_axis(self) -> None:
        if (race := self.race) is not None:
            now = self.axis or race.budget.unit
            self.axis = UNITS[(UNITS.index(now) + 1) % len(UNITS)]
            self.show()

    def action_stop(self) -> None:
        if (race := self.race) is not None:
            race.stop()
            self.show()

    def action_again(self) -> None:
        self.trainer.race_again()

    def action_budget(self) -> None:
        if (race := self.race) is not None and self.app.screen is self:
            self.app.push_screen(RaceBudgetSheet(race.budget, live=self.trainer.race_live), self._race_over)

    def _race_over(self, budget: Budget | None) -> None:
        if budget is not None:
            self.trainer.race_again(budget)

    def action_compare(self) -> None:
        """All races of these settings, so that several seeds count."""
        from tui_trainer.app.screens.compare import CompareScreen  # loaded when it is first wanted

        if self.race is not None and self.race.over:
            self.app.push_screen(CompareScreen(RaceField(self.trainer.races)))

    @on(LaneChosen)
    def _lane_chosen(self, message: LaneChosen) -> None:
        race = self.race
        if race is not None and not self.trainer.race_live and message.number < len(race.lanes):
            self.trainer.open_run(race.lanes[message.number].run)
        elif race is not None:
            self.trainer.say("a run can be opened once the race is over")

    def action_out(self) -> None:
        """Out of presenter and zoom; once the race is over, back to the Lab."""
        if self.presenter:
            self.action_present()
        elif self.zoomed:
            self.action_zoom()
        elif self.trainer.race_live:
            self.set_focus(None)
            self.trainer.say("the race goes on: X stops it")
        else:
            self.trainer.leave_race()


def _seen(race: Race) -> Iterable[object]:
    """All that a drawing depends on and that moves."""
    for lane in race.lanes:
        history = lane.history
        yield from (lane.state, lane.samples, lane.share, lane.epoch, lane.speed, history.evaluation, history.preparing, lane.error)
