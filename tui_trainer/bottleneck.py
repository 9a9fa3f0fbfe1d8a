"""What a bench measured, and what follows from it: where a step's time goes, what holds it up, and what would help.

Nothing is measured here and nothing is guessed: each piece of advice appears only where its figure is there and says so.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import NamedTuple

from tui_trainer import units

PARTS = ("input", "forward", "backward", "optimizer", "report")
SPENT = {
    "input": "reading and changing the inputs",
    "forward": "the forward pass",
    "backward": "the backward pass",
    "optimizer": "the optimizer's step",
    "report": "reporting to the record and the screen",
}
HELPS = {"batch": 1.15, "precision": 1.1, "threads": 1.1, "order": 1.05}
"""How many times faster a trial has to be before it is worth a word: less may be chance."""
COMPUTING = ("convolutions", "dense layers", "attention")
"""Kinds of operations that multiply; all others do little but read and write."""
MOSTLY = 0.5
"""Share of the time of forward and backward from which a kind of work stands for all of it."""
REACHED = 0.2
"""Share of the machine's best that operations which multiply reach where multiplying is what they wait for."""
SMALL_CALL = 0.03
"""Milliseconds of an operation, below which it is the call that costs."""
SMALL_BATCH = 8
LARGE_SIDE = 16
"""Pixels; a smaller picture has nothing to spare."""
MUCH_INPUT, MUCH_REPORT, MUCH_FIRST, MUCH_KIND = 0.25, 0.03, 0.3, 0.25


class Loop(NamedTuple):
    """One of the two loops, as it was measured."""

    speed: float
    """Samples a second, median of the rounds."""
    step: float
    """Milliseconds a step, from first to last."""
    parts: Mapping[str, float]
    """Milliseconds of a step by part, as far as they were told apart."""


class Trial(NamedTuple):
    """The same run with one thing changed, for a moment, by turns with the run as it is."""

    what: str
    """`batch`, `precision`, `threads` or `order`."""
    value: str
    factor: float
    """How many times as many samples a second, median of a few rounds."""
    least: float
    """In the round in which it was least."""


class Box(NamedTuple):
    """What this machine can do at its best with these threads and this number format."""

    flops: float
    """Floating point operations a second, of the kind that the net is made of."""
    bytes: float
    """Read and written a second, in pieces as large as the layers' outputs."""
    kind: str = "matrix products"


@dataclass(frozen=True, slots=True)
class Work:
    """What a step of this net consists of, counted and timed on a few batches."""

    flops: float = 0.0
    """Floating point operations of a step, forward and backward."""
    bytes: float = 0.0
    """What all operations of a step read and write."""
    calls: int = 0
    """Operations of a step."""
    shares: Mapping[str, float] = field(default_factory=dict)
    """Of the time of forward and backward, by kind of operation, largest first."""
    relu_first: int = 0
    """How often a ReLU is followed by a max pooling."""
    first_share: float = 0.0
    """Of the time, what convolutions on the picture itself take."""
    softmax: bool = False
    """Whether the net ends in a softmax and learns by cross entropy, which takes another."""


@dataclass(frozen=True, slots=True)
class Benched:
    """One bench: our engine and the tutorial's loop, same preset, data, batch and first weights, by turns."""

    preset: str
    dataset: str
    device: str
    device_name: str
    threads: int
    """Of ours; `tutorial_threads` of theirs."""
    tutorial_threads: int
    precision: str
    batch_size: int
    shape: tuple[int, ...]
    changes: tuple[str, ...]
    ours: Loop
    tutorial: Loop
    ratio: float
    """Median over the rounds of ours to theirs."""
    quartiles: tuple[float, float]
    rounds: int
    repeated: int
    """Slices that were measured again because others used the machine."""
    noisy: int
    """Slices that were kept although they did."""
    others: float
    """Cores that others used, the most in any slice."""
    work: Work
    box: Box
    losses: tuple[float, float] | None = None
    """Mean training loss of both over the same steps; None where it cannot be compared."""
    allowed: float = 0.0
    """How far these may be apart by chance."""
    steps: int = 0
    """Up to which step."""
    trials: tuple[Trial, ...] = ()
    streamed: bool = False
    notes: tuple[str, ...] = ()

    def as_json(self) -> dict[str, object]:
        """Every figure, and the words that follow from them."""
        return asdict(self) | {
            "ours": self.ours._asdict(),
            "tutorial": self.tutorial._asdict(),
            "box": self.box._asdict(),
            "trials": [one._asdict() for one in self.trials],
            "same_recipe": same_recipe(self),
            "bottleneck": {"part": largest(self), "bound": bound(self), "words": bottleneck(self)},
            "advice": list(advice(self)),
        }


def share(found: Benched, part: str) -> float:
    """Of the time of our step."""
    return found.ours.parts.get(part, 0.0) / (sum(found.ours.parts.values()) or 1.0)


def largest(found: Benched) -> str:
    """The part of our step that takes most, screen and record being `report`."""
    return max(PARTS, key=lambda part: share(found, part))


def bound(found: Benched) -> str:
    """What forward and backward wait for: `compute`, `memory`, or `calls` where the operations are too small for either."""
    if busy(found) < SMALL_CALL * found.work.calls:
        return "calls"
    computing = sum(found.work.shares.get(kind, 0.0) for kind in COMPUTING)
    at_work = arithmetic(found) >= REACHED * computing * busy(found)
    return "compute" if computing >= MOSTLY and at_work else "memory"


def busy(found: Benched) -> float:
    """Milliseconds of forward and backward in a step."""
    return found.ours.parts.get("forward", 0.0) + found.ours.parts.get("backward", 0.0)


def arithmetic(found: Benched) -> float:
    """Milliseconds that a step's arithmetic would take at the machine's best."""
    return 1e3 * found.work.flops / found.box.flops if found.box.flops else 0.0


def moving(found: Benched) -> float:
    """Milliseconds that it would take to move what a step's operations read and write."""
    return 1e3 * found.work.bytes / found.box.bytes if found.box.bytes else 0.0


def bottleneck(found: Benched) -> str:
    """What holds our step up, in words."""
    part = largest(found)
    first = f"{SPENT[part]}, {units.percent(share(found, part))} of a step"
    if part not in {"forward", "backward"}:
        return f"{first}."
    return f"{first}. {BOUND[bound(found)].format(calls=units.count(found.work.calls))}: {_compared(found)}"


BOUND = {
    "compute": "Forward and backward are compute-bound",
    "memory": "Forward and backward are memory-bound, most of their time goes into moving values and not into arithmetic",
    "calls": "Forward and backward are neither compute- nor memory-bound but spend their time on {calls} small operations a step",
}


def _compared(found: Benched) -> str:
    best, moved = units.short_count(found.box.flops), units.size(found.box.bytes)
    reached = units.short_count(1e3 * found.work.flops / busy(found)) if busy(found) else units.UNKNOWN
    return (
        f"of their {_ms(busy(found))} the arithmetic would take {_ms(arithmetic(found))} at this machine's best "
        f"({best}FLOP/s in {found.box.kind}; reached {reached}FLOP/s), and copying as much as goes in and out of the operations "
        f"{_ms(moving(found))} ({moved}/s)."
    )


def _ms(value: float) -> str:
    """0.031 ms: with two digits that count, however short."""
    return units.milliseconds(value) if value >= 10 else f"{value:.2g} ms"


def same_recipe(found: Benched) -> bool | None:
    """Whether both learned alike, within chance; None where that cannot be told."""
    return None if found.losses is None else abs(found.losses[0] - found.losses[1]) <= found.allowed


def is_noisy(found: Benched) -> bool:
    """Whether others used the machine in half of all slices or more: then the figures are those of a busy machine."""
    return found.noisy >= found.rounds


def advice(found: Benched) -> tuple[str, ...]:
    """What would help, the most first; empty where nothing was found that would."""
    tried = sorted((one for one in found.trials if one.factor >= HELPS[one.what] and one.least > 1), key=lambda one: -one.factor)
    return tuple(_of_trial(one, found) for one in tried) + _seen(found)


def _of_trial(one: Trial, found: Benched) -> str:
    times = f"{one.factor:.2f} times as many samples a second, measured"
    match one.what:
        case "batch":
            small = f"a batch of {found.batch_size} keeps this machine waiting: " if found.batch_size <= SMALL_BATCH else ""
            return f"{small}--batch-size {one.value}: {times}. It is another recipe: the rate mostly has to rise with it"
        case "precision":
            return f"--precision {one.value}: {times}"
        case "threads":
            return f"--threads {one.value}: {times}"
    return f"the ReLU after the max pooling instead of before it: {times}. The result is the same to the last bit"


def _seen(found: Benched) -> tuple[str, ...]:
    """What was detected, without a trial of its own."""
    said: list[str] = []
    if share(found, "input") >= MUCH_INPUT:
        taken = units.percent(share(found, "input"))
        if found.streamed:
            said.append(f"{taken} of a step goes into the input: the samples do not fit into memory and are read batch by batch")
        elif found.changes:
            said.append(f"{taken} of a step goes into the input, with {', '.join(found.changes)}: see what it is without")
    if found.work.first_share >= MUCH_FIRST and min(found.shape[1:], default=0) >= LARGE_SIDE:
        where = units.times(found.shape)
        said.append(
            f"the conv layer on the picture itself ({where}) takes {units.percent(found.work.first_share)} of forward and "
            "backward: few channels at full size use the machine badly; a stride of 2 there, or larger patches, would help"
        )
    if found.work.relu_first and not any(one.what == "order" for one in found.trials):
        said.append("a ReLU stands before a max pooling: behind it, fewer values go through it, and the result is the same")
    if found.work.softmax:
        said.append("the net ends in a softmax and cross entropy takes another: gradients become small; leave the net's own out")
    if share(found, "report") >= MUCH_REPORT:
        said.append(f"reporting takes {units.percent(share(found, 'report'))} of a step: larger batches report less often")
    return tuple(said)
