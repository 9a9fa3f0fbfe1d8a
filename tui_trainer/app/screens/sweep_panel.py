"""The rows of the sheet before a sweep: what it is, a field for each thing that is asked, buttons. Decides nothing."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence

from rich.segment import Segment
from textual.app import ComposeResult
from textual.geometry import Region

from tui_trainer import units
from tui_trainer.app.screens.tab import put
from tui_trainer.app.sweep_plan import ONE_BY_ONE, RACE, Typed
from tui_trainer.app.widgets.button import PushButton
from tui_trainer.app.widgets.choice import ChoiceField
from tui_trainer.app.widgets.fields import Option, brief
from tui_trainer.app.widgets.rows import Line, Rows, clipped, fitted, line
from tui_trainer.app.widgets.textfield import TextField
from tui_trainer.sweeps import Sweep

MARGIN = 2
LABEL = 10
FIELD = 18
WIDE = 44
"""Columns of a field that holds a path."""
MOST_RUNS = 2
"""Rows for the names of the runs."""
LABELS = {
    "dataset": "dataset",
    "way": "how",
    "seeds": "seeds",
    "parallel": "at once",
    "halving": "halving",
    "keep": "keep as",
    "budget": "budget",
}
NOTES = {
    "dataset": "folder:PATH takes its place",
    "way": "race: side by side, taking turns; 2 to 4 settings",
    "seeds": "runs of each setting; 3 give a mean and a spread",
    "halving": "the worse half is stopped on the way",
    "keep": "a name makes it a file of yours",
}
WAYS = (
    Option(ONE_BY_ONE, "each run to its end, then the next"),
    Option(RACE, "side by side in the same time, taking turns on one device"),
)
HALVING = (Option("no", "every run gets its whole budget"), Option("yes", "the worse half is stopped at each rung"))


class SweepPanel(Rows):
    """Words, fields, and buttons under them."""

    DEFAULT_CSS = """
    SweepPanel TextField { background: $lift; }
    """

    def __init__(self, sweep: Sweep, typed: Typed, *, of_lists: bool) -> None:
        """`of_lists`: a sweep of what stands in the form, which has its dataset there and can be kept as a file."""
        super().__init__(id="sheet")
        self.sweep, self._of_lists = sweep, of_lists
        self.runs = len(sweep.entries)
        self.state, self.problem = "", ""
        self.notes: Mapping[str, str] = {}
        self.wrong: Mapping[str, str] = {}
        self.fields: dict[str, TextField | ChoiceField] = {
            "dataset": TextField("dataset", typed.dataset, path=True),
            "way": ChoiceField("way", WAYS, typed.way),
            "seeds": TextField("seeds", typed.seeds),
            "parallel": TextField("parallel", typed.parallel),
            "halving": ChoiceField("halving", HALVING, typed.halving),
            "keep": TextField("keep", typed.keep),
            "budget": TextField("budget", typed.budget),
        }
        for one in self.fields.values():
            if isinstance(one, ChoiceField):
                one.block = "lift"
        dataset = self.fields["dataset"]
        assert isinstance(dataset, TextField)
        dataset.placeholder = "as in the sweep"
        self.start = PushButton("start", "Start", first=True)
        self.over = PushButton("again", "", first=True)
        self.cancel = PushButton("cancel", "Cancel", first=True)

    def compose(self) -> ComposeResult:
        yield from self.fields.values()
        yield from (self.start, self.over, self.cancel)

    def on_mount(self) -> None:
        for child in self.children:
            child.styles.position = "absolute"
        super().on_mount()

    @property
    def typed(self) -> Typed:
        """What stands in the fields."""
        return Typed(**{name: one.value.strip() for name, one in self.fields.items()})

    @property
    def asked(self) -> Sequence[str]:
        """The fields that mean something now."""
        own = () if self._of_lists else ("dataset",)
        if self.fields["way"].value == RACE:
            return (*own, "way", "budget")
        return (*own, "way", "seeds", "parallel", "halving", *(("keep",) if self._of_lists else ()))

    def told(self, width: int) -> list[tuple[str, str]]:
        """Rows above the fields: a label and its words."""
        room = max(width - 2 * MARGIN - LABEL, 20)
        words = " · ".join(units.plain(entry.label).replace(" ", "\xa0") for entry in self.sweep.entries[:100])
        names = [one.replace("\xa0", " ") for one in textwrap.wrap(words, room)]
        if len(names) > MOST_RUNS:
            names = [*names[: MOST_RUNS - 1], names[MOST_RUNS - 1][: room - 2] + " …"]
        source = [("from", one) for one in textwrap.wrap(units.plain(self.sweep.source), room)[:1]]
        return [*source, *(("" if at else "settings", one) for at, one in enumerate(names))]

    def rows(self, width: int) -> int:
        """With the rule, title, state, buttons, and blanks between."""
        return len(self.told(width)) + len(self.asked) + 7

    def lines(self, width: int, height: int) -> list[Line]:
        ink = self.ink
        ground, dim, text = ink.ink(on="raised"), ink.ink("dim", on="raised"), ink.ink("text", on="raised")
        room = width - 2 * MARGIN
        runs = f"{units.count(self.runs)} run{'s' * (self.runs != 1)}"
        name = runs if self._of_lists else f"{units.plain(self.sweep.name)}, {runs}"
        title = f"{'Race' if self.fields['way'].value == RACE else 'Sweep'} {name}"
        about = clipped(units.plain(self.sweep.about), room - len(title) - 3)
        rows: list[Line] = [line((title, ink.ink("bright", on="raised")), ("   " + about, text)), []]
        rows += [line((f"{label:<{LABEL}}", dim), (clipped(words, room - LABEL), text)) for label, words in self.told(width)]
        rows += [self._row(key, room) for key in self.asked]
        said, colour = (f"✕ {self.problem}", "worse") if self.problem else (self.state, "dim")
        rows.append(line((" " * LABEL, ground), (_fitting(said, room - LABEL), ink.ink(colour, on="raised"))))
        lines = [[Segment(" " * MARGIN, ground), *one] for one in rows]
        return [
            line(("━" * width, ink.ink("you"))),
            *(fitted(one, width, ground) for one in [*lines, *([[]] * (height - len(lines) - 1))]),
        ]

    def _row(self, key: str, room: int) -> Line:
        """A label, and beside its field what that does or what is wrong with it."""
        ink = self.ink
        used = LABEL + (WIDE if key == "dataset" else FIELD) + 2
        wrong = self.wrong.get(key, "")
        said = f"✕ {wrong}" if wrong else self.notes.get(key) or NOTES.get(key, "")
        colour = ink.ink("worse" if wrong else "dim", on="raised")
        return line((f"{LABELS[key]:<{used}}", ink.ink("dim", on="raised")), (_fitting(said, max(room - used, 0)), colour))

    def arrange_fields(self, width: int) -> None:
        """Each field on its row, the buttons on theirs."""
        y, x = 3 + len(self.told(width)), MARGIN + LABEL
        for key, one in self.fields.items():
            at = self.asked.index(key) if key in self.asked else None
            size = min(WIDE if key == "dataset" else FIELD, width - x - MARGIN)
            put(one, Region(x, y + at, size, 1) if at is not None else None)
        y += len(self.asked) + 2
        for button, size in ((self.start, 14), (self.over, 14), (self.cancel, 12)):
            shown = button is not self.over or self.over.label != ""
            put(button, Region(x, y, size, 1) if shown else None)
            x += size + 2 if shown else 0


def _fitting(text: str, width: int) -> str:
    """Whole clauses where that leaves enough of it, else cut."""
    plain = units.plain(text)
    short = brief(plain, width)
    return short if 2 * len(short) >= min(len(plain), width) else clipped(plain, width)
