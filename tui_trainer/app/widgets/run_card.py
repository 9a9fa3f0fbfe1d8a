"""The card of the run under the cursor: what came of it, and the settings that are not the usual ones."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from rich.segment import Segment

from tui_trainer import paths, units
from tui_trainer.app import records
from tui_trainer.app.widgets.bars import padded
from tui_trainer.app.widgets.panel import Panel
from tui_trainer.app.widgets.rows import Line, clipped, fitted, line
from tui_trainer.app.widgets.run_table import GLYPHS
from tui_trainer.config import DEFAULTS, SETTINGS
from tui_trainer.runs import remarks

if TYPE_CHECKING:
    from tui_trainer.runs.store import Summary

LABEL = 11


class RunCard(Panel, can_focus=False):
    """Result at the left, settings at the right."""

    title = "Run"

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._run: Summary | None = None

    def show(self, run: Summary | None) -> None:
        if run != self._run:
            self._run = run
            self.title = run.run.id if run else "Run"
            self.draw()

    def aside(self) -> Line:
        return line((clipped(units.plain(paths.short(self._run.run.folder)), 60), self.ink.ink("dim"))) if self._run else []

    def body(self, width: int, height: int) -> list[Line]:
        if self._run is None:
            return []
        left = min(width // 2, 58)
        result, settings = self._result(left - 2), self._settings(self._run, width - left)
        rows, blank = max(len(result), len(settings)), self.ink.ink()
        result += [[] for _ in range(rows - len(result))]
        settings += [[] for _ in range(rows - len(settings))]
        return [[*fitted(fitted(one, left - 2, blank), left, blank), *other] for one, other in zip(result, settings, strict=True)][
            :height
        ]

    def _result(self, width: int) -> list[Line]:
        one = self._run
        assert one is not None
        glyph, _ = GLYPHS.get(one.status, ("·", "dim"))
        colour = {"failed": "worse", "diverged": "worse", "lost": "warn"}.get(one.status, "text")
        rows = [self._pair("state", f"{glyph} {records.state(one)}", colour)]
        if process := records.process(one):
            rows.append(
                self._pair("trained by", f"process {process}" if " on " in process else f"process {process} of this machine")
            )
        if one.best_accuracy is not None:
            best = f"{units.percent(one.best_accuracy)}  loss {units.loss(one.best_loss)}  epoch {one.best_epoch}"
            rows.append(self._pair("best val", best, "best"))
        if one.test_accuracy is not None:
            rows.append(self._pair("test", units.percent(one.test_accuracy), "bright"))
        if one.task == "regression":
            errors = "  ".join(remarks.errors(one.best_mae, one.best_r2))
            rows.append(self._pair("best val", f"loss {units.loss(one.best_loss)}  {errors}  epoch {one.best_epoch}", "best"))
            if tested := "  ".join(remarks.errors(one.test_mae, one.test_r2)):
                rows.append(self._pair("test", tested, "bright"))
        if one.steps:
            rows.append(self._pair("trained", f"{units.count(one.steps)} steps in {units.duration(one.seconds)}"))
        if one.parameters:
            rows.append(self._pair("parameters", units.count(one.parameters)))
        return rows + [line((text, self.ink.ink("worse"))) for text in _wrapped(one.error, width)]

    def _settings(self, run: Summary, width: int) -> list[Line]:
        """What is not as usual first, then the knobs."""
        config = run.config
        given = [
            (one.label, _said(value))
            for one in SETTINGS
            if one.name not in {"preset", "dataset"}
            and (value := getattr(config, one.name)) is not None
            and DEFAULTS.get(one.name) != value
        ]
        usual = [
            (name, _said(getattr(config, field)))
            for name, field in (("optimizer", "optimizer"), ("rate", "lr"), ("batch", "batch_size"))
        ]
        pairs = {
            **dict(usual),
            **dict(given),
            **{units.plain(name): _said(value) for name, value in (config.knobs | config.data).items()},
        }
        column = 28
        across = max(width // column, 1)
        cells = [self._pair(name, value) for name, value in pairs.items()]
        rows: list[Line] = []
        for at in range(0, len(cells), across):
            row: Line = []
            for cell in cells[at : at + across]:
                row += fitted(cell, column, self.ink.ink())
            rows.append(row)
        return rows

    def _pair(self, label: str, value: str, colour: str = "text") -> Line:
        return [Segment(padded(label, LABEL) + " ", self.ink.ink("dim")), Segment(value, self.ink.ink(colour))]


def _wrapped(text: str, width: int) -> list[str]:
    return textwrap.wrap(units.plain(text), max(width, 1), break_on_hyphens=False)


def _said(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return units.lr(value) if isinstance(value, float) else units.plain(str(value))
