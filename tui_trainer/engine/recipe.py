"""All that the losses of a run follow from, as a script needs it."""

from __future__ import annotations

from dataclasses import dataclass

from tui_trainer.config import Config


@dataclass(frozen=True, slots=True)
class Change:
    """Something that became otherwise while the run trained."""

    step: int
    """The first that it counts for."""
    name: str
    """A setting; `threads`; `planned`, steps over which the rest of the schedule is spread; or `budget`, steps of a new plan."""
    old: float
    new: float


@dataclass(frozen=True, slots=True)
class Recipe:
    """All that the losses of a run follow from."""

    config: Config
    """As it began."""
    steps: int
    """That were made."""
    planned: int
    """By the schedule, at first; 0 when the budget is in seconds."""
    threads: int
    bf16: bool
    changes: tuple[Change, ...]
    title: str
    """What stands at the top of the script, a few sentences."""
