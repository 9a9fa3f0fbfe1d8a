"""What a run obeys: requests in the imperative, flat, frozen and made of JSON types. Knows nothing of ours."""

from __future__ import annotations

from dataclasses import dataclass
from typing import get_args


@dataclass(frozen=True, slots=True)
class Pause:
    """Hold after the batch in hand; keep everything."""


@dataclass(frozen=True, slots=True)
class Continue:
    """Go on after a pause."""


@dataclass(frozen=True, slots=True)
class Step:
    """Learn from one batch, then pause."""


@dataclass(frozen=True, slots=True)
class SetLearningRate:
    """Use this rate from the next batch on; a schedule goes on from it in proportion."""

    lr: float


@dataclass(frozen=True, slots=True)
class ScaleLearningRate:
    """Multiply the rate from the next batch on."""

    factor: float


@dataclass(frozen=True, slots=True)
class Set:
    """Use this value from the next batch on, of a setting that can be changed while a run trains (see `steering`)."""

    name: str
    value: float
    """Whole where the setting is."""


@dataclass(frozen=True, slots=True)
class FinishEpoch:
    """Learn to the end of this epoch, then pause."""


@dataclass(frozen=True, slots=True)
class Evaluate:
    """Try the validation split now, then go on."""


@dataclass(frozen=True, slots=True)
class Save:
    """Write `last.pt` now, then go on."""


@dataclass(frozen=True, slots=True)
class FitBatch:
    """After there was not enough memory: go on with the largest batch that fits."""

    scale_lr: bool = False
    """Whether the rate becomes smaller in proportion."""


@dataclass(frozen=True, slots=True)
class HandOver:
    """Write `last.pt` at once and let go of the run without ending it: another process goes on with it."""


@dataclass(frozen=True, slots=True)
class Stop:
    """Finish the batch, evaluate, save the weights, end."""


@dataclass(frozen=True, slots=True)
class StopAt:
    """Stop, as `Stop` does, as soon as so much of the budget is used: exactly there, however long the run was to be."""

    unit: str
    """`epochs`, `steps` or `seconds`."""
    amount: float
    """0 takes it back."""


@dataclass(frozen=True, slots=True)
class Abandon:
    """End now; the last checkpoint stays."""


Command = (
    Pause
    | Continue
    | Step
    | FinishEpoch
    | SetLearningRate
    | ScaleLearningRate
    | Set
    | Evaluate
    | Save
    | FitBatch
    | HandOver
    | Stop
    | StopAt
    | Abandon
)

COMMANDS: dict[str, type[Command]] = {kind.__name__: kind for kind in get_args(Command)}
