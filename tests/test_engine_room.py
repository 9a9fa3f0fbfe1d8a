"""A run whose batch does not fit loses nothing: it goes on with one that does, waits for an answer, or ends in words."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from engine_runs import EACH_STEP, Trained, run, settings
from tui_trainer.commands import Abandon, Command, Continue, FitBatch, HandOver, Set, Step, Stop
from tui_trainer.config import Config
from tui_trainer.engine import state
from tui_trainer.events import Continued, Event, HandedOver, LearningRateChanged, Noted, OutOfMemory, SettingChanged, Stepped

SAMPLES = 1294
ALLOCATOR = "DefaultCPUAllocator: can't allocate memory: you tried to allocate 2000000000 bytes. Error code 12"

PRESET = f'''"""From step `first` on, batches of more than `limit` samples do not fit into what `where` names."""
import torch
from torch import nn

SAYS = "{ALLOCATOR}"


class Short(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, short):
        ctx.short = short
        return x.clone()

    @staticmethod
    def backward(ctx, gradient):
        if ctx.short:
            raise RuntimeError(SAYS)
        return gradient, None


class Net(nn.Module):
    def __init__(self, outputs, limit, where, first):
        super().__init__()
        self.one, self.two = nn.Linear(64, 16), nn.Linear(16, outputs)
        self.limit, self.where, self.first, self.done, self.short = limit, where, first, 0, False

    def forward(self, x):
        self.short = self.training and len(x) > self.limit and self.done + 1 >= self.first
        if self.short and self.where == "forward":
            raise torch.OutOfMemoryError(SAYS)
        return self.two(Short.apply(self.one(x.flatten(1)), self.short and self.where == "backward"))


class Careless(torch.optim.Adam):
    def step(self, closure=None):
        if self.net.short and self.net.where == "update":
            weight = self.param_groups[0]["params"][0]
            if weight not in self.state:
                self.state[weight]["step"] = torch.tensor(0.0)
            raise RuntimeError(SAYS)
        super().step()
        self.net.done += 1


def build(input_shape, num_classes, *, limit: int = 16, where: str = "forward", first: int = 1):
    return Net(num_classes, limit, where, first)


def optimizer(model, config):
    made = Careless(model.parameters(), lr=config.lr)
    made.net = model
    return made
'''


@pytest.fixture(autouse=True)
def _only_what_is_new_is_collected() -> Iterator[None]:
    """A search for a batch that fits collects garbage after each try: not all that torch and the tests before made."""
    gc.freeze()
    yield
    gc.unfreeze()


def setup(limit: int = 16, where: str = "forward", first: int = 1, **given: Any) -> Config:
    return settings(**{"optimizer": "adam", "schedule": "constant", "batch_size": 128} | given).but(
        knobs={"limit": limit, "where": where, "first": first}
    )


def answering(*asked: Command) -> Callable[[list[Event]], list[Command]]:
    """Says the next of these whenever it is asked while the run waits."""
    left = list(asked)

    def script(events: list[Event]) -> list[Command]:
        telling = [event for event in events if isinstance(event, OutOfMemory | Continued | SettingChanged | Stepped)]
        waits = bool(telling) and isinstance(telling[-1], OutOfMemory) and telling[-1].waiting
        return [left.pop(0)] if waits and left else []

    return script


def samples_seen(done: Trained) -> dict[int, int]:
    """By epoch."""
    found: dict[int, int] = {}
    for event in done.of(Stepped):
        found[event.epoch] = found.get(event.epoch, 0) + event.seen
    return found


@pytest.mark.parametrize(("where", "searched"), [("forward", [128]), ("backward", [128]), ("update", [128, 64, 32])])
def test_a_run_fits_its_batch_as_if_it_had_been_asked_for_it(where: str, searched: list[int], tmp_path: Path) -> None:
    fitted = run(setup(where=where, fit_batch=True), tmp_path / "a", preset=PRESET)
    asked = run(setup(where=where, batch_size=16), tmp_path / "b", preset=PRESET)
    assert [event.batch_size for event in fitted.of(OutOfMemory)] == searched
    assert not any(event.waiting for event in fitted.of(OutOfMemory))
    assert (fitted.of(SettingChanged)[-1].new, fitted.of(SettingChanged)[-1].step) == (16, 1)
    assert fitted.losses == asked.losses, "to the bit"
    assert fitted.ended.reason == "finished"
    assert fitted.ended.test_loss == asked.ended.test_loss


@pytest.mark.parametrize("where", ["forward", "backward", "update"])
@pytest.mark.parametrize("first", [5, 12])
def test_no_sample_is_lost_or_learned_twice(first: int, where: str, tmp_path: Path) -> None:
    """Eleven batches are an epoch: the twelfth is the first of the second one."""
    done = run(setup(where=where, first=first, fit_batch=True, epochs=3), tmp_path, preset=PRESET)
    assert done.of(OutOfMemory)[0].step == first - 1
    assert samples_seen(done) == {1: SAMPLES, 2: SAMPLES, 3: SAMPLES}
    assert done.ended.epoch == 3


def test_without_an_answer_it_ends_with_what_fits_and_is_saved_there(tmp_path: Path) -> None:
    done = run(setup(first=4), tmp_path, preset=PRESET)
    short = done.of(OutOfMemory)[0]
    assert (short.step, short.batch_size, short.fits, short.asked, short.waiting) == (3, 128, 16, 2_000_000_000, False)
    assert short.free > 0
    assert (done.ended.reason, done.ended.step) == ("failed", 3)
    assert done.ended.error.startswith("not enough memory: asked 2.0 GB where ")
    assert done.ended.error.endswith(" were free; batches of 16 fit, 128 do not")
    assert state.read(done.checkpoints / "last.pt")["step"] == 3


def test_nothing_fits(tmp_path: Path) -> None:
    done = run(setup(limit=0, fit_batch=True), tmp_path, preset=PRESET)
    assert done.ended.reason == "failed"
    assert done.ended.error.endswith("batches of 128 do not fit, nor do those of 1; a smaller net is needed")


@pytest.mark.parametrize(("scale", "rates"), [(False, []), (True, [1e-3 / 8])])
def test_it_waits_and_takes_the_batch_that_fits(scale: bool, rates: list[float], tmp_path: Path) -> None:
    done = run(setup(lr=1e-3), tmp_path, answering(FitBatch(scale)), preset=PRESET, tick=EACH_STEP, holds=True)
    assert [event.waiting for event in done.of(OutOfMemory)] == [True]
    assert [event.new for event in done.of(SettingChanged)] == [16]
    assert [event.new for event in done.of(LearningRateChanged)] == pytest.approx(rates)
    assert done.ended.reason == "finished"
    assert samples_seen(done) == {1: SAMPLES}


def test_it_waits_and_takes_another_batch(tmp_path: Path) -> None:
    done = run(setup(), tmp_path, answering(Set("batch_size", 4)), preset=PRESET, tick=EACH_STEP, holds=True)
    assert [event.new for event in done.of(SettingChanged)] == [4]
    assert done.ended.reason == "finished"


def test_to_go_on_is_to_try_again(tmp_path: Path) -> None:
    done = run(setup(), tmp_path, answering(Continue(), FitBatch()), preset=PRESET, tick=EACH_STEP, holds=True)
    assert [event.waiting for event in done.of(OutOfMemory)] == [True, True]
    assert len(done.of(Continued)) == 1
    assert done.ended.reason == "finished"


def test_what_is_asked_together_with_going_on_is_heard(tmp_path: Path) -> None:
    def script(events: list[Event]) -> list[Command]:
        last = next((event for event in reversed(events) if isinstance(event, OutOfMemory | Continued)), None)
        return [Continue(), Stop()] if isinstance(last, OutOfMemory) else []

    done = run(setup(first=4), tmp_path, script, preset=PRESET, tick=EACH_STEP, holds=True)
    assert len(done.of(Continued)) == 1
    assert (done.ended.reason, done.ended.step) == ("stopped", 3)


def test_a_batch_that_cannot_be_had_is_said_and_it_waits_on(tmp_path: Path) -> None:
    done = run(setup(limit=0), tmp_path, answering(FitBatch(), Abandon()), preset=PRESET, tick=EACH_STEP, holds=True)
    assert any(event.text.startswith("no smaller batch fits") for event in done.of(Noted))
    assert done.ended.reason == "abandoned"


@pytest.mark.parametrize(("asked", "reason"), [(Stop(), "stopped"), (Abandon(), "abandoned")])
def test_a_run_that_waits_can_be_ended(asked: Command, reason: str, tmp_path: Path) -> None:
    done = run(setup(first=4), tmp_path, answering(asked), preset=PRESET, tick=EACH_STEP, holds=True)
    assert (done.ended.reason, done.ended.step) == (reason, 3)
    assert state.read(done.checkpoints / "last.pt")["step"] == 3


def test_a_run_that_waits_can_be_handed_over(tmp_path: Path) -> None:
    done = run(setup(first=4), tmp_path, answering(Step(), HandOver()), preset=PRESET, tick=EACH_STEP, holds=True)
    assert isinstance(done.events[-1], HandedOver)
    saved = state.read(done.checkpoints / "last.pt")
    assert (saved["step"], saved["position"], saved["epoch"]) == (3, 3 * 128, 1)


def test_the_clock_of_the_run_stands_while_it_waits(tmp_path: Path) -> None:
    slow, left = iter(range(1000)), [FitBatch()]

    def script(events: list[Event]) -> list[Command]:
        waits = any(isinstance(event, OutOfMemory) for event in events)
        return [left.pop()] if waits and left and next(slow) > 300 else []

    done = run(setup(steps=20), tmp_path, script, preset=PRESET, holds=True)
    assert done.clock.slept > 300
    assert done.ended.seconds < 2, "of 300 naps of 20 ms"
