"""What a run reports: facts in the past tense, flat, frozen and made of JSON types. Knows nothing of ours.

Times are seconds on the run's own monotonic clock, counted from the moment its first batch was ready, and never
running while the run is paused. Steps and epochs count from 1; a step is one batch learned from. A new field needs
a default, so that older logs can still be read.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple, get_args


class Layer(NamedTuple):
    """One layer that was run by a forward pass of one picture."""

    name: str
    """Shown name: `conv1`, `pool1`, `dense2`."""
    kind: str
    """Class name: `Conv2d`."""
    shape: tuple[int, ...]
    """Shape of the output without the batch: (32, 8, 8)."""
    parameters: int
    """Own parameters, trained or not."""
    multiply_adds: int = 0
    """For one picture, forward."""


@dataclass(frozen=True, slots=True)
class Preparing:
    """A phase before the first step began or moved on: `what` is a participle phrase, such as `loading torch`."""

    what: str
    done: int = 0
    total: int = 0
    """0 when it is not known how much there is."""


@dataclass(frozen=True, slots=True)
class Hosted:
    """A process took the run to train it; from here on it holds the lock of the record."""

    pid: int
    host: str = ""
    version: str = ""
    time: float = 0.0
    """Seconds since 1970."""
    locked: bool = True
    """False where the file system has no locks: nobody can tell then whether another process trains the run as well."""


@dataclass(frozen=True, slots=True)
class RunStarted:
    """Everything is in place; the next thing to happen is the first batch."""

    config: dict[str, object]
    device: str
    """As torch names it: `cpu`, `cuda:0`."""
    device_name: str
    threads: int
    precision: str
    """`fp32` or `bf16`: what is really used."""
    parameters: int
    layers: tuple[Layer, ...]
    input_shape: tuple[int, ...]
    classes: tuple[str, ...]
    train_size: int
    val_size: int
    test_size: int
    steps_per_epoch: int
    steps: int
    """Planned steps; 0 when the budget is in seconds."""
    pid: int = 0
    host: str = ""
    version: str = ""
    torch: str = ""
    time: float = 0.0
    """Seconds since 1970 at which the run started."""
    task: str = "classification"
    """Or `regression`: then `classes` is empty, and what counts is the loss."""
    streamed: bool = False
    """Whether the samples stay in a file and are read batch by batch, because they do not fit into memory."""

    def __post_init__(self) -> None:
        layers = tuple(Layer(row[0], row[1], tuple(row[2]), *row[3:]) for row in self.layers)
        object.__setattr__(self, "layers", layers)


@dataclass(frozen=True, slots=True)
class RunResumed:
    """The run goes on from a checkpoint. Whatever the record says of later steps did not happen: a reader drops it."""

    step: int
    """The last one that counts; 0 where the run begins again."""
    epoch: int
    """The one that this step belongs to."""
    seconds: float
    """On the run's clock, which goes on from there."""
    evaluated: bool = False
    """Whether validations at this very step count; otherwise they are made again."""
    paused: bool = False
    """Whether it was paused when it was left, and is again."""
    checkpoint: str = "last.pt"
    steps: int = 0
    """Planned steps by now; 0 when the budget is in seconds."""
    steps_per_epoch: int = 0
    config: dict[str, object] = field(default_factory=dict)
    """The settings by now: with what a person changed, and with a longer budget."""
    device: str = ""
    device_name: str = ""
    threads: int = 0
    precision: str = ""


@dataclass(frozen=True, slots=True)
class Stepped:
    """Some batches were learned from: every loss since the last report, oldest first."""

    step: int
    """The last of them; the first is `step - len(losses) + 1`."""
    epoch: int
    """The epoch they belong to; a report never spans two."""
    losses: tuple[float, ...]
    correct: int
    """Samples classified rightly in these batches, before each was learned from."""
    seen: int
    """Samples in these batches."""
    lr: float
    """Learning rate of the last of them."""
    seconds: float


@dataclass(frozen=True, slots=True)
class Evaluated:
    """The model was tried on samples that it does not learn from."""

    step: int
    epoch: int
    """Epochs completed; a part of one counts as begun."""
    split: str
    """`val` or `test`."""
    loss: float
    """The same function as in training, label smoothing included: both stand on one axis."""
    accuracy: float | None
    """Share from 0 to 1; None for regression."""
    confusion: tuple[tuple[int, ...], ...]
    """Counts, [true][taken for]; empty for regression."""
    seconds: float
    took: float
    """Seconds of the evaluation itself."""
    best: bool = False
    """Best validation so far; always False for `test`."""
    epoch_took: float = 0.0
    """Training seconds of the epoch just finished, 0 when none was."""
    mae: float | None = None
    """Of regression: mean absolute error, in the units of the targets."""
    r2: float | None = None
    """Of regression: coefficient of determination, 1 at best; None where the targets are all equal."""


@dataclass(frozen=True, slots=True)
class Probed:
    """A look into the model or its data: small integers from 0 to 255."""

    step: int
    epoch: int
    probe: str
    """`mistakes`: the wrong answers of the last evaluation that were given with most confidence.
    `regions`: of samples with two values, the class given to each point of the plane.
    `curve`: of samples with one value, what the net predicts over their range.
    `parameters`: every parameter of a net with at most twenty."""
    shape: tuple[int, ...]
    """`mistakes`: (pictures, channels, height, width); `regions`: (rows, columns), the lowest row first; else empty."""
    data: str
    """The integers, row-major, as base64; empty for `curve` and `parameters`."""
    facts: dict[str, tuple[float, ...]] = field(default_factory=dict)
    """`mistakes`: `index`, `true`, `taken_for`, `confidence`, one number a picture. `regions`: `x` and `y`, from and to;
    `points_x`, `points_y`, `points_class` of some training samples. `curve`: `x` and `predicted`, rising in x, and
    `samples_x`, `samples_y` of some training samples. `parameters`: by the parameter's name its value, and its gradient
    at that step; `weight[0,1]` where a tensor holds several."""


@dataclass(frozen=True, slots=True)
class Timed:
    """Where the time of a step goes: milliseconds a batch, measured on a few batches now and then."""

    step: int
    data: float
    forward: float
    backward: float
    update: float


@dataclass(frozen=True, slots=True)
class LearningRateChanged:
    """A person changed the learning rate; `step` is the first that used the new one."""

    step: int
    old: float
    new: float
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class SettingChanged:
    """A person changed a setting other than the learning rate; `step` is the first that used the new value."""

    step: int
    name: str
    """Of `steering.STEERABLE`: `momentum`, `weight_decay`, `label_smoothing`, `batch_size`, `clip`."""
    old: float
    new: float
    seconds: float = 0.0
    steps: int = 0
    """Planned steps by now, which another batch size changes; 0 when the budget is in seconds."""
    steps_per_epoch: int = 0
    """Of a whole epoch with the settings by now."""


@dataclass(frozen=True, slots=True)
class OutOfMemory:
    """A batch did not fit into the memory of the device. Nothing was learned from it; the run is as it was before it."""

    step: int
    """The last one that was learned from."""
    batch_size: int
    fits: int
    """The largest batch that was found to fit, by halving; 0 where none does."""
    asked: int = 0
    """Bytes that could not be had; 0 where that is not known."""
    free: int = 0
    """Bytes that were free then; 0 where that is not known."""
    waiting: bool = False
    """Whether the run holds until somebody decides (`FitBatch`, `Set` of a batch size, `Stop`, `Abandon`)."""
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class HandedOver:
    """The run was saved and let go of, for another process to go on with. Not an end."""

    step: int
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class ThreadsChanged:
    """The governor found another number of CPU threads faster."""

    step: int
    """The first with the new number."""
    old: int
    new: int
    samples_per_second: float = 0.0
    """Measured with the new number."""
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Paused:
    step: int
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Continued:
    step: int
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Stopping:
    """A stop was heard: the batch is done, an evaluation and a checkpoint follow."""

    step: int


@dataclass(frozen=True, slots=True)
class CheckpointSaved:
    step: int
    epoch: int
    best: bool
    """Whether this is `best.pt`; otherwise it is `last.pt`."""
    bytes: int = 0
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Noted:
    """Something worth a line in the notes."""

    level: str
    """`info` or `warning`."""
    text: str
    step: int = 0


@dataclass(frozen=True, slots=True)
class RunEnded:
    """The last event of a run. It sums the run up, so that a list of runs need not read the rest."""

    step: int
    epoch: int
    reason: str
    """`finished`, `stopped`, `abandoned`, `diverged` or `failed`."""
    seconds: float
    best_accuracy: float | None = None
    best_epoch: int = 0
    best_loss: float | None = None
    """Validation loss at the best epoch."""
    last_accuracy: float | None = None
    last_loss: float | None = None
    test_accuracy: float | None = None
    test_loss: float | None = None
    samples: int = 0
    parameters: int = 0
    error: str = ""
    """One sentence for a person."""
    traceback: str = ""
    layer: str = ""
    """Of a run that diverged: the first layer that made values which are not finite, where it can be told."""
    suggested_lr: float | None = None
    """Of a run that diverged: a learning rate to try."""
    best_mae: float | None = None
    """Of regression: mean absolute error at the best epoch."""
    best_r2: float | None = None
    last_mae: float | None = None
    last_r2: float | None = None
    test_mae: float | None = None
    test_r2: float | None = None
    curve: tuple[float, ...] = ()
    """Validation losses over the run, at most two dozen, to three digits: enough for a line as high as a letter."""


Event = (
    Preparing
    | Hosted
    | RunStarted
    | RunResumed
    | Stepped
    | Evaluated
    | Probed
    | Timed
    | LearningRateChanged
    | SettingChanged
    | ThreadsChanged
    | Paused
    | Continued
    | Stopping
    | CheckpointSaved
    | OutOfMemory
    | HandedOver
    | Noted
    | RunEnded
)

EVENTS: dict[str, type[Event]] = {kind.__name__: kind for kind in get_args(Event)}
