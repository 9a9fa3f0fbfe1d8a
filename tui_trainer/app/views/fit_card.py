"""How well numbers are predicted: loss, mean absolute error and R² of the last validation and the best, and the largest misses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui_trainer import units
from tui_trainer.app.views.fitted_curve import misses, shown
from tui_trainer.app.widgets.panel import Panel
from tui_trainer.app.widgets.rows import Line, clipped, line

if TYPE_CHECKING:
    from tui_trainer.events import Evaluated, Probed
    from tui_trainer.runs.history import History

MOST = 40
LABEL, FIGURE = 7, 9


class FitCard(Panel):
    """A row a figure, then the samples that are missed by most, where a curve was seen."""

    title = "Fit"

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._key: tuple[object, ...] = ()
        self._now: Evaluated | None = None
        self._best: Evaluated | None = None
        self._misses: list[tuple[float, float, float]] = []

    def show(self, history: History, epoch: int | None = None) -> None:
        """The validation after an epoch; None for the newest."""
        now, best, probed = history.at_epoch(epoch), history.best_of, history.probed.get("curve")
        if (id(now), id(best), id(probed)) != self._key:
            self._key = id(now), id(best), id(probed)
            self._now, self._best, self._misses = now, best, self._missed(probed)
            self.draw()

    def _missed(self, probed: Probed | None) -> list[tuple[float, float, float]]:
        return misses(probed, MOST) if probed is not None else []

    def aside(self) -> Line:
        return line((f"epoch {self._now.epoch}", self.ink.ink("dim"))) if self._now else []

    def body(self, width: int, height: int) -> list[Line]:
        now, best = self._now, self._best
        if now is None:
            return [line((clipped("its figures come with the first evaluation", width), self.ink.ink("dim")))]
        rows = [
            self._row("loss", units.loss(now.loss), units.loss(best.loss) if best else ""),
            self._row("MAE", units.loss(now.mae), units.loss(best.mae) if best else ""),
        ]
        if now.r2 is not None:
            rows.append(self._row("R²", units.r_squared(now.r2), units.r_squared(best.r2) if best else ""))
        if best is not None and width >= LABEL + 2 * FIGURE + 12:
            rows[0] += line((f"  epoch {best.epoch}", self.ink.ink("dim")))
        left = height - len(rows) - 2
        if self._misses and left > 0 and width >= 34:
            heading = line((f"{'missed by':>{FIGURE}}{'at x':>{FIGURE}}{'target':>{FIGURE}}", self.ink.ink("dim")))
            rows += [[], heading, *(self._miss(*one) for one in self._misses[:left])]
        return rows[:height]

    def _row(self, label: str, now: str, best: str) -> Line:
        """`MAE      0.037   ★  0.035`"""
        ink = self.ink
        found = line((f"{label:<{LABEL}}", ink.ink("dim")), (f"{now:>{FIGURE}}", ink.ink("bright")))
        return found + (line(("   ★ ", ink.ink("best")), (best, ink.ink("best"))) if best else [])

    def _miss(self, x: float, target: float, predicted: float) -> Line:
        ink = self.ink
        return line(
            (f"{shown(abs(target - predicted)):>{FIGURE}}", ink.ink("worse")),
            (f"{shown(x):>{FIGURE}}{shown(target):>{FIGURE}}", ink.ink()),
        )
