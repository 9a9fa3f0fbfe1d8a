"""What a run obeys: requests in the imperative, flat, frozen and made of JSON types. Knows nothing of ours."""

from __future__ import annotations

from dataclasses import dataclass


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
class Stop:
    """Finish the batch, evaluate, save the weights, end."""


@dataclass(frozen=True, slots=True)
class Abandon:
    """End now; the last checkpoint stays."""


Command = Pause | Continue | Step | SetLearningRate | ScaleLearningRate | Stop | Abandon

COMMANDS: dict[str, type[Command]] = {
    kind.__name__: kind for kind in (Pause, Continue, Step, SetLearningRate, ScaleLearningRate, Stop, Abandon)
}
