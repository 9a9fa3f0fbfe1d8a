"""What a trial before a run tells of a config: shown beside the form and forgotten, never in a log."""

from __future__ import annotations

from dataclasses import dataclass

from tui_trainer.events import Layer


@dataclass(frozen=True, slots=True)
class Measured:
    """The figures of one config; `problem` alone where it could not be tried."""

    key: object = None
    """The config it was measured for."""
    parameters: int = 0
    multiply_adds: int = 0
    """For one picture, forward."""
    weight_bytes: int = 0
    memory: int = 0
    """Bytes that training needs at its peak, beyond torch itself: an estimate."""
    memory_free: int = 0
    """Bytes free on the device; 0 when the system does not tell."""
    steps_per_epoch: int = 0
    samples_per_second: float = 0.0
    """Of training, without evaluation."""
    epoch_seconds: float = 0.0
    """One epoch with its evaluation."""
    layers: tuple[Layer, ...] = ()
    input_shape: tuple[int, ...] = ()
    device: str = ""
    device_name: str = ""
    threads: int = 0
    precision: str = ""
    train_size: int = 0
    val_size: int = 0
    test_size: int = 0
    batches: int = 0
    """How many batches were timed."""
    notes: tuple[str, ...] = ()
    """What a person should know before the start, a sentence each."""
    problem: str = ""
    """Why it could not be measured, in one sentence; the other fields are then empty."""
