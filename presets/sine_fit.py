"""Two numbers, a0 and a1, so that a0 sin(a1 x) becomes sin x.

From *Learning PyTorch, day 1*: the whole data as one batch, the sum of squares as loss, a
start at (1.3, 1), and 40 steps against the gradient, each cut to a length of at most 0.1.
The gradient is in the thousands here, so every step *is* 0.1 long. a0 comes down to 0.98
and stays, but a1 cannot come nearer to 1 than half a step: it flips between two values,
one on each side, for ever. A step that never gets smaller does not arrive.

Published are a loss of about 13.45 and (0.98, 0.94). With x evenly spaced, as here, the loss
is 15.25 before the 40th step, the parameters are (0.982, 0.946) after it, and a1 flips
between 1.045 and 0.946. If x is drawn at random instead, the figures depend on the draw:
of a thousand draws, nine in ten had a loss between 11.5 and 19.0, and of those within 0.1
of 13.45 nearly all ended at (0.98, 0.94). So the published figures seem to be one draw.

A sum is larger the more points there are: the validation loss, over 200, is about a fifth.

**Try:** the cosine schedule, and it arrives; a rate of 0.01 and 400 steps, and it flips
nearer to 1; start at `a1` = 2, from where it slides into another valley and stays there.
"""

from typing import Any

import torch
from torch import Tensor, nn

DEFAULTS = {
    "dataset": "sine",
    "optimizer": "sgd",
    "lr": 0.1,
    "momentum": 0.0,
    "batch_size": 1000,
    "epochs": 40,
    "precision": "fp32",
}


def build(input_shape: tuple[int, ...], num_classes: int, *, a0: float = 1.3, a1: float = 1.0) -> nn.Module:
    """a0 sin(a1 x).

    a0: height to start from
    a1: waves on 2π to start from
    """
    if input_shape != (1,) or num_classes != 1:
        raise ValueError("this fits one number to one number, as in the dataset sine")
    return Wave(a0, a1)


class Wave(nn.Module):
    """a0 sin(a1 x)."""

    def __init__(self, a0: float, a1: float) -> None:
        super().__init__()
        self.a0 = nn.Parameter(torch.tensor(a0))
        self.a1 = nn.Parameter(torch.tensor(a1))

    def forward(self, x: Tensor) -> Tensor:
        return self.a0 * torch.sin(self.a1 * x)


def loss(outputs: Tensor, targets: Tensor) -> Tensor:
    """The sum of squares."""
    return (outputs - targets).square().sum()


def optimizer(model: nn.Module, config: Any) -> "CutDescent":
    """The update that takes the place of torch's. Raises ValueError for settings that it does not follow."""
    if config.optimizer != "sgd" or config.momentum or config.weight_decay:
        raise ValueError("the update written here is gradient descent with cut steps: sgd, with momentum and decay 0")
    return CutDescent(list(model.parameters()), config.lr)


class CutDescent:
    """Steps against the gradient, over all parameters together no longer than the rate."""

    def __init__(self, weights: list[nn.Parameter], lr: float) -> None:
        self.param_groups: list[dict[str, Any]] = [{"params": weights, "lr": lr}]  # where the rate is changed during a run

    @torch.no_grad()
    def step(self) -> None:
        for group in self.param_groups:
            gradients = [weight.grad for weight in group["params"]]
            length = torch.stack([gradient.norm() for gradient in gradients]).norm()
            part = (group["lr"] / length).clamp_max(1)
            for weight, gradient in zip(group["params"], gradients, strict=True):
                weight -= part * gradient

    def zero_grad(self) -> None:
        for group in self.param_groups:
            for weight in group["params"]:
                weight.grad = None

    def state_dict(self) -> dict[str, float]:
        """What a checkpoint needs to know of it."""
        return {"lr": self.param_groups[0]["lr"]}

    def load_state_dict(self, state: dict[str, float]) -> None:
        self.param_groups[0]["lr"] = state["lr"]
