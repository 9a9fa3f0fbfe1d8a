"""The settings of a run that is live: locked, but for the rate; a column, or one line where room is short."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING

from textual.message import Message

from tui_trainer import units
from tui_trainer.app.widgets.bars import sides
from tui_trainer.app.widgets.rows import Line, Rows, clipped, line, width_of
from tui_trainer.app.widgets.scrolled import ScrolledPanel
from tui_trainer.config import BY_NAME, DEFAULTS, OWN
from tui_trainer.settings import CHANGES

if TYPE_CHECKING:
    from textual import events

    from tui_trainer.events import RunStarted

LABEL = 12
ALWAYS = ("preset", "dataset", "optimizer", "lr", "batch_size")
BUDGET = ("epochs", "steps", "seconds")

Pairs = Sequence[tuple[str, str]]


def settings_of(config: Mapping[str, object], lr: float | None = None, started: RunStarted | None = None) -> list[tuple[str, str]]:
    """Labels and values as the column shows them: first what always matters, then knobs, then what is not as usual."""
    rate = lr if lr is not None else _number(config.get("lr"))
    rows = [(BY_NAME[name].label, units.lr(rate) if name == "lr" else _said(config.get(name))) for name in ALWAYS]
    rows += [(name, _said(config[name])) for name in BUDGET if config.get(name) is not None]
    device = str(config.get("device", "auto"))
    rows.append(("device", f"{device}: {started.device}" if started and started.device != device else device))
    rows.append(("seed", _said(config.get("seed"))))
    for group in OWN:
        own = config.get(group)
        rows += [(str(name), _said(value)) for name, value in (own.items() if isinstance(own, Mapping) else ())]
    if changes := " ".join(name for name in CHANGES if config.get(name)):
        rows.append(("augment", changes))
    shown = {*ALWAYS, *BUDGET, *CHANGES, "device", "seed"}
    unusual = [name for name in BY_NAME if name not in shown and name in config and config[name] != DEFAULTS.get(name)]
    return rows + [(BY_NAME[name].label, _said(config[name])) for name in unusual]


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, (int, float)) else None


def _said(value: object) -> str:
    match value:
        case None:
            return units.UNKNOWN
        case bool():
            return "yes" if value else "no"
        case float():
            return f"{value:g}"
        case _:
            return units.plain(str(value))


class RateDown(Message):
    """`[` was clicked."""


class RateUp(Message):
    """`]` was clicked."""


class ChangeWanted(Message):
    """A setting that can be changed while the run trains was clicked."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name


class Unfold(Message):
    """The line was clicked: the whole setup is wanted."""


class SettingsPanel(ScrolledPanel):
    """The locked setup; while `live`, what can be changed keeps its field, and that of the rate has `[` and `]` in it."""

    title = "Setup"

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._rows: tuple[tuple[str, str], ...] = ()
        self._live = True
        self._fields: dict[int, str] = {}
        """Which rows are fields, and of which settings."""

    def show(self, rows: Pairs, *, live: bool = True, steerable: Collection[str] = ("lr",)) -> None:
        """Rows as `settings_of` makes them; not `live` where nothing can be changed any more.

        `steerable` are the settings that this run can take another value of, by name.
        """
        fields = fields_of(rows, steerable) if live else {}
        new = (tuple(rows), live, fields)
        if new != (self._rows, self._live, self._fields):
            self._rows, self._live, self._fields = new
            self.draw()

    def aside(self) -> Line:
        text = self.extent() if self.first() > 0 else "locked" if self._live else ""
        return line((text, self.ink.ink("dim"))) if text else []

    def total(self) -> int:
        return len(self._rows)

    def body(self, width: int, height: int) -> list[Line]:
        first = self.first()
        return [self._row(first + at, width) for at in range(min(height, len(self._rows) - first))]

    def _row(self, at: int, width: int) -> Line:
        ink = self.ink
        label, value = self._rows[at]
        name = clipped(units.plain(label), LABEL - 1)
        if at not in self._fields:
            return line((f"{name:<{LABEL}}", ink.ink("dim")), (clipped(value, width - LABEL), ink.ink()))
        rate = self._fields[at] == "lr"
        on = ink.ink(on="raised")
        field = line((" ", on), (clipped(value, width - LABEL - 2), ink.ink("bright", on="raised") if rate else on))
        buttons = line(("[ ]", ink.ink("you", bold=True, on="raised")), (" ", on)) if rate else []
        left = line((f"{name:<{LABEL - 1}}", ink.ink("text" if rate else "dim")))
        return [*left, *sides(field, buttons, width - LABEL + 1, on)]

    def on_click(self, event: events.Click) -> None:
        name = self._fields.get(self.first() + event.y - 1)
        at = event.x - (self.size.width - 5)  # `[ ]` ends two columns before the panel does
        if event.y < 1 or name is None:
            return
        if name == "lr" and at in {0, 1}:
            self.post_message(RateDown())
        elif name == "lr" and at in {2, 3}:
            self.post_message(RateUp())
        else:
            self.post_message(ChangeWanted(name))


def fields_of(rows: Pairs, steerable: Collection[str]) -> dict[int, str]:
    """Which rows show a setting that can be changed. A knob may be named like one: it comes later, so the first counts."""
    labels = [label for label, _ in rows]
    found = {name: BY_NAME[name].label for name in steerable}
    return {labels.index(label): name for name, label in found.items() if label in labels}


class SettingsLine(Rows):
    """`Setup  adam · rate 3e-4 · batch 128 · seed 7 · cpu · 356 810 parameters   ▸`"""

    DEFAULT_CSS = "SettingsLine { height: 1; }"

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._parts: tuple[tuple[str, str], ...] = ()

    def show(self, parts: Pairs) -> None:
        """Parts as `parts_of` makes them."""
        if tuple(parts) != self._parts:
            self._parts = tuple(parts)
            self.draw()

    def lines(self, width: int, height: int) -> list[Line]:
        ink = self.ink
        left = line((" ", ink.ink()), ("Setup", ink.ink("bright")), ("  ", ink.ink()))
        for at, (word, value) in enumerate(self._parts):
            span = line((" · ", ink.ink("faint"))) if at else []
            span += self._part(word, value)
            if width_of(left) + width_of(span) > width - 4:
                break
            left += span
        return [sides(left, line(("▸ ", ink.ink("dim"))), width, ink.ink())]

    def _part(self, word: str, value: str) -> Line:
        ink = self.ink
        styled = (value, ink.ink("bright" if word == "rate" else "text"))
        if word == "parameters":
            return line(styled, (f" {word}", ink.ink("dim")))
        return line((f"{word} ", ink.ink("dim")), styled) if word else line(styled)

    def on_click(self) -> None:
        self.post_message(Unfold())


def parts_of(config: Mapping[str, object], lr: float | None = None, started: RunStarted | None = None) -> list[tuple[str, str]]:
    """(word, value) pairs for the one line, the least important last. A word may be empty; `parameters` stands behind."""
    found = [
        ("", _said(config.get("optimizer"))),
        ("rate", units.lr(lr if lr is not None else _number(config.get("lr")))),
        ("batch", _said(config.get("batch_size"))),
        ("seed", _said(config.get("seed"))),
        ("", started.device if started else _said(config.get("device"))),
    ]
    return [*found, ("parameters", units.count(started.parameters))] if started else found
