"""What came of a comparison, in sentences, and below them what is not fair about it."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Mapping

from rich.segment import Segment

from tui_trainer import units
from tui_trainer.app.widgets.rows import Line, line
from tui_trainer.app.widgets.scrolled import ScrolledPanel
from tui_trainer.runs.compare import Comparison
from tui_trainer.runs.fairness import names
from tui_trainer.runs.seeds import Judged

NARROWEST = 12


class VerdictPanel(ScrolledPanel):
    """Letters in their colours, what decides bright; a remark begins with `!`."""

    title = "Verdict"

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._found: Comparison | None = None
        self._colours: Mapping[str, str] = {}
        self._hint = ""
        self._wrapped: tuple[tuple[object, ...], list[Line]] = ((), [])

    def show(self, found: Comparison, colours: Mapping[str, str], hint: str = "") -> None:
        """`hint` stands after the remarks: a key that may mend what is unfair."""
        if found is not self._found or colours != self._colours or hint != self._hint:
            self._found, self._colours, self._hint = found, dict(colours), hint
            self._wrapped = (), []
            self.draw()

    def total(self) -> int:
        return len(self._all(self.size.width - 2))

    def aside(self) -> Line:
        seen = line((self.extent(), self.ink.ink("dim"))) if self.total() > self.room() else []
        count = len(self._found.remarks) if self._found else 0
        if not count or not seen:
            return seen
        return [*line((f"! {count} remark{'s' * (count > 1)}   ", self.ink.ink("warn"))), *seen]

    def body(self, width: int, height: int) -> list[Line]:
        first = self.first()
        return self._all(width)[first : first + height]

    def _all(self, width: int) -> list[Line]:
        key = width, self.ink
        if key != self._wrapped[0]:
            self._wrapped = key, self._made(max(width, NARROWEST))
        return self._wrapped[1]

    def _made(self, width: int) -> list[Line]:
        found = self._found
        if found is None:
            return []
        rows: list[Line] = []
        for text, colour in sentences(found):
            indent = "  " if colour == "warn" else ""
            rows += [self._inked(one, colour) for one in textwrap.wrap(units.plain(text), width, subsequent_indent=indent)]
            if self._hint and text == _last_remark(found):
                rows.append(self._key())
        if self._hint and not found.remarks:
            rows.append(self._key())
        return rows

    def _key(self) -> Line:
        key, _, rest = self._hint.partition(" ")
        return line(("  " + key, self.ink.ink("bright")), (" " + rest, self.ink.ink("dim")))

    def _inked(self, text: str, colour: str) -> Line:
        """Letters of settings bold in their own colour, points bold."""
        ink, spans = self.ink, []
        for part in _PARTS.split(text):
            if part in self._colours:
                style = ink.ink(self._colours[part] if colour != "dim" else "dim", bold=True)
            elif _POINTS.fullmatch(part) and colour == "text":
                style = ink.ink("bright")
            else:
                style = ink.ink(colour)
            if part:
                spans.append(Segment(part, style))
        return spans


def sentences(found: Comparison) -> list[tuple[str, str]]:
    """Each with its colour: first what decides, then what is not fair about it, then the rest. Figures that stand on the
    leaderboard are left out."""
    said = [(text, "text") for text in found.verdicts]
    if found.judged:
        short = {one.text: _short(one, regression=found.regression) for one in found.judged}
        said = [(short.get(text, text), "dim" if text == found.method else "text") for text in found.verdicts]
    first = next((at for at, text in enumerate(found.verdicts) if found.judged and text == found.judged[0].text), len(said) - 1)
    leads = [pair for pair in said if pair[0] in found.leads]
    after = [pair for pair in said[first + 1 :] if pair not in leads]
    return [*said[: first + 1], *leads, *((f"! {one.text}", "warn") for one in found.remarks), *after]


def _short(one: Judged, *, regression: bool) -> str:
    text = one.text
    for group in (one.ahead, one.behind):
        text = text.replace(group.words(regression=regression), names(group.letters))
    return text


def _last_remark(found: Comparison) -> str:
    return f"! {found.remarks[-1].text}" if found.remarks else ""


_PARTS = re.compile(r"(\b[A-Z]\d?\b|\b[\d.]+ points?\b)")
_POINTS = re.compile(r"[\d.]+ points?")
