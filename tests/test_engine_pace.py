"""Threads, number format and compiler of a run: what is chosen, and that a compiler that fails ends nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch

from engine_runs import run, settings
from tui_trainer import paths
from tui_trainer.config import Config
from tui_trainer.engine import devices, prepare
from tui_trainer.engine.pace import Pace
from tui_trainer.events import Noted, ThreadsChanged


@pytest.fixture(autouse=True)
def many_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(devices, "cores", lambda: 4)
    monkeypatch.setattr(devices, "has_bf16", lambda: False)


def pace(setup: Config) -> Pace:
    file = paths.shipped_presets() / f"{setup.preset}.py"
    before = torch.get_num_threads()
    try:
        return prepare.prepare(setup, file, paths.datasets(), lambda what, done=0, total=0: None).pace
    finally:
        torch.set_num_threads(before)


def test_a_net_with_work_is_governed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(devices, "TINY", 1)
    found = pace(settings())
    assert (found.threads, found.ladder) == (1, (1, 2, 3, 4))


@pytest.mark.parametrize("given", [{}, {"threads": "2"}, {"reproducible": True}])
def test_a_tiny_net_a_fixed_number_and_a_reproducible_run_keep_their_threads(
    given: dict[str, object], monkeypatch: pytest.MonkeyPatch
) -> None:
    if given:
        monkeypatch.setattr(devices, "TINY", 1)
    found = pace(settings(**given))
    assert found.ladder == (found.threads,) == (int(str(given.get("threads", 1))),)


BARE = """
import torch
from torch import nn
from torch.nn import functional

class Bare(nn.Module):
    def __init__(self, side, classes):
        super().__init__()
        self.kernel = nn.Parameter(0.1 * torch.randn(16, 1, 3, 3))
        self.weight = nn.Parameter(0.1 * torch.randn(classes, 16 * side * side))

    def forward(self, inputs):
        return functional.linear(functional.conv2d(inputs, self.kernel, padding=1).flatten(1), self.weight)

def build(input_shape, num_classes):
    return Bare(input_shape[1], num_classes)
"""


def test_the_work_of_bare_tensors_is_counted_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "bare.py"
    file.write_text(BARE, encoding="utf-8")
    work = 32 * (8 * 8 * 16 * 9 + 16 * 8 * 8 * 10)
    before = torch.get_num_threads()
    for limit, governed in ((work, True), (work + 1, False)):
        monkeypatch.setattr(devices, "TINY", limit)
        ready = prepare.prepare(settings(preset="bare"), file, paths.datasets(), lambda what, done=0, total=0: None)
        assert (len(ready.pace.ladder) > 1) == governed
        assert ready.built.net.training
    torch.set_num_threads(before)


def test_a_governed_run_says_its_changes_and_begins_with_them_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(devices, "TINY", 1)
    used: list[int] = []
    monkeypatch.setattr(torch, "set_num_threads", used.append)
    done = run(settings(epochs=4), tmp_path)
    assert len(done.losses) == 4 * 41
    assert used[0] == 1
    assert len(used) > 2, "another number was tried"
    for change in done.of(ThreadsChanged):
        assert change.old != change.new


@pytest.mark.parametrize("given", [{"threads": "1"}, {"reproducible": True}])
def test_the_same_numbers_with_a_governor_or_without_where_it_has_no_choice(
    given: dict[str, object], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(devices, "TINY", 1)
    assert run(settings(**given), tmp_path / "a").losses == run(settings(**given), tmp_path / "b").losses


def test_a_compiled_net_learns_as_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[dict[str, Any]] = []

    def double(net: torch.nn.Module, **given: Any) -> Any:
        asked.append(given)
        return lambda inputs: net(inputs)

    monkeypatch.setattr(torch, "compile", double)
    setup = settings(preset="mlp", knobs={"dropout": 0.2})
    assert run(setup.but(compile=True), tmp_path / "a").losses == run(setup, tmp_path / "b").losses
    assert asked == [{"dynamic": False}]


def test_a_compiler_that_fails_is_said_and_done_without(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(net: torch.nn.Module, **given: Any) -> Any:
        def fails(inputs: torch.Tensor) -> torch.Tensor:
            net(inputs)
            raise RuntimeError("no compiler here\nand much more")

        return fails

    monkeypatch.setattr(torch, "compile", broken)
    setup = settings(preset="resnet9", knobs={"width": 2}, steps=4)
    done = run(setup.but(compile=True), tmp_path / "a")
    assert Noted("warning", "torch.compile failed, so it trains without: RuntimeError: no compiler here") in done.events
    assert done.losses == run(setup, tmp_path / "b").losses
