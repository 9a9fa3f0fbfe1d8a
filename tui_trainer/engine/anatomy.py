"""What a step of a net is made of, operation by operation as torch carries it out, and what this machine could do at best."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils.flop_counter import FlopCounterMode

from tui_trainer.bottleneck import Box, Work
from tui_trainer.engine import devices
from tui_trainer.engine.prepare import Ready

KINDS = (
    ("convolution", "convolutions"),
    ("pool", "pooling"),
    ("relu", "activations"),
    ("threshold", "activations"),
    ("gelu", "activations"),
    ("silu", "activations"),
    ("tanh", "activations"),
    ("sigmoid", "activations"),
    ("norm", "norms"),
    ("addmm", "dense layers"),
    ("bmm", "dense layers"),
    ("mm", "dense layers"),
    ("linear", "dense layers"),
    ("attention", "attention"),
    ("dropout", "dropout"),
    ("copy", "changes of format"),
)
"""Part of an operation's name, and what it is called."""

FREE = ("empty", "detach", "ones_like", "_unsafe_view")
"""Operations that neither read nor write."""
BATCHES = 5
FEW_CHANNELS = 4
LONGEST = 0.4
"""Seconds after which no further batch is taken apart."""


class Apart(TorchDispatchMode):
    """While entered, every operation is timed and what it reads and writes is counted, backward ones as well."""

    def __init__(self, device: torch.device) -> None:
        super().__init__()
        self._device = device
        self.times: dict[str, float] = {}
        self.bytes, self.calls, self.first, self.relu_first = 0, 0, 0.0, 0
        self._relus: dict[int, int] = {}

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        name = str(func).split(".")[1]
        began = time.perf_counter()
        given = func(*args, **(kwargs or {}))
        if getattr(func, "is_view", False) or name.startswith(FREE):
            return given
        devices.settle(self._device)
        took = time.perf_counter() - began
        read = [one for one in args if isinstance(one, Tensor)]
        written = [one for one in (given if isinstance(given, tuple | list) else (given,)) if isinstance(one, Tensor)]
        self.calls += 1
        self.bytes += sum(one.numel() * one.element_size() for one in (*read, *written))
        kind = next((word for part, word in KINDS if part in name), "the rest")
        self.times[kind] = self.times.get(kind, 0.0) + took
        self._notice(name, read, written, took)
        return given

    def _notice(self, name: str, read: list[Tensor], written: list[Tensor], took: float) -> None:
        """Convolutions on the picture itself, and a ReLU right before a max pooling."""
        if "convolution" in name and any(one.dim() == 4 and one.shape[1] <= FEW_CHANNELS for one in read if one.shape[-1] > 7):
            self.first += took
        if name.startswith("relu") and written:
            self._relus[written[0].data_ptr()] = self.calls
        if name.startswith("max_pool2d") and "backward" not in name and read:
            self.relu_first += self._relus.get(read[0].data_ptr()) == self.calls - 1


def work(ready: Ready, net: nn.Module) -> Work:
    """A step of `ready`'s batches with `net`, taken apart. Its gradients are left as they were: none."""
    batches = ready.data.batches(1, ready.config.batch_size)
    inputs, targets = next(batches)

    def step() -> Tensor:
        with ready.cast():
            outputs: Tensor = net(inputs)
        loss: Tensor = ready.loss(outputs.float(), targets)
        loss.backward()
        net.zero_grad()
        return outputs.detach()

    outputs = step()
    with FlopCounterMode(display=False) as counter:
        step()
    apart, times, began = Apart(ready.device), list[dict[str, float]](), time.perf_counter()
    first = 0.0
    while len(times) < BATCHES and (not times or time.perf_counter() - began < LONGEST):
        apart = Apart(ready.device)
        with apart:
            step()
        times.append(apart.times)
        first += apart.first / (sum(apart.times.values()) or 1.0)
    total = sum(sum(one.values()) for one in times) or 1.0
    kinds = {
        kind: sum(one.get(kind, 0.0) for one in times) / total for kind in dict.fromkeys(kind for one in times for kind in one)
    }
    return Work(
        flops=float(counter.get_total_flops()),
        bytes=float(apart.bytes),
        calls=apart.calls,
        shares=dict(sorted(kinds.items(), key=lambda pair: -pair[1])),
        relu_first=apart.relu_first,
        first_share=first / len(times),
        softmax=is_softmax(outputs) and ready.built.loss is None and ready.data.task == "classification",
    )


def is_softmax(outputs: Tensor) -> bool:
    """Whether these scores [N, classes] are shares that add up to 1."""
    values = outputs.float()
    return values.shape[1] > 1 and bool((values >= 0).all()) and bool(((values.sum(1) - 1).abs() < 1e-2).all())


def box(ready: Ready, convolves: bool, largest: int, seconds: float) -> Box:
    """What the machine does at its best with the threads that are set: the arithmetic that the net is made of, in its number
    format, and copying pieces of `largest` bytes. About `seconds` in all."""
    device = ready.device
    kind = torch.bfloat16 if ready.pace.bf16 else torch.float32
    with torch.no_grad():
        if convolves:
            pictures = torch.randn(64, 64, 16, 16, device=device, dtype=kind).contiguous(memory_format=torch.channels_last)
            weight = torch.randn(64, 64, 3, 3, device=device, dtype=kind).contiguous(memory_format=torch.channels_last)
            flops = 2.0 * pictures.numel() * weight[0].numel()
            flops *= rate(lambda: torch.conv2d(pictures, weight, padding=1), device, seconds / 2)
        else:
            square = torch.randn(768, 768, device=device, dtype=kind)
            flops = 2.0 * 768**3 * rate(lambda: square @ square, device, seconds / 2)
        source = torch.zeros(min(max(largest, 1 << 16), 1 << 26) // 4, device=device)
        target = torch.empty_like(source)
        moved = 2.0 * source.nbytes * rate(lambda: target.copy_(source), device, seconds / 2)
    return Box(flops, moved, "convolutions" if convolves else "matrix products")


def rate(work: Callable[[], object], device: torch.device, seconds: float) -> float:
    """How often a second this can be done, at best."""
    work()
    best = 0.0
    for passed in _passing(seconds):
        times = 1 if not best else max(1, int(best * 0.005))
        began = time.perf_counter()
        for _ in range(times):
            work()
        devices.settle(device)
        best = max(best, times / max(time.perf_counter() - began, 1e-9))
        if passed >= seconds:
            break
    return best


def _passing(seconds: float) -> Iterator[float]:
    """Seconds since the first look, until more than `seconds` passed."""
    began = time.perf_counter()
    passed = 0.0
    while passed <= seconds:
        yield passed
        passed = time.perf_counter() - began


def largest_output(ready: Ready) -> int:
    """Bytes of the largest output of a layer, for one batch."""
    values = [torch.Size(layer.shape).numel() for layer in ready.built.layers] or [1]
    return max(values) * ready.config.batch_size * (2 if ready.pace.bf16 else 4)


def pooled_first(net: nn.Module) -> int:
    """In every `Sequential` of the net, puts each ReLU that stands right before a max pooling behind it; how many there were."""
    swapped = 0
    for group in net.modules():
        if not isinstance(group, nn.Sequential):
            continue
        for at in range(len(group) - 1):
            if isinstance(group[at], nn.ReLU) and isinstance(group[at + 1], nn.MaxPool2d):
                group[at], group[at + 1] = group[at + 1], group[at]
                swapped += 1
    return swapped
