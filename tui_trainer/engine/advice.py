"""What a person should know of a net and its data before the first step, a sentence each."""

from __future__ import annotations

import math

import torch

from tui_trainer import units
from tui_trainer.config import Config
from tui_trainer.engine.data import Data
from tui_trainer.engine.devices import Device
from tui_trainer.engine.model import Built
from tui_trainer.events import Noted

AT_ONCE = 16
CLOSE = 1e-3
"""How near to 1 a sum of probabilities lies, in the number format of the net."""


def notes(config: Config, built: Built, data: Data, place: Device) -> tuple[Noted, ...]:
    """What the readers of the data had to say, whether it is streamed, and what is odd about the net and its loss."""
    found = [Noted("warning", text) for text in data.notes]
    if data.missing:
        found.append(Noted("info", f"{data.dataset.name} is not here yet: the run fetches {units.file_size(data.missing)} first"))
    elif data.streamed:
        sizes = f"{units.size(data.nbytes)} of samples, {units.size(place.free)} of memory free"
        found.append(Noted("info", f"{data.dataset.name} is read batch by batch, it does not fit: {sizes}"))
    if built.loss is None and data.task == "classification" and _gives_probabilities(built, data):
        found.append(Noted("info", softmax_twice(len(data.classes))))
    if built.loss is not None and config.label_smoothing:
        found.append(
            Noted("warning", "label smoothing does nothing here: it belongs to cross entropy, and the preset has a loss of its own")
        )
    return tuple(found)


def softmax_twice(classes: int) -> str:
    """What a softmax before cross entropy does. Outputs p between 0 and 1 with sum 1 give a loss of -p_y + ln Σ exp p_i,
    which is least where p_y is 1: ln(1 + (k - 1) / e) for k classes."""
    least = math.log1p((classes - 1) / math.e)
    return (
        f"the net ends in a softmax and cross entropy brings another: outputs lie in 0 to 1, so for {classes} classes the loss "
        f"cannot fall below {least:.2f}, and every gradient is scaled by p(1−p): rates 10 to 100 times larger are needed"
    )


def _gives_probabilities(built: Built, data: Data) -> bool:
    """Whether what the net gives for some samples is never below 0 and sums to 1. Nothing in it is changed by the look."""
    device = [data.device] if data.device.type == "cuda" else []
    inputs, _ = next(data.ordered(data.val, AT_ONCE))
    built.net.eval()
    try:
        with torch.no_grad(), torch.random.fork_rng(devices=device):
            outputs = built.net(inputs).float()
    finally:
        built.net.train()
    return bool((outputs >= 0).all() & ((outputs.sum(1) - 1).abs() < CLOSE).all())
