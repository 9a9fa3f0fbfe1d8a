"""The largest batch that fits into memory, found by halving, and what an allocator says when one does not.

A search leaves no trace in the run: weights, buffers and generators are as they were, to the bit, and nothing is kept of it.
"""

from __future__ import annotations

import gc
import random
import re
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

from tui_trainer import units
from tui_trainer.engine import devices

if TYPE_CHECKING:
    from tui_trainer.engine.prepare import Ready

UNITS = {"byte": 1, "b": 1, "kb": 1 << 10, "mb": 1 << 20, "gb": 1 << 30, "tb": 1 << 40}
"""What torch calls a GB is 2³⁰ bytes."""
AMOUNT = r"([\d.]+) ?([KMGT]i?B|bytes?|B)\b"
ASKED = re.compile(rf"(?:allocate) {AMOUNT}", re.IGNORECASE)
FREE = re.compile(rf"of which {AMOUNT} is free", re.IGNORECASE)
MPS = re.compile(rf"MPS allocated: {AMOUNT}, other allocations: {AMOUNT}, max allowed: {AMOUNT}")


@dataclass(frozen=True, slots=True)
class Short:
    """A batch that did not fit, and what would."""

    batch_size: int
    fits: int
    """0 where no batch does."""
    asked: int = 0
    """Bytes that could not be had; 0 where that is not known."""
    free: int = 0
    """Bytes that were free then; 0 where that is not known."""
    least: int = 1
    """The smallest batch that the net can learn from."""

    @property
    def sentence(self) -> str:
        """`asked 2.0 GB where 1.5 GB were free; batches of 64 fit, 128 do not`"""
        return f"{self._figures}; {self._sizes}"

    @property
    def _figures(self) -> str:
        if not self.asked:
            return "not enough memory"
        there = f" where {units.size(self.free)} were free" if self.free else ""
        return f"not enough memory: asked {units.size(self.asked)}{there}"

    @property
    def _sizes(self) -> str:
        if self.fits:
            return f"batches of {self.fits} fit, {self.batch_size} do not"
        if self.batch_size <= self.least:
            return f"batches of {self.batch_size} are the smallest, and do not fit; a smaller net is needed"
        return f"batches of {self.batch_size} do not fit, nor do those of {self.least}; a smaller net is needed"


def short(ready: Ready, error: BaseException) -> Short:
    """What is to be said of this error of the allocator, and what fits instead. Lets go of all that the failed batch held."""
    asked, free = figures(error, ready.device)
    let_go(error, ready.device)
    return Short(ready.config.batch_size, largest(ready), asked, free, least(ready.built.net))


def largest(ready: Ready) -> int:
    """The largest batch that can be learned from, by halving the one that could not; 0 where none can.

    Tried is what a step takes most for: the batch itself, forward, backward, and what the optimizer keeps from its first
    step on. The caller has let go of the batch that failed.
    """
    size, fewest = ready.config.batch_size, least(ready.built.net)
    with _untouched(ready):
        while size > fewest:
            size = max(size // 2, fewest)
            if _fits(ready, size):
                return size
    return 0


def least(net: nn.Module) -> int:
    """Samples of the smallest batch that a net can learn from: batch norm needs two to take a mean of."""
    norms = (nn.modules.batchnorm._BatchNorm,)
    return 2 if any(isinstance(module, norms) and module.training for module in net.modules()) else 1


def figures(error: BaseException, device: torch.device) -> tuple[int, int]:
    """Bytes that were asked for and that were free, from what torch says; zeros for what nobody tells."""
    text = str(error)
    asked = _bytes(*found.groups()) if (found := ASKED.search(text)) else 0
    if found := FREE.search(text):
        return asked, _bytes(*found.groups())
    if found := MPS.search(text):
        numbers = found.groups()
        taken, other, most = (_bytes(*numbers[at : at + 2]) for at in (0, 2, 4))
        return asked, max(most - taken - other, 0)
    return asked, _free(device)


def let_go(error: BaseException, device: torch.device) -> None:
    """Frees what the failed batch held: the frames it was raised through would keep its tensors alive, torch keeps blocks."""
    held: BaseException | None = error
    while held is not None:
        traceback.clear_frames(held.__traceback__)
        held = held.__context__
    gc.collect()
    if device.type == "cuda":
        torch.cuda.empty_cache()
    elif device.type == "mps":
        torch.mps.empty_cache()


def _fits(ready: Ready, size: int) -> bool:
    """Whether a step of so many samples can be made. A net that cannot take so many for another reason does not fit either."""
    try:
        _learn(ready, size)
    except (MemoryError, RuntimeError, ValueError) as error:
        let_go(error, ready.device)
        return False
    finally:
        _drop_gradients(ready)
    return True


def _learn(ready: Ready, size: int) -> None:
    """Forward and backward, beside what the optimizer will keep. The net itself, never compiled: that needs more, and each
    size would be compiled anew."""
    kept = _optimizer_to_come(ready)
    inputs, targets = next(ready.data.batches(1, size))
    with ready.cast():
        outputs = ready.built.net(inputs)
    ready.loss(outputs.float(), targets).backward()
    devices.settle(ready.device)
    kept.clear()


def _optimizer_to_come(ready: Ready) -> list[Tensor]:
    """Room of the size that the optimizer's state takes after its first step; none where it is there already."""
    state = getattr(ready.optimizer, "state", None)
    if state is None or len(state):
        return []
    trained = [parameter for parameter in ready.built.net.parameters() if parameter.requires_grad]
    return [torch.empty_like(parameter) for parameter in trained for _ in range(_copies(ready.optimizer))]


def _copies(optimizer: Any) -> int:
    """How many values an optimizer keeps for each weight; of one that is not known, as many as Adam."""
    groups = optimizer.param_groups
    moving = int(any(group.get("momentum") for group in groups))
    if isinstance(optimizer, torch.optim.SGD):
        return moving
    if isinstance(optimizer, torch.optim.RMSprop):
        return 1 + moving + int(any(group.get("centered") for group in groups))
    return 2


@contextmanager
def _untouched(ready: Ready) -> Iterator[None]:
    """Whatever is tried inside, generators and buffers are afterwards as they were, and no gradient is left."""
    _drop_gradients(ready)
    python, buffers, device = random.getstate(), _Buffers(ready.built.net), ready.device
    own = [device.index or 0] if device.type != "cpu" else []
    try:
        with torch.random.fork_rng(devices=own, device_type=device.type if own else "cuda"):
            yield
    finally:
        random.setstate(python)
        buffers.restore()
        _drop_gradients(ready)


def _drop_gradients(ready: Ready) -> None:
    ready.optimizer.zero_grad()
    for parameter in ready.built.net.parameters():
        parameter.grad = None


class _Buffers:
    """The buffers of a net, such as the statistics of batch norm: which tensors they are, and a copy in main memory."""

    def __init__(self, net: nn.Module) -> None:
        self._kept = [
            (module, name, buffer, buffer.detach().to("cpu", copy=True))
            for module in net.modules()
            for name, buffer in module._buffers.items()
            if buffer is not None
        ]

    def restore(self) -> None:
        with torch.no_grad():
            for module, name, buffer, copy in self._kept:
                buffer.copy_(copy)
                module._buffers[name] = buffer


def _bytes(amount: str, unit: str) -> int:
    return int(float(amount.rstrip(".")) * UNITS[unit.lower().replace("ib", "b").removesuffix("s")])


def _free(device: torch.device) -> int:
    if device.type == "cuda":
        try:
            return torch.cuda.mem_get_info(device)[0]
        except RuntimeError:
            return 0
    return devices.cpu_memory()[0] if device.type == "cpu" else 0
