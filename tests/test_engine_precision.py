"""Which number format `auto` takes, and that finding out leaves no trace."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

from engine_runs import run, settings
from tui_trainer.engine import devices, precision
from tui_trainer.events import Noted, RunStarted

CPU = torch.device("cpu")
WORK = devices.TINY


class Formats(nn.Module):
    """Takes its time by a clock that is turned on by hand, draws random numbers, and remembers what it saw."""

    def __init__(self, seconds: dict[torch.dtype, float], clock: list[float]) -> None:
        super().__init__()
        self.dense, self.norm, self.drop = nn.Linear(4, 3), nn.BatchNorm1d(4), nn.Dropout(0.5)
        self.seconds, self.clock, self.passes = seconds, clock, 0

    def __deepcopy__(self, memo: object) -> Formats:
        made = Formats(self.seconds, self.clock)
        made.load_state_dict(self.state_dict())
        return made

    def forward(self, inputs: Tensor) -> Tensor:
        self.passes += 1
        random.random()
        outputs: Tensor = self.dense(self.drop(self.norm(inputs)))
        self.clock[0] += self.seconds[outputs.dtype]
        return outputs


@pytest.fixture(autouse=True)
def nothing_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(precision, "_measured", {})
    monkeypatch.setattr(devices, "has_bf16", lambda: True)


@pytest.fixture
def net(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[float, float], Formats]]:
    clock = [0.0]
    monkeypatch.setattr(precision.time, "perf_counter", lambda: clock[0])
    return lambda fp32, bf16: Formats({torch.float32: fp32, torch.bfloat16: bf16}, clock)


def batch() -> tuple[Tensor, Tensor]:
    return torch.randn(16, 4, generator=torch.Generator().manual_seed(0)), torch.zeros(16, dtype=torch.int64)


def chosen(net: nn.Module, *, work: int = WORK, key: object = 0, **given: object) -> precision.Choice:
    return precision.choose(settings(**given), net, functional.cross_entropy, batch, CPU, work, key)


@pytest.mark.parametrize(
    ("fp32", "bf16", "takes", "why"),
    [
        (0.017, 0.010, True, "bf16: 1.7 times faster here than fp32"),
        (0.011, 0.010, True, "bf16: a little faster here than fp32"),
        (0.0102, 0.010, False, "fp32: bf16 is not faster here"),
        (0.010, 0.020, False, "fp32: bf16 is not faster here"),
        (9.0, 3.0, True, "bf16: 3.0 times faster here than fp32"),
    ],
)
def test_bf16_has_to_be_faster(fp32: float, bf16: float, takes: bool, why: str, net: Callable[[float, float], Formats]) -> None:
    assert chosen(net(fp32, bf16)) == (takes, why)


def test_a_slow_net_is_not_timed_more_often_than_needed(net: Callable[[float, float], Formats]) -> None:
    slow = net(9.0, 3.0)
    chosen(slow)
    assert slow.clock[0] == 2 * (9.0 + 3.0)


def test_what_was_measured_once_is_known(net: Callable[[float, float], Formats]) -> None:
    first, again = net(0.02, 0.01), net(0.01, 0.02)
    assert chosen(first, key="one") == chosen(again, key="one")
    assert chosen(again, key="another").bf16 is False


def test_measuring_leaves_no_trace(net: Callable[[float, float], Formats]) -> None:
    one = net(0.02, 0.01)
    before = {name: value.clone() for name, value in one.state_dict().items()}
    states = torch.get_rng_state(), random.getstate()
    assert chosen(one).why
    assert torch.equal(torch.get_rng_state(), states[0])
    assert random.getstate() == states[1]
    assert all(torch.equal(value, before[name]) for name, value in one.state_dict().items())
    assert all(parameter.grad is None for parameter in one.parameters())
    assert one.passes == 0


@pytest.mark.parametrize("given", [{"reproducible": True}, {"precision": "fp32"}, {"work": WORK - 1}])
def test_nothing_is_measured_where_nothing_is_asked(given: dict[str, object], net: Callable[[float, float], Formats]) -> None:
    one = net(0.02, 0.01)
    assert chosen(one, **given) == (False, "")  # type: ignore[arg-type]  # names of two kinds of arguments
    assert one.clock[0] == 0


def test_bf16_can_be_asked_for(net: Callable[[float, float], Formats]) -> None:
    assert chosen(net(0.01, 0.02), precision="bf16") == (True, "")


def test_an_old_processor_is_not_asked(net: Callable[[float, float], Formats], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(devices, "has_bf16", lambda: False)
    assert chosen(net(0.02, 0.01)) == (False, "")


def test_a_net_that_cannot_run_in_bf16_runs_in_fp32() -> None:
    class Picky(nn.Linear):
        def forward(self, inputs: Tensor) -> Tensor:
            outputs = super().forward(inputs)
            if outputs.dtype != torch.float32:
                raise RuntimeError("not implemented for 'BFloat16'")
            return outputs

    assert chosen(Picky(4, 3)) == (False, "fp32: this net cannot run in bf16")


def test_a_run_says_what_was_chosen_and_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(precision, "_ratio", lambda *given: 2.0)
    monkeypatch.setattr(devices, "TINY", 0)
    done = run(settings(preset="cnn", steps=3), tmp_path)
    assert done.of(RunStarted)[0].precision == "bf16"
    assert Noted("info", "bf16: 2.0 times faster here than fp32") in done.events
