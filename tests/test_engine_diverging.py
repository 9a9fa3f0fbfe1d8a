"""The first value that was not finite is told apart: an output, a gradient, the loss function, the data."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from torch import nn

from engine_runs import EACH_STEP, at_step, run, settings
from tui_trainer import paths
from tui_trainer.commands import Command, Evaluate, HandOver, Save, Stop
from tui_trainer.engine import diverging, prepare
from tui_trainer.engine.augment import Mixed
from tui_trainer.engine.prepare import Ready
from tui_trainer.events import Evaluated

NET = '''"""Three layers by hand."""
from torch import nn


def build(input_shape, num_classes):
    return nn.Sequential(nn.Flatten(), nn.Linear(64, 8), nn.ReLU(), nn.Linear(8, 8), nn.ReLU(), nn.Linear(8, num_classes))
'''


@pytest.fixture
def ready(tmp_path: Path) -> Ready:
    file = tmp_path / "mine.py"
    file.write_text(NET, encoding="utf-8")
    return prepare.prepare(settings(lr=0.1), file, paths.datasets(), lambda what, done=0, total=0: None)


def spoil(ready: Ready, *layers: int, value: float = float("nan")) -> None:
    """Weights of the first, second, third layer."""
    dense = [module for module in ready.built.net.modules() if isinstance(module, nn.Linear)]
    with torch.no_grad():
        for number in layers:
            dense[number - 1].weight[0, 0] = value


def batch(ready: Ready) -> diverging.Batch:
    return next(ready.data.batches(1, 32))


def test_the_first_layer_whose_output_was_not_finite(ready: Ready) -> None:
    spoil(ready, 2, value=1e38)
    inputs, targets = batch(ready)
    over = diverging.over(ready, 1203, 1, 0.1, loss=float("inf"), batch=(inputs * 1e3, targets))
    assert over.reason == "diverged"
    assert over.error == "the loss became inf at step 1 203, from dense2 on; try a rate of 1e-2"
    assert (over.layer, over.suggested_lr) == ("dense2", 0.01)


@pytest.mark.parametrize(
    ("spoilt", "said", "layer"),
    [
        ((1, 2), ": the gradient of dense2 was not finite at step 1 202", "dense2"),
        ((1,), ": the gradient of dense1 was not finite at step 1 202", "dense1"),
        ((1, 2, 3), ": the gradients of all layers were not finite at step 1 202", ""),
    ],
)
@pytest.mark.parametrize("value", [float("nan"), float("-inf")])
def test_the_gradient_that_spoilt_the_weights(value: float, spoilt: tuple[int, ...], said: str, layer: str, ready: Ready) -> None:
    spoil(ready, *spoilt, value=value)
    over = diverging.over(ready, 1203, 2, 0.1, loss=float("nan"), batch=batch(ready))
    assert over.error == f"the loss became nan at step 1 203{said}; try a rate of 3e-2"
    assert over.layer == layer


def test_weights_found_spoilt_before_a_loss_told(ready: Ready) -> None:
    assert not diverging.is_spoilt(ready.built.net)
    spoil(ready, 1)
    assert diverging.is_spoilt(ready.built.net)
    over = diverging.over(ready, 7, 1, 0.1)
    assert over.error == "the gradient of dense1 was not finite at step 7; try a rate of 1e-2"


def test_a_loss_function_that_fails_by_itself(ready: Ready) -> None:
    over = diverging.over(ready, 3, 1, 0.1, loss=float("nan"), batch=batch(ready))
    assert "at step 3, though the net gave finite values: it was the loss function itself; try a rate" in over.error
    assert over.layer == ""


def test_data_that_is_not_finite_is_not_blamed_on_the_rate(ready: Ready) -> None:
    inputs, targets = batch(ready)
    inputs[3] = float("nan")
    over = diverging.over(ready, 3, 1, 0.1, loss=float("nan"), batch=(inputs, targets))
    assert over.error == "the loss became nan at step 3: the inputs of this batch are not finite, look at the data"
    assert over.suggested_lr is None
    numbers = Mixed(torch.ones(2, 1), torch.tensor([[1.0], [float("inf")]]), 0.7)
    over = diverging.over(ready, 3, 1, 0.1, loss=float("nan"), batch=(batch(ready)[0], numbers))
    assert "the targets of this batch are not finite" in over.error


def test_nothing_is_said_that_cannot_be_told(ready: Ready) -> None:
    spoil(ready, 1, 2, 3)
    over = diverging.over(ready, 12, 1, 0.1, loss=float("nan"))
    assert over.error == "the loss became nan at step 12; try a rate of 1e-2"


SPOILS = '''"""At step 3 the gradient of the first layer is not finite, though the loss is."""
import torch
from torch import nn


class Spoil(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, now):
        ctx.now = now
        return x.clone()

    @staticmethod
    def backward(ctx, gradient):
        return gradient * float("nan") if ctx.now else gradient, None


class Net(nn.Module):
    def __init__(self, outputs):
        super().__init__()
        self.one, self.two, self.step = nn.Linear(64, 8), nn.Linear(8, outputs), 0

    def forward(self, x):
        self.step += self.training
        return self.two(Spoil.apply(self.one(x.flatten(1)), self.training and self.step == 3))


def build(input_shape, num_classes):
    return Net(num_classes)
'''


def test_a_run_ends_with_the_gradient_of_the_step_before(tmp_path: Path) -> None:
    done = run(settings(lr=0.1), tmp_path, preset=SPOILS)
    assert (done.ended.reason, done.ended.step, done.ended.layer) == ("diverged", 4, "dense1")
    assert done.ended.error.startswith("the loss became nan at step 4: the gradient of dense1 was not finite at step 3; try")


@pytest.mark.parametrize("asked", [Save(), Evaluate(), HandOver(), Stop()])
def test_spoilt_weights_are_neither_kept_nor_judged(asked: Command, tmp_path: Path) -> None:
    done = run(settings(lr=0.1), tmp_path, at_step(3, asked), preset=SPOILS, tick=EACH_STEP)
    assert (done.ended.reason, done.ended.step) == ("diverged", 3)
    assert done.ended.error.startswith("the gradient of dense1 was not finite at step 3; try")
    assert not list(done.checkpoints.glob("*.pt"))
    assert not done.of(Evaluated)
