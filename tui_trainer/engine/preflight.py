"""A trial before the run: what a config costs, measured on a few real batches, without a trace.

Nothing is written but the cache of a dataset, nothing is fetched, and torch's own generator is put back. That generator is
shared by all threads, so a trial must have ended before a run begins in the same process.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from itertools import count
from pathlib import Path
from statistics import median
from typing import Any

import torch
from torch import Tensor

from tui_trainer.config import Config
from tui_trainer.engine import devices
from tui_trainer.engine.augment import Targets
from tui_trainer.engine.data import Say
from tui_trainer.engine.evaluate import AT_ONCE, evaluate
from tui_trainer.engine.prepare import Ready, no_memory, prepare
from tui_trainer.measured import Measured

BATCHES = 8
WARM_UP = 2
MOST_SECONDS = 3.0
"""No further batch is timed after so long: slow nets need fewer."""

Cancelled = Callable[[], bool]


class Cancel(Exception):
    """The trial is not wanted any more."""


def measure(
    config: Config,
    *,
    preset_file: Path,
    datasets_home: Path,
    cancelled: Cancelled = lambda: False,
    say: Say = lambda what, done=0, total=0: None,
) -> Measured:
    """The figures of one config; `problem` holds the sentence when it cannot train. Raises Cancel soon after it is asked to.

    In the place of a dataset that is still to be fetched it takes noise: what the net costs does not hang on it.
    """

    def phase(what: str, done: int = 0, total: int = 0) -> None:
        if cancelled():
            raise Cancel
        say(what, done, total)

    threads = torch.get_num_threads()
    try:
        with torch.random.fork_rng(devices=range(torch.cuda.device_count() if torch.cuda.is_available() else 0)):
            ready = prepare(config, preset_file, datasets_home, phase, fetch=False)
            phase(f"timing {BATCHES} batches")
            return _measured(ready, cancelled)
    except (MemoryError, RuntimeError) as error:
        if reason := no_memory(error, config):
            return Measured(config, problem=str(reason))
        return Measured(config, problem=str(error).partition("\n")[0])
    except ValueError as error:
        return Measured(config, problem=str(error))
    finally:
        torch.set_num_threads(threads)


def _measured(ready: Ready, cancelled: Cancelled) -> Measured:
    activations = _activation_bytes(ready)
    timed = _time_batches(ready, cancelled)
    per_batch = median(timed)
    built, data, config = ready.built, ready.data, ready.config
    return Measured(
        key=config,
        parameters=built.parameters,
        multiply_adds=built.multiply_adds,
        weight_bytes=_bytes(built.net.state_dict()),
        memory=activations + _lasting_bytes(ready),
        memory_free=ready.place.free,
        steps_per_epoch=ready.steps_per_epoch,
        samples_per_second=config.batch_size / per_batch,
        epoch_seconds=per_batch * ready.steps_per_epoch + _validation_seconds(ready),
        layers=built.layers,
        input_shape=data.shape,
        device=ready.place.name,
        device_name=ready.place.label,
        threads=ready.threads,
        precision=ready.precision,
        train_size=len(data.train),
        val_size=len(data.val),
        test_size=len(data.test),
        batches=len(timed),
        notes=tuple(note.text for note in ready.notes),
    )


def _time_batches(ready: Ready, cancelled: Cancelled) -> list[float]:
    """Seconds of some training batches, after a few that only warm up."""
    times: list[float] = []
    began = time.perf_counter()
    for number, (inputs, targets) in enumerate(_batches(ready)):
        if cancelled():
            raise Cancel
        if times and (len(times) == BATCHES or time.perf_counter() - began > MOST_SECONDS):
            break
        started = time.perf_counter()
        _learn(ready, inputs, targets)
        devices.settle(ready.device)
        if number >= WARM_UP:
            times.append(time.perf_counter() - started)
    return times


def _batches(ready: Ready) -> Iterator[tuple[Tensor, Targets]]:
    """Training batches without end: a small dataset is gone through several times."""
    for epoch in count(1):
        yield from ready.data.batches(epoch, ready.config.batch_size)


def _learn(ready: Ready, inputs: Tensor, targets: Targets) -> None:
    with ready.cast():
        outputs = ready.pace.forward(inputs)
    ready.loss(outputs.float(), targets).backward()
    ready.optimizer.step()
    ready.optimizer.zero_grad()


def _validation_seconds(ready: Ready) -> float:
    """How long a validation takes, from one of its batches."""
    some = ready.data.val.first(AT_ONCE)
    started = time.perf_counter()
    evaluate(ready.built.net, ready.data, some, ready.loss, cast=ready.cast)
    return (time.perf_counter() - started) * len(ready.data.val) / len(some)


def _activation_bytes(ready: Ready) -> int:
    """Everything that one forward pass keeps for its backward pass, each piece of memory once, without the weights."""
    weights = {parameter.untyped_storage().data_ptr() for parameter in ready.built.net.parameters()}
    kept: dict[int, int] = {}

    def note(tensor: Tensor) -> Tensor:
        storage = tensor.untyped_storage()
        if storage.data_ptr() not in weights:
            kept[storage.data_ptr()] = storage.nbytes()
        return tensor

    inputs, targets = next(_batches(ready))
    with torch.autograd.graph.saved_tensors_hooks(note, lambda tensor: tensor):
        _learn(ready, inputs, targets)
    return sum(kept.values())


def _lasting_bytes(ready: Ready) -> int:
    """Weights, their gradients, what the optimizer remembers, and the data."""
    weights = _bytes(ready.built.net.state_dict())
    remembered = sum(_bytes(state) for state in getattr(ready.optimizer, "state", {}).values())
    return 2 * weights + remembered + (0 if ready.data.streamed and not ready.data.missing else ready.data.nbytes)


def _bytes(values: Mapping[Any, Any]) -> int:
    return sum(value.nbytes for value in values.values() if isinstance(value, Tensor))
