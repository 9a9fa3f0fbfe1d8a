"""Where a run can train: what is there, which one was asked for, how many threads and which number format suit it."""

from __future__ import annotations

import os
import platform
from pathlib import Path
from typing import NamedTuple

import torch

from tui_trainer import paths, units
from tui_trainer.engine.errors import TrainingError

SMALL = 100_000_000
"""Multiply-adds of a batch, forward, below which a second thread costs more than it brings."""
TINY = 20_000_000
"""The same, below which a step takes about a millisecond: there neither threads nor number formats are tried out."""
MOST_THREADS = 16


class Device(NamedTuple):
    """A place to train."""

    name: str
    """As torch names it: `cpu`, `cuda:0`, `mps`."""
    label: str
    """As its maker names it."""
    free: int
    """Bytes; 0 where the system does not tell."""
    total: int


def available() -> list[Device]:
    """The devices of this machine, the one that `auto` takes first."""
    found = [_cuda(index) for index in range(_cuda_count())]
    found.sort(key=lambda device: -device.free)
    if torch.backends.mps.is_available():
        total = torch.mps.recommended_max_memory() if hasattr(torch.mps, "recommended_max_memory") else 0
        found.append(Device("mps", f"{cpu_label()} GPU", max(0, total - torch.mps.driver_allocated_memory()), total))
    return [*found, _cpu()]


def _cpu() -> Device:
    return Device("cpu", cpu_label(), *cpu_memory())


def _cuda_count() -> int:
    return torch.cuda.device_count() if torch.cuda.is_available() else 0


def _cuda(index: int) -> Device:
    """One GPU. Asking for its free memory opens it; one that others keep for themselves refuses, and counts as full."""
    properties = torch.cuda.get_device_properties(index)
    try:
        free, total = torch.cuda.mem_get_info(index)
    except RuntimeError:
        free, total = 0, properties.total_memory
    return Device(f"cuda:{index}", properties.name, free, total)


def choose(name: str) -> Device:
    """The device that `Config.device` asks for; others are not touched. Raises TrainingError with those that are there."""
    if name == "cpu":
        return _cpu()
    wanted = "cuda:0" if name == "cuda" else name
    kind, _, number = wanted.partition(":")
    if kind == "cuda" and int(number) < _cuda_count():
        return _cuda(int(number))
    there = available()
    if name == "auto":
        return there[0]
    for device in there:
        if device.name == wanted:
            return device
    known = ", ".join(f"{device.name} ({device.label}{_room(device)})" for device in there)
    raise TrainingError(f"device {name} is not there; this machine has {known}")


def _room(device: Device) -> str:
    return f", {units.size(device.free)} free" if device.free else ""


def threads(asked: str, multiply_adds: int) -> int:
    """CPU threads for `Config.threads` and a batch of so many multiply-adds; `auto` leaves a core to the screen."""
    if asked != "auto":
        return int(asked)
    return 1 if multiply_adds < SMALL else min(max(1, cores() - 1), MOST_THREADS)


def cores() -> int:
    """Physical cores this process may use, as far as the system and whoever started it tell."""
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    usable = min(usable, paths.cores() or usable)
    places = {
        (fields.get("physical id"), fields.get("core id"))
        for fields in map(_fields, _read("/proc/cpuinfo").split("\n\n"))
        if "core id" in fields
    }
    return min(usable, len(places)) if places else usable


def settle(device: torch.device) -> None:
    """Wait until the device has done what it was given, so that a clock tells the truth."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)
    elif device.type == "mps":
        torch.mps.synchronize()


def has_bf16() -> bool:
    """Whether the processor multiplies in bf16 by itself; elsewhere it would be fp32 with detours."""
    fields = _fields(_read("/proc/cpuinfo").partition("\n\n")[0])
    return bool({"amx_bf16", "avx512_bf16", "bf16"} & set(f"{fields.get('flags', '')} {fields.get('Features', '')}".split()))


def allow_tf32(allowed: bool) -> None:
    """Whether GPUs may round what they multiply in fp32 to 10 bits, several times faster."""
    torch.set_float32_matmul_precision("high" if allowed else "highest")
    torch.backends.cudnn.allow_tf32 = allowed


def cpu_label() -> str:
    """What the processor calls itself."""
    name = _fields(_read("/proc/cpuinfo").partition("\n\n")[0]).get("model name")
    return name or platform.processor() or platform.machine() or "CPU"


def cpu_memory() -> tuple[int, int]:
    """Free and total bytes of main memory, zeros where the system does not tell."""
    fields = _fields(_read("/proc/meminfo"))
    free, total = (int(fields.get(name, "0 kB").split()[0]) * 1024 for name in ("MemAvailable", "MemTotal"))
    return free, total


def _fields(text: str) -> dict[str, str]:
    pairs = (line.partition(":") for line in text.splitlines())
    return {name.strip(): value.strip() for name, _, value in pairs}


def _read(path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
