"""The number format of the forward pass: `auto` is decided by a few passes of this very net, here, in both formats."""

from __future__ import annotations

import copy
import random
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import NamedTuple

import torch
from torch import Tensor, nn

from tui_trainer.config import Config
from tui_trainer.engine import devices
from tui_trainer.engine.augment import Targets
from tui_trainer.engine.model import Loss

FASTER = 1.05
"""What bf16 has to bring: it has 8 bits for the digits where fp32 has 24."""
SECONDS = 0.15
"""No further pass is timed after so long."""
ROUNDS = 6
AT_ONCE = 300_000_000
"""Multiply-adds of a timed pass, forward: a larger batch is timed in part, a tenth of a second of a slow processor."""
FEWEST = 8

_PLAIN = nullcontext()

Batch = Callable[[], tuple[Tensor, Targets]]


class Choice(NamedTuple):
    """A number format, and the sentence that says why where it was measured."""

    bf16: bool
    why: str = ""


_measured: dict[object, Choice] = {}
"""What was measured in this process: a run decides as the trial before it did, and does not time anything twice."""


def cast(device: torch.device, bf16: bool) -> AbstractContextManager[object]:
    """Around a forward pass: the number format it runs in."""
    return torch.autocast(device.type, dtype=torch.bfloat16) if bf16 else _PLAIN


def choose(config: Config, net: nn.Module, loss: Loss, batch: Batch, device: torch.device, work: int, key: object) -> Choice:
    """The format for `Config.precision`. `work`: multiply-adds of a batch, forward; `batch` gives one; `key`: all that the
    net and its speed follow from. Nothing keeps a trace of what is timed: neither the net nor any generator."""
    if config.precision != "auto":
        return Choice(config.precision == "bf16")
    if device.type == "cuda":
        return Choice(torch.cuda.get_device_capability(device) >= (8, 0))
    if device.type != "cpu" or config.reproducible or work < devices.TINY or not devices.has_bf16():
        return Choice(False)
    if key not in _measured:
        inputs, targets = batch()
        part = max(FEWEST, min(len(inputs), AT_ONCE * len(inputs) // work))
        _measured[key] = _said(_ratio(net, loss, inputs[:part], targets[:part]))
    return _measured[key]


def _said(ratio: float | None) -> Choice:
    if ratio is None:
        return Choice(False, "fp32: this net cannot run in bf16")
    if ratio >= FASTER:
        much = f"{ratio:.1f} times" if ratio >= 1.15 else "a little"
        return Choice(True, f"bf16: {much} faster here than fp32")
    return Choice(False, "fp32: bf16 is not faster here")


def _ratio(net: nn.Module, loss: Loss, inputs: Tensor, targets: Targets) -> float | None:
    """How many times faster a forward and a backward pass are in bf16; None where they fail in it."""
    state = random.getstate()
    try:
        with torch.random.fork_rng(devices=[]):
            return _timed(copy.deepcopy(net), loss, inputs, targets)
    except (RuntimeError, TypeError, NotImplementedError):
        return None
    finally:
        random.setstate(state)


def _timed(net: nn.Module, loss: Loss, inputs: Tensor, targets: Targets) -> float:
    """By turns, so that a neighbour hits both; the first passes only warm up."""
    fastest = [float("inf"), float("inf")]
    began = time.perf_counter()
    for number in range(1 + ROUNDS):
        for bf16 in (False, True):
            started = time.perf_counter()
            with cast(inputs.device, bf16):
                outputs = net(inputs)
            loss(outputs.float(), targets).backward()
            if number:
                fastest[bf16] = min(fastest[bf16], time.perf_counter() - started)
        if number and time.perf_counter() - began > SECONDS:
            break
    return fastest[False] / fastest[True]
