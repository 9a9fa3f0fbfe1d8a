"""What a sweep is: runs by their labels, each with its settings and with what a source published of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tui_trainer import config
from tui_trainer.config import OWN

MOST = 1000
"""Runs of one sweep."""


class SweepError(ValueError):
    """A sweep that is not there or cannot be used: one sentence for a person."""

    def __init__(self, text: str, field: str = "") -> None:
        """`field`: the setting that is to blame, where there is one, as in `lr` or `knobs.width`."""
        super().__init__(text)
        self.field = field


@dataclass(frozen=True, slots=True)
class Published:
    """What a source says that a run came to. Shares go from 0 to 1."""

    test_accuracy: float | None = None
    val_accuracy: float | None = None
    """After the last epoch."""
    best_val_accuracy: float | None = None
    target: float | None = None
    """A validation accuracy that the source asks for."""
    at_most: bool = False
    """Whether the accuracies are bounds that nothing measured may pass."""
    loss: float | None = None
    """Of the last batch that was learned from."""
    classes: Mapping[str, float] = field(default_factory=dict)
    """Share of each class that was found in the test."""
    parameters: Mapping[str, float] = field(default_factory=dict)
    """At the end, by name."""
    steps: tuple[float, ...] = ()
    """What every parameter is after each step; nan where the source does not tell."""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """One run of a sweep."""

    label: str
    settings: Mapping[str, object]
    """As `config.read` takes them, `knobs` and `data` among them."""
    published: Published = field(default_factory=Published)
    seeds: tuple[int, ...] = ()
    """Those of its runs, where they are named."""


@dataclass(frozen=True, slots=True)
class Sweep:
    """One sweep file as lists show it, and as a queue runs it."""

    name: str
    path: Path
    """Its file; of one from lists that was never kept, the current folder stands for none."""
    about: str = ""
    source: str = ""
    note: str = ""
    """What whoever repeats it should know: what the source leaves open."""
    entries: tuple[Entry, ...] = ()
    problem: str = ""
    """What is wrong with the file and where; empty when it can be used."""
    yours: bool = False
    """Whether it is the user's own, and not shipped."""

    @property
    def datasets(self) -> tuple[str, ...]:
        """What its runs learn from, in their order."""
        return tuple(dict.fromkeys(str(entry.settings["dataset"]) for entry in self.entries if "dataset" in entry.settings))


class Wrong(Exception):
    """Something in a sweep file that cannot be used: the key, and what would be right."""

    def __init__(self, key: str, text: str) -> None:
        super().__init__(f"{key}: {text}")


def label_of(label: str, settings: Mapping[str, object]) -> str:
    """What a run is called: its own label, then the settings that differ, as in `lr 0.1, width 64`."""
    words = [label] if label else []
    for name, value in settings.items():
        own = value.items() if name in OWN and isinstance(value, Mapping) else [(name, value)]
        words += [_said(str(key), shown) for key, shown in own]
    return ", ".join(words) or "as it is"


def _said(name: str, value: object) -> str:
    """`lr 0.1`; a preset and a dataset say themselves what they are."""
    text = ("yes" if value else "no") if isinstance(value, bool) else f"{value:g}" if isinstance(value, float) else str(value)
    if isinstance(value, float) and float(text) != value:
        text = repr(value)  # two values that are close are two settings all the same
    return text if name in {"preset", "dataset"} else f"{name} {text}"


def laid(under: Mapping[str, object], over: Mapping[str, object]) -> dict[str, object]:
    """`over` laid on `under`, knob by knob."""
    laid = config.overlay(under, over)
    for name in OWN:
        below, above = under.get(name), over.get(name)
        if isinstance(below, Mapping) and isinstance(above, Mapping):
            laid[name] = {**below, **above}
    return laid
