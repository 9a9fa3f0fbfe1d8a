"""What differs between settings, and only that: a column a letter; below it the preset files that were edited."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from rich.cells import cell_len
from textual.binding import Binding

from tui_trainer import units
from tui_trainer.app.widgets.bars import padded
from tui_trainer.app.widgets.rows import Line, line
from tui_trainer.app.widgets.scrolled import ScrolledPanel
from tui_trainer.runs.compare import Comparison
from tui_trainer.runs.differing import PresetDiff

LABEL = 14
"""Columns of the names of settings at the most."""
WIDEST = 15
GAP = 2


class DifferingTable(ScrolledPanel):
    """Values unlike what most have are bright. Where the letters have no room side by side, ← and → move along them."""

    title = "What differs"
    BINDINGS = [
        Binding("left,h", "along(-1)", "left", key_display="←", tooltip="To the letters before", id="letters-left"),
        Binding("right,l", "along(1)", "right", key_display="→", tooltip="To the letters after", id="letters-right"),
    ]

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._found: Comparison | None = None
        self._colours: Mapping[str, str] = {}
        self._left = 0

    def show(self, found: Comparison, colours: Mapping[str, str]) -> None:
        if found is not self._found or colours != self._colours:
            self._found, self._colours = found, dict(colours)
            self.draw()

    def action_along(self, letters: int) -> None:
        count = len(self._found.letters) if self._found else 0
        self._left = max(0, min(self._left + letters, count - 1))
        self.draw()

    def total(self) -> int:
        return 1 + len(self._found.differing) + len(edited(self._found.diffs)) if self._found else 0

    def aside(self) -> Line:
        if self._found is None:
            return []
        same = self._found.same
        words = f"{same} setting{'s are' if same != 1 else ' is'} the same"
        seen = f"{self.extent()}   " if self.total() > self.room() else ""
        return line((seen + words, self.ink.ink("dim")))

    def body(self, width: int, height: int) -> list[Line]:
        found, ink = self._found, self.ink
        if found is None:
            return []
        if not found.differing and not found.diffs:
            return [line(("nothing but the seed, if that", ink.ink("dim")))]
        first = self.first()
        label = min(max((cell_len(one.label) for one in found.differing), default=6), LABEL)
        columns, sizes = self._shown(found, width - label - 1)
        head = [(letter, sizes[letter]) for letter in columns]
        more = "…" if len(columns) < len(found.letters) else " "
        rows = [
            line(
                (" " * label + more, ink.ink("dim")),
                *((padded(one, size + GAP, right=True), ink.ink(self._colours.get(one, "last"), bold=True)) for one, size in head),
            )
        ]
        rows += [self._row(one.label, one.words(), label, columns, sizes) for one in found.differing]
        rows += [self._edit(one) for one in edited(found.diffs)]
        return rows[first : first + height]

    def _shown(self, found: Comparison, room: int) -> tuple[list[str], dict[str, int]]:
        """The letters that fit, and how wide each is."""
        texts = [one.words() for one in found.differing]
        wide = [max([cell_len(units.plain(row[at])) for row in texts] + [len(letter)]) for at, letter in enumerate(found.letters)]
        sizes = {letter: min(size, WIDEST) for letter, size in zip(found.letters, wide, strict=True)}
        if len(sizes) * (max(sizes.values()) + GAP) <= room:  # evenly, where that is to be had
            sizes = dict.fromkeys(sizes, min(max(sizes.values()), room // len(sizes) - GAP))
        kept: list[str] = []
        for letter in found.letters[min(self._left, len(found.letters) - 1) :]:
            if kept and sum(sizes[one] + GAP for one in [*kept, letter]) > room:
                break
            kept.append(letter)
        return kept, sizes

    def _row(self, name: str, texts: Sequence[str], label: int, columns: Sequence[str], sizes: Mapping[str, int]) -> Line:
        assert self._found is not None
        ink, usual = self.ink, Counter(texts).most_common(1)[0]
        spans = line((padded(name, label) + " ", ink.ink("dim")))
        for letter, text in zip(self._found.letters, texts, strict=True):
            if letter in columns:
                unlike = text != usual[0] or usual[1] == 1
                colour = "faint" if text == units.UNKNOWN else "bright" if unlike else "text"
                style = ink.ink(ink.hex(colour) if colour == "bright" and ink.tints else colour)
                spans += line((padded(text, sizes[letter] + GAP, right=True), style))
        return spans

    def _edit(self, one: PresetDiff) -> Line:
        """`preset file  A → C  +12 −3 lines   f shows them`"""
        ink, (more, less) = self.ink, counted(one)
        return line(
            ("preset file  ", ink.ink("dim")),
            (f"{one.before} → {', '.join(one.after)}", ink.ink("text", bold=True)),
            (f"  +{more} −{less} lines   ", ink.ink("text")),
            ("f", ink.ink("bright")),
            (" shows them", ink.ink("dim")),
        )


def edited(diffs: Sequence[PresetDiff]) -> list[PresetDiff]:
    """Those of one preset that was edited; of another preset hardly a line is the same, so counting them says nothing."""
    return [one for one in diffs if one.edited]


def counted(one: PresetDiff) -> tuple[int, int]:
    """Lines that came and lines that went."""
    lines = [text[:1] for text in one.lines if not text.startswith(("+++", "---"))]
    return lines.count("+"), lines.count("-")
