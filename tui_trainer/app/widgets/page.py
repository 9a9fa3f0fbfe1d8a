"""Which rows the form has and what each says: worked out from the draft, without a widget."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from tui_trainer import units
from tui_trainer.app.widgets.draft import Draft
from tui_trainer.app.widgets.fields import FURTHER, GROUPS, Option
from tui_trainer.app.widgets.several import HINT, HINT_BESIDE, values
from tui_trainer.app.widgets.sheet import WIDE, Row
from tui_trainer.measured import Measured

START, EDIT, MORE = "start", "edit", "more"
STARTS = "Enter, from any field"


@dataclass
class Saying:
    """What besides the draft decides how the form looks."""

    wrong: Mapping[str, str] = field(default_factory=dict)
    """Problems by the key of their field."""
    resolved: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    """What `auto` means, and a sentence on it, by key."""
    focused: str = ""
    unfolded: bool = False
    locked: bool = False
    roomy: bool = False
    """Whether a setting's whole sentence fits."""
    footed: bool = False
    """Whether sentences stand at the foot of the form."""
    rate: str = ""
    """The learning rate that a live run has now."""
    runs: int = 1
    """How many runs the form stands for."""
    makes: str = ""
    """What makes them so many: `3 presets × 2 rates`."""

    @property
    def start(self) -> str:
        """What Start says: of a sweep something is asked first."""
        return "Sweep …" if self.makes else "Start"


def order(draft: Draft) -> list[str]:
    """Keys of everything that can have the focus, in the order of Tab."""
    first, *others = GROUPS
    keys = [*first, *draft.of_dataset, *(key for group in others for key in group)]
    return [*keys, MORE, *FURTHER, *draft.knobs, START, EDIT]


def rows(draft: Draft, saying: Saying) -> list[Row]:
    """All rows of the page, with every blank one."""
    page = [Row(loose=2)]
    for group in GROUPS:
        own = draft.of_dataset if "dataset" in group else []
        page += [*(_row(draft, saying, key) for key in (*group, *own)), Row(loose=3)]
    page.pop()
    if not saying.locked:
        note = "" if saying.unfolded else "momentum, decay, threads, …"
        page.append(Row(MORE, "more", note, focused=saying.focused == MORE))
        page += [_row(draft, saying, key) for key in FURTHER if saying.unfolded]
    if draft.knobs:
        whose = f"{draft.named[0].name}'s own knobs" if len(draft.named) == 1 else "knobs that all of them have"
        page += [Row(label=whose), *(_row(draft, saying, key) for key in draft.knobs)]
    if saying.locked:
        return [row for row in page if row.key]
    waits = waits_for(draft, saying.wrong)
    count = f"{units.count(saying.runs)} run{'s' * (saying.runs != 1)}"
    width = len(edit_label(draft)) + 2
    fits = width <= WIDE.note - WIDE.field - 1
    makes = f"{count}: {saying.makes}" if saying.makes else HINT if saying.footed else STARTS if fits else HINT_BESIDE
    start = Row(START, note=waits or makes, wrong=bool(waits))
    edit = Row(EDIT, note=HINT_BESIDE if fits else "", width=width)
    return [*page, Row(loose=4), start, Row(loose=5), edit]


def _row(draft: Draft, saying: Saying, key: str) -> Row:
    one, text = draft.field(key), draft.text(key)
    wrong = saying.wrong.get(key, "")
    option = one.option(text)
    if one.several and text in {"", "none"}:
        option = Option(text, "pictures as they are")
    about = saying.resolved[key][1] if text == "auto" and key in saying.resolved else ""
    about = about or (option.about if option else "")
    if draft.listed(key):
        about = f"{len(values(text))} values"
    elif draft.differs(key):
        about = "as each preset has it"
    note = wrong or about or (one.help if saying.roomy else one.short)
    value = saying.rate if key == "lr" and saying.rate else text
    return Row(key, one.label, note, bool(wrong), saying.focused == key, value)


def resolved(measured: Measured) -> dict[str, tuple[str, str]]:
    """What `auto` means on this machine, and a sentence on it, by key."""
    if measured.problem or not measured.device:
        return {}
    threads = f"{measured.threads} thread{'s' if measured.threads != 1 else ''}"
    about = threads if measured.device == "cpu" else measured.device_name
    return {"device": (measured.device, about), "precision": (measured.precision, "")}


def edit_label(draft: Draft) -> str:
    return f"Edit {draft.preset.name if draft.preset else draft.preset_name}.py"


def waits_for(draft: Draft, wrong: Mapping[str, str]) -> str:
    """Why a run cannot start, in one sentence; empty when it can."""
    if not wrong:
        return ""
    key = next((one for one in order(draft) if one in wrong), "")
    if not key:
        return "; ".join(f"{name}: {text}" for name, text in wrong.items())
    one = draft.field(key)
    option = one.option(draft.text(key))
    if option and option.problem:
        return f"{option.value} cannot be used"
    more = len(wrong) - 1
    return f"{one.label} needs {one.noun} first" + (f", {more} more" if more else "")
