"""How a run is carried out as fast as here is possible: threads, number format, compiled or not. Never what it computes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import torch

from tui_trainer.config import Config
from tui_trainer.engine import compiled, devices, governor, precision
from tui_trainer.engine.augment import Targets
from tui_trainer.engine.compiled import Forward
from tui_trainer.engine.data import Data
from tui_trainer.engine.model import Built, Loss
from tui_trainer.events import Noted

FEW = 1000
"""Parameters of a net that is small whatever it does with them."""


class Kept(NamedTuple):
    """What a run that is resumed was carried out with: other threads, or another format, would give other last bits."""

    device: str
    """`cpu`, `cuda` or `mps`; on another kind it is all chosen anew."""
    threads: int
    bf16: bool


@dataclass(frozen=True, slots=True)
class Pace:
    """What was chosen."""

    threads: int
    ladder: tuple[int, ...]
    """Numbers of threads to choose from while it trains; one where that number stays."""
    bf16: bool
    forward: Forward
    """The net as the training steps call it."""
    notes: tuple[Noted, ...]
    """What was measured and what did not work, a sentence each."""


def choose(config: Config, built: Built, data: Data, loss: Loss, device: torch.device, kept: Kept | None = None) -> Pace:
    """The pace of a config. Sets the thread count of this thread; the net and torch's generators stay as they are."""
    work = config.batch_size * (built.multiply_adds or _counted(built, data.shape, device))
    kept = kept if kept and kept.device == device.type else None
    threads = kept.threads if kept and config.threads == "auto" else devices.threads(config.threads, work)
    torch.set_num_threads(threads)
    if device.type == "cuda":
        devices.allow_tf32(config.precision == "auto")
    steps = governor.ladder(threads, devices.cores()) if _is_governed(config, device, work) else (threads,)

    def batch() -> tuple[torch.Tensor, Targets]:
        return next(data.batches(1, config.batch_size))

    key = (built.file.read_bytes(), str(config.knobs), data.shape, data.outputs, config.batch_size, str(device), threads)
    if kept:
        number = precision.Choice(kept.bf16)
    else:
        number = precision.choose(config, built.net, loss, batch, device, work if len(data.shape) == 3 else 0, key)
    notes = [Noted("info", number.why)] if number.why else []
    forward: Forward = built.net
    if config.compile:
        forward, problem = compiled.forward(built.net, loss, *batch(), lambda: precision.cast(device, number.bf16))
        notes += [Noted("warning", problem)] if problem else []
    return Pace(threads, steps, number.bf16, forward, tuple(notes))


def _counted(built: Built, shape: tuple[int, ...], device: torch.device) -> int:
    """Multiply-adds for one sample of a net without layers, whose forward pass is written in bare tensors."""
    if built.parameters < FEW:
        return 0
    from torch.utils.flop_counter import FlopCounterMode  # a tenth of a second that others need not wait for

    training = built.net.training
    samples = torch.zeros(2, *shape, device=device)
    try:
        with torch.random.fork_rng(devices=[]), torch.no_grad(), FlopCounterMode(display=False) as counter:
            built.net.eval()(samples.contiguous(memory_format=built.format))
    finally:
        built.net.train(training)
    return int(counter.get_total_flops()) // (2 * len(samples))


def _is_governed(config: Config, device: torch.device, work: int) -> bool:
    return device.type == "cpu" and config.threads == "auto" and not config.reproducible and work >= devices.TINY
