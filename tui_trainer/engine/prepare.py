"""All that stands before the first step, in one order, for a run and for the trial before it alike."""

from __future__ import annotations

import os
import platform
import random
import time
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

import torch
from torch.nn import functional

from tui_trainer import __version__, datasets
from tui_trainer.config import Config
from tui_trainer.engine import advice, augment, data, devices, features, model, optim, pace, precision
from tui_trainer.engine.data import Data, Say
from tui_trainer.engine.devices import Device
from tui_trainer.engine.errors import TrainingError
from tui_trainer.engine.model import Built, Loss
from tui_trainer.engine.pace import Kept, Pace
from tui_trainer.events import Noted, RunResumed, RunStarted


@dataclass(frozen=True, slots=True)
class Ready:
    """Everything a step needs."""

    config: Config
    data: Data
    built: Built
    optimizer: Any
    loss: Loss
    place: Device
    device: torch.device
    pace: Pace
    notes: tuple[Noted, ...] = ()
    """What a person should know before the first step."""

    @property
    def threads(self) -> int:
        """With which it begins."""
        return self.pace.threads

    @property
    def precision(self) -> str:
        return "bf16" if self.pace.bf16 else "fp32"

    @property
    def steps_per_epoch(self) -> int:
        return datasets.steps_per_epoch(len(self.data.train), self.config.batch_size)

    @property
    def steps(self) -> int:
        """Planned for the whole run; 0 when the budget is in seconds."""
        unit, amount = self.config.budget
        return {"epochs": int(amount) * self.steps_per_epoch, "steps": int(amount)}.get(unit, 0)

    def cast(self) -> AbstractContextManager[object]:
        """Around a forward pass: the number format it runs in."""
        return precision.cast(self.device, self.pace.bf16)


def prepare(
    config: Config, preset_file: Path, datasets_home: Path, say: Say, *, fetch: bool = True, kept: Kept | None = None
) -> Ready:
    """Reads the data, builds the net and its optimizer. Sets the thread count of this thread and, with the run's seed,
    torch's generator, which all threads share: nothing else may draw from it while a run prepares or trains.
    Without `fetch`, noise takes the place of a dataset that is not here. `kept` is the pace of a run that is resumed."""
    place = devices.choose(config.device)
    device = torch.device(place.name)
    say(f"reading {config.dataset}")
    samples = data.read(config, datasets_home, say, fetch=fetch)
    say(f"building {config.preset}")
    _seed(config)
    preset = model.run_file(preset_file, config.preset)
    samples = features.computed(preset, preset_file, config, samples, say)
    _seed(config)  # again: what features drew has no part in the weights
    regression = samples.task == "regression"
    built = model.build(config, preset_file, samples.shape, samples.outputs, device, regression=regression, preset=preset)
    say("first batch")
    optimizer = optim.make(config, built, device)
    loss = augment.for_mixed(built.loss or usual_loss(config, samples))
    built.net.train()
    samples = samples.placed(device, built.format, place.free)
    chosen = pace.choose(config, built, samples, loss, device, kept)
    notes = (*advice.notes(config, built, samples, place), *chosen.notes)
    return Ready(config, samples, built, optimizer, loss, place, device, chosen, notes)


def _seed(config: Config) -> None:
    torch.manual_seed(config.seed)
    random.seed(config.seed)  # for presets that draw from Python's own


def usual_loss(config: Config, data: Data) -> Loss:
    """The mean squared error for numbers, cross entropy for classes."""
    if data.task == "regression":
        return functional.mse_loss
    return partial(functional.cross_entropy, label_smoothing=config.label_smoothing)


def started(ready: Ready) -> RunStarted:
    """What the record says of a run before its first step."""
    data, built = ready.data, ready.built
    return RunStarted(
        asdict(ready.config),
        device=ready.place.name,
        device_name=ready.place.label,
        threads=ready.threads,
        precision=ready.precision,
        parameters=built.parameters,
        layers=built.layers,
        input_shape=data.shape,
        classes=data.classes,
        train_size=len(data.train),
        val_size=len(data.val),
        test_size=len(data.test),
        steps_per_epoch=ready.steps_per_epoch,
        steps=ready.steps,
        pid=os.getpid(),
        host=platform.node(),
        version=__version__,
        torch=str(torch.__version__),
        time=time.time(),
        task=data.task,
        streamed=data.streamed,
    )


def resumed(ready: Ready, step: int, epoch: int, seconds: float, **more: Any) -> RunResumed:
    """What the record says of a run that goes on from a checkpoint."""
    return RunResumed(
        step,
        epoch,
        seconds,
        steps_per_epoch=ready.steps_per_epoch,
        config=asdict(ready.config),
        device=ready.place.name,
        device_name=ready.place.label,
        threads=ready.threads,
        precision=ready.precision,
        **more,
    )


def no_memory(error: Exception, config: Config) -> TrainingError | None:
    """The sentence for an error of torch that means there was not enough memory; None when it means something else."""
    if not model.is_memory(error):
        return None
    smaller = f"; try a batch of {config.batch_size // 2}" if config.batch_size > 1 else "; try a smaller net"
    return TrainingError(f"not enough memory for batches of {config.batch_size}{smaller}")
