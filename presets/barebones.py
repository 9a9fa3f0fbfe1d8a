"""Two conv layers and a dense one, from bare tensors, with the update by hand.

The first of three ways in which CS231n (Stanford) has its students write the same net, in
the notebook *PyTorch* of its second assignment: 32 filters of 5×5, 16 of 3×3, ReLU after
each, then one dense layer. There are no layers in this file. There are six tensors,
`forward` says what is done with them, and `Descent` how they are changed: each goes down
its own gradient, times the rate. The ways that follow, `three_layer` and
`three_layer_sequential`, only put names to this.

The tensors are `nn.Parameter`s on one module, so that they can be found, moved to another
device and saved. The notebook trains them for an epoch of CIFAR-10 in batches of 64 at a
rate of 3e-3; these are the defaults here, only the dataset is one that needs no download.

**Try:** `cifar10`, and the notebook's epoch; write momentum into `Descent.step` in a copy
of this file; start with all weights at 0 and see which of the six tensors never move.
"""

from math import sqrt
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

DEFAULTS = {
    "dataset": "shapes",
    "optimizer": "sgd",
    "lr": 3e-3,
    "momentum": 0.0,
    "batch_size": 64,
    "epochs": 1,
}


def build(input_shape: tuple[int, ...], num_classes: int, *, first: int = 32, second: int = 16) -> nn.Module:
    """Conv 5×5, ReLU, conv 3×3, ReLU, dense; weights from Kaiming's normal distribution, biases 0.

    first: channels of the first conv layer
    second: channels of the second
    """
    if first < 1 or second < 1:
        raise ValueError(f"first and second are 1 or more, not {first} and {second}")
    if len(input_shape) != 3:
        raise ValueError("conv layers need pictures; linear and mlp take rows of numbers")
    return BareTensors(input_shape, num_classes, first, second)


class BareTensors(nn.Module):
    """Six tensors, and what is done with them."""

    def __init__(self, input_shape: tuple[int, ...], num_classes: int, first: int, second: int) -> None:
        super().__init__()
        channels, height, side = input_shape
        self.conv_w1 = kaiming(first, channels, 5, 5)
        self.conv_b1 = nn.Parameter(torch.zeros(first))
        self.conv_w2 = kaiming(second, first, 3, 3)
        self.conv_b2 = nn.Parameter(torch.zeros(second))
        self.fc_w = kaiming(num_classes, second * height * side)
        self.fc_b = nn.Parameter(torch.zeros(num_classes))

    def forward(self, pictures: Tensor) -> Tensor:
        values = F.relu(F.conv2d(pictures, self.conv_w1, self.conv_b1, padding=2))
        values = F.relu(F.conv2d(values, self.conv_w2, self.conv_b2, padding=1))
        return F.linear(values.flatten(1), self.fc_w, self.fc_b)


def kaiming(*shape: int) -> nn.Parameter:
    """Weights with deviation √(2 / values each sums up): ReLU then keeps the size of what goes through (He et al., 2015)."""
    weights = torch.randn(shape)
    return nn.Parameter(weights * sqrt(2 / weights[0].numel()))


def optimizer(model: nn.Module, config: Any) -> "Descent":
    """The update that takes the place of torch's. Raises ValueError for settings that it does not follow."""
    if config.optimizer != "sgd" or config.momentum or config.weight_decay:
        raise ValueError("the update written here is plain gradient descent: sgd, with momentum and decay 0")
    return Descent(list(model.parameters()), config.lr)


class Descent:
    """Plain gradient descent."""

    def __init__(self, weights: list[nn.Parameter], lr: float) -> None:
        self.param_groups: list[dict[str, Any]] = [{"params": weights, "lr": lr}]  # where the rate is changed during a run

    @torch.no_grad()
    def step(self) -> None:
        for group in self.param_groups:
            for weight in group["params"]:
                weight.sub_(weight.grad, alpha=group["lr"])  # weight -= lr * gradient, rounded once, as torch's SGD

    def zero_grad(self) -> None:
        """Gradients are added to what is there, so each step has to begin with none."""
        for group in self.param_groups:
            for weight in group["params"]:
                weight.grad = None

    def state_dict(self) -> dict[str, float]:
        """What a checkpoint needs to know of it."""
        return {"lr": self.param_groups[0]["lr"]}

    def load_state_dict(self, state: dict[str, float]) -> None:
        self.param_groups[0]["lr"] = state["lr"]
