"""The band above the keys: the state, how far it is, how fast, what is left, and what was saved."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from tui_trainer import units
from tui_trainer.app.palette import Palette
from tui_trainer.app.widgets.bars import bar, sides
from tui_trainer.app.widgets.rows import Line, Rows, clipped, line, width_of
from tui_trainer.runs import remarks

if TYPE_CHECKING:
    from tui_trainer.events import Preparing
    from tui_trainer.runs.history import History

STATES = {
    "empty": ("○", "dim", "bright"),
    "wrong": ("✕", "worse", "worse"),
    "loading": ("◌", "dim", "bright"),
    "training": ("●", "train", "bright"),
    "attached": ("●", "train", "bright"),
    "watching": ("◌", "dim", "bright"),
    "paused": ("‖", "warn", "warn"),
    "stopping": ("◌", "dim", "bright"),
    "finished": ("✓", "best", "best"),
    "stopped": ("✓", "best", "best"),
    "abandoned": ("✕", "warn", "warn"),
    "diverged": ("✕", "worse", "worse"),
    "failed": ("✕", "worse", "worse"),
    "lost": ("!", "warn", "warn"),
    "memory": ("!", "warn", "warn"),
    "scrubbing": ("◂", "you", "you"),
}
"""Glyph, its colour, and the colour of the words, by state."""


@dataclass(frozen=True, slots=True)
class StatusView:
    """All that the status line shows; None and 0 are left out."""

    state: str = "empty"
    word: str = "not started"
    result: str = ""
    """What came of it, in green: `71.8 % at epoch 5`."""
    about: str = ""
    """Dim words after the state."""
    epoch: int = 0
    epochs: int = 0
    progress: float | None = None
    speed: float | None = None
    left: float | None = None
    rate: float | None = None
    saved: int | None = None
    """Step of the last checkpoint."""
    warnings: int = 0
    problem: str = ""
    """What is wrong, in red at the right."""
    said: str = ""
    """A sentence that takes the line for a moment: cut where it is too long, never left out."""
    unit: str = "img/s"
    """What the speed counts."""
    streamed: bool = False
    """Whether the samples do not fit into memory."""
    mark: tuple[str, str] | None = None
    """Glyph and its colour, in place of the state's."""
    aside: str = ""
    """Dim words at the right, where a run says what was saved."""


class StatusLine(Rows):
    """Figures keep their columns while they change; where room is short the right part goes first."""

    DEFAULT_CSS = "StatusLine { height: 1; }"

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._view = StatusView()

    def show(self, view: StatusView) -> None:
        if view != self._view:
            self._view = view
            self.draw()

    def lines(self, width: int, height: int) -> list[Line]:
        band = self.ink.ink(on="raised")
        if self._view.said:
            return [sides(_said(self._view, self.ink, width), [], width, band)]
        for left, right in _forms(self._view, self.ink):
            if width_of(left) + width_of(right) + 3 <= width:
                return [sides(left, [*right, *line((" ", band))], width, band)]
        glyph, colour, _ = _look(self._view)
        word = clipped(self._view.word, width - 4)
        return [sides(line((f" {glyph} ", self.ink.ink(colour, on="raised")), (word, band)), [], width, band)]


def _forms(view: StatusView, ink: Palette) -> list[tuple[Line, Line]]:
    """Left and right part in ever fewer words."""
    word = _word(view, ink)
    epoch, far, near = _epoch(view, ink), _bar(view, ink, 16), _bar(view, ink, 10)
    speed, left, rate = _speed(view, ink, 8), _left(view, ink), _rate(view, ink)
    near_speed = _speed(view, ink, 6)
    saved, bare = _saved(view, ink), _warned(view, ink, long=False)
    streamed = line(("streamed from disk", ink.ink("dim", on="raised"))) if view.streamed else []
    warned, short = _joined(ink, 3, streamed, _warned(view, ink, long=True)), _joined(ink, 2, streamed, bare)
    lead = [*word, *_about(view, ink)]
    wide = [*lead, *epoch, *far, *speed, *_gap(ink, 3, left), *_gap(ink, 3, rate)]
    near_left = _gap(ink, 2, left)
    return [
        (wide, _joined(ink, 3, saved, warned)),
        (wide, warned),
        (wide, short),
        ([*lead, *epoch, *near], _joined(ink, 2, [*near_speed, *near_left], short)),
        ([*lead, *epoch, *near], _joined(ink, 2, near_speed, short)),
        ([*lead, *epoch, *near], _joined(ink, 2, near_speed, bare)),
        ([*lead, *epoch, *near], bare),
        ([*word, *epoch], bare),
        (word, bare),
        (word, []),
    ]


def _look(view: StatusView) -> tuple[str, str, str]:
    return (*view.mark, "bright") if view.mark else STATES.get(view.state, STATES["empty"])


def _word(view: StatusView, ink: Palette) -> Line:
    glyph, colour, words = _look(view)
    spans = line((f" {glyph} ", ink.ink(colour, on="raised")), (units.plain(view.word), ink.ink(words, bold=True, on="raised")))
    return spans + (line((f"  {view.result}", ink.ink("best", bold=True, on="raised"))) if view.result else [])


def _said(view: StatusView, ink: Palette, width: int) -> Line:
    """The sentence after the state, or alone after its glyph where both have no room."""
    word, text = _word(view, ink), units.plain(view.said)
    if width_of(word) + len(text) + 4 > width:
        word, text = word[:1], clipped(text, width - 5)
    return [*word, *line((f"   {text}" if len(word) > 1 else text, ink.ink("text", on="raised")))]


def _about(view: StatusView, ink: Palette) -> Line:
    return line((f"   {units.plain(view.about)}", ink.ink("dim", on="raised"))) if view.about else []


def _epoch(view: StatusView, ink: Palette) -> Line:
    """`epoch 6/10`, as wide as it will be at the last one."""
    if not view.epoch:
        return []
    whole = str(view.epochs) if view.epochs else ""
    blank = " " * max(len(whole) - len(str(view.epoch)), 0)
    return line(
        ("  epoch ", ink.ink("dim", on="raised")),
        (str(view.epoch), ink.ink("bright", on="raised")),
        ((f"/{whole}" if whole else "") + blank, ink.ink("dim", on="raised")),
    )


def _bar(view: StatusView, ink: Palette, width: int) -> Line:
    """The bar and `56 %`; it says 100 only when all is done."""
    if view.progress is None:
        return []
    gap = " " if view.epochs and len(str(view.epochs)) > 1 else "  "
    return line(
        (gap if view.epoch else "  ", ink.ink(on="raised")),
        *bar(ink, view.progress, width, "train", track="faint", on="raised"),
        (f" {int(100 * view.progress + 1e-9):>2} %", ink.ink("bright", on="raised")),
    )


def _speed(view: StatusView, ink: Palette, columns: int) -> Line:
    """Right-aligned in so many columns: eight hold everything from 9.4 to 123 456 and part it from what is before."""
    if view.speed is None:
        return []
    shown = units.speed(view.speed) if view.speed < 999_999 else units.short_count(view.speed)
    return line((f"{shown:>{columns}}", ink.ink(on="raised")), (f" {view.unit}", ink.ink("dim", on="raised")))


def _left(view: StatusView, ink: Palette) -> Line:
    if view.left is None:
        return []
    seconds = max(view.left, 0.0)
    shown = f"{round(seconds):>2} s" if seconds < 59.5 else units.duration(seconds)
    return line((shown, ink.ink(on="raised")), (" left", ink.ink("dim", on="raised")))


def _rate(view: StatusView, ink: Palette) -> Line:
    if view.rate is None:
        return []
    return line(("rate ", ink.ink("dim", on="raised")), (units.lr(view.rate), ink.ink(on="raised")))


def _saved(view: StatusView, ink: Palette) -> Line:
    text = view.aside or (f"saved at step {units.count(view.saved)}" if view.saved else "")
    return line((text, ink.ink("dim", on="raised"))) if text else []


def _warned(view: StatusView, ink: Palette, *, long: bool) -> Line:
    if view.problem:
        return line((view.problem, ink.ink("worse", bold=True, on="raised")))
    if not view.warnings:
        return []
    word = f" warning{'s' if view.warnings > 1 else ''}" if long else ""
    return line((f"! {view.warnings}{word}", ink.ink("warn", bold=True, on="raised")))


def _gap(ink: Palette, width: int, spans: Line) -> Line:
    return [*line((" " * width, ink.ink(on="raised"))), *spans] if spans else []


def _joined(ink: Palette, width: int, a: Line, b: Line) -> Line:
    return [*a, *_gap(ink, width, b)] if a else b


ROLES = {"watching": "watching, read-only", "attached": "attached"}
"""What is said of who looks at a run that another process trains."""


def status_of(history: History, *, role: str = "", problems: int = 0, about: str = "", loading: str = "") -> StatusView:
    """The status line of a run, or of none. `role` is `watching` or `attached` where another process trains."""
    if problems:
        return StatusView(about=about, problem=f"{problems} field{'s' if problems > 1 else ''} to fix")
    quiet = history.preparing is None and history.memory is None
    if history.phase == "training" and history.step and quiet and role in ROLES:
        return replace(_figures(history), state=role, word=ROLES[role])
    view = _ended(history) if history.ended else _going_on(history, loading=loading)
    if role == "watching" or (role and not history.ended):
        about = beside(role)
    return replace(view, about=about) if about else view


def beside(role: str) -> str:
    """What is said of who looks at it beside another state."""
    return "read-only" if role == "watching" else role


def _going_on(history: History, *, loading: str) -> StatusView:
    """The state of a run without an end."""
    step = f"at step {units.count(history.step)}"
    if (short := history.memory) is not None:
        return replace(_figures(history), state="memory", word=f"no memory for a batch of {short.batch_size} {step}", speed=None)
    match history.phase:
        case "stopping":
            return replace(_figures(history), state="stopping", word="stopping: finishing the batch")
        case "paused":
            return replace(_figures(history), state="paused", word=f"paused {step}")
        case "handed over":
            return replace(_figures(history), state="loading", word=f"handed over {step}", speed=None, left=None)
        case "preparing":
            return _preparing(history.preparing)
        case "training" if history.preparing is not None:
            return _preparing(history.preparing)
        case "training" if history.step == 0:
            return StatusView("loading", "first batch")
        case "training":
            return replace(_figures(history), state="training", word="training")
        case _:
            return StatusView("loading", loading) if loading else StatusView()


def _preparing(doing: Preparing | None) -> StatusView:
    share = doing.done / doing.total if doing and doing.total else None
    return StatusView("loading", doing.what if doing else "preparing", progress=share)


def _figures(history: History) -> StatusView:
    """What a run in progress shows beside its state."""
    return StatusView(
        epoch=history.epoch,
        epochs=history.epochs_planned or 0,
        progress=min(history.progress, 0.99),
        speed=history.samples_per_second,
        unit=history.speed_unit,
        left=None if history.paused else history.seconds_left,
        rate=history.lr,
        saved=history.saved.step if history.saved else None,
        warnings=history.warnings,
        streamed=history.started is not None and history.started.streamed,
    )


def _ended(history: History) -> StatusView:
    ended = history.ended
    assert ended is not None
    best = remarks.result(ended)
    at = f" at step {units.count(ended.step)}"
    saved = history.saved.step if history.saved else None
    match ended.reason:
        case "finished":
            return StatusView("finished", "finished", result=best, saved=saved, warnings=history.warnings)
        case "stopped":
            return StatusView("stopped", f"stopped{at}", result=best, saved=saved, warnings=history.warnings)
        case "abandoned":
            return StatusView("abandoned", f"abandoned{at}", saved=saved, warnings=history.warnings)
        case "diverged":
            where = f", {ended.layer or ended.error}".rstrip(", ")
            lower = f"try a rate of {units.lr(ended.suggested_lr)}" if ended.suggested_lr else ""
            return StatusView("diverged", f"diverged{at}{where}", result=lower, saved=saved, warnings=history.warnings)
        case _:
            return StatusView("failed", f"failed: {ended.error}" if ended.error else "failed", warnings=history.warnings)
