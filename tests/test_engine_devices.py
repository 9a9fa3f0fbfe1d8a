"""What is there, what was asked for, and how many threads suit it."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
import torch

from tui_trainer.engine import devices
from tui_trainer.engine.errors import TrainingError

CPU = devices.Device("cpu", "A Processor", 8 << 30, 16 << 30)
GPUS = [SimpleNamespace(name="A Small GPU", total_memory=8 << 30), SimpleNamespace(name="A Large GPU", total_memory=8 << 30)]
FREE = {0: 2 << 30, 1: 6 << 30}


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """A machine with two GPUs; gives the numbers of those that were opened."""
    asked: list[int] = []

    def memory(index: int) -> tuple[int, int]:
        asked.append(index)
        if not FREE[index]:
            raise RuntimeError("all CUDA-capable devices are busy or unavailable")
        return FREE[index], GPUS[index].total_memory

    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: len(GPUS))
    monkeypatch.setattr(torch.cuda, "get_device_properties", lambda index: GPUS[index])
    monkeypatch.setattr(torch.cuda, "mem_get_info", memory)
    monkeypatch.setattr(devices, "cpu_label", lambda: CPU.label)
    monkeypatch.setattr(devices, "cpu_memory", lambda: (CPU.free, CPU.total))
    return asked


def test_the_processor_is_always_there() -> None:
    there = devices.available()
    assert there[-1].name == "cpu"
    assert there[-1].label
    assert 0 <= there[-1].free <= there[-1].total


def test_every_device_that_is_listed_can_be_chosen() -> None:
    for device in devices.available():
        assert devices.choose(device.name).name == device.name


@pytest.mark.parametrize(
    ("asked", "name", "touched"),
    [("auto", "cuda:1", [0, 1]), ("cuda", "cuda:0", [0]), ("cuda:1", "cuda:1", [1]), ("cpu", "cpu", [])],
)
def test_choosing_opens_no_other_gpu(asked: str, name: str, touched: list[int], opened: list[int]) -> None:
    assert devices.choose(asked).name == name
    assert opened == touched


def test_a_gpu_that_refuses_counts_as_full(opened: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(FREE, 1, 0)
    assert [(one.name, one.free) for one in devices.available()] == [("cuda:0", FREE[0]), ("cuda:1", 0), ("cpu", CPU.free)]
    assert opened == [0, 1]


@pytest.mark.usefixtures("opened")
def test_a_device_that_is_not_there_is_refused_with_those_that_are() -> None:
    with pytest.raises(TrainingError) as caught:
        devices.choose("cuda:7")
    assert str(caught.value) == (
        "device cuda:7 is not there; this machine has cuda:1 (A Large GPU, 6.4 GB free), cuda:0 (A Small GPU, 2.1 GB free), "
        "cpu (A Processor, 8.6 GB free)"
    )


@pytest.mark.parametrize(
    ("asked", "multiply_adds", "cores", "threads"),
    [
        ("auto", 1000, 8, 1),
        ("auto", 10**9, 8, 7),
        ("auto", 10**9, 1, 1),
        ("auto", 10**9, 2, 1),
        ("auto", 10**9, 96, devices.MOST_THREADS),
        ("3", 1000, 8, 3),
        ("3", 10**9, 1, 3),
    ],
)
def test_threads_leave_a_core_to_the_screen(
    asked: str, multiply_adds: int, cores: int, threads: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(devices, "cores", lambda: cores)
    assert devices.threads(asked, multiply_adds) == threads


def test_cores_are_physical_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    one = "processor : {}\nmodel name : A Processor\nphysical id : 0\ncore id : {}\n"
    monkeypatch.setattr(devices, "_read", lambda path: "\n".join(one.format(index, index // 2) for index in range(4)))
    monkeypatch.setattr(devices.os, "sched_getaffinity", lambda pid: range(4), raising=False)
    assert devices.cores() == 2
    assert devices.cpu_label() == "A Processor"
    monkeypatch.setattr(devices, "_read", lambda path: "")
    assert devices.cores() == 4


@pytest.mark.parametrize(
    ("line", "has"),
    [
        ("flags : fpu sse2 avx512_bf16 amx_tile", True),
        ("flags : fpu amx_bf16", True),
        ("Features : fp asimd bf16 sve", True),
        ("flags : fpu sse2 avx512f avx512vl", False),
        ("", False),
    ],
)
def test_a_processor_says_whether_it_multiplies_in_bf16(line: str, has: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(devices, "_read", lambda path: f"processor : 0\n{line}\n\nprocessor : 1\n{line}\n")
    assert devices.has_bf16() == has
