"""What a run without pictures has learned, drawn: which views there are of it, and the panels that show them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from tui_trainer.app.below import Views
from tui_trainer.app.views.fit_card import FitCard
from tui_trainer.app.views.fitted_curve import FittedCurve
from tui_trainer.app.views.parameters import ParameterTable
from tui_trainer.app.views.regions import Regions

if TYPE_CHECKING:
    from tui_trainer.app.widgets.panel import Panel
    from tui_trainer.runs.history import History

MOST_LISTED = 20
"""Parameters of a net that are shown one by one."""


class LearnedViews:
    """The four panels; each draws itself only when what it shows is new."""

    def __init__(self) -> None:
        self.curve, self.regions = FittedCurve(id="curve"), Regions(id="regions")
        self.parameters, self.fit = ParameterTable(id="parameters"), FitCard(id="fit")

    def panels(self) -> Sequence[Panel]:
        return self.curve, self.regions, self.parameters, self.fit

    def show(self, history: History, epoch: int | None = None) -> None:
        """Everything that is in sight; `epoch` is the one that is looked at, None for the newest."""
        self.curve.show(history.probed.get("curve"))
        self.regions.show(history.probed.get("regions"), history.classes)
        self.parameters.show(history.trail)
        self.fit.show(history, epoch)


def views_of(history: History) -> Views | None:
    """What there is to show of a run; None for pictures, and while nothing is known."""
    started = history.started
    if started is None:
        return None
    listed = started.parameters if started.parameters <= MOST_LISTED else 0
    if history.regression:
        return Views("curve" if started.input_shape == (1,) else "", parameters=listed)
    if started.input_shape == (2,):
        return Views("regions", len(started.classes), listed)
    return None
