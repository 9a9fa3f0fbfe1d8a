"""A linear system A x = b, solved by gradient descent.

The net here has no layers: what is trained is x itself. A sample is a row of A, its target
the number in b, and the loss the sum of squares |A x − b|², whose gradient is
2 Aᵀ(A x − b). With A = [[0, 1], [1, 0]] and b = [1, 1] that is 2 (x − [1, 1]), so a step
at rate r takes x the 2 r-th part of the way that is left.

From *Learning PyTorch, day 1*, which starts at x = 0: a rate of 0.5 is there after one
step, [1, 1]; 0.1 gives 0.2, 0.36, 0.488 and 0.8658 after nine. A batch holds all rows and
momentum is 0: anything else would be another method.

**Try:** a rate of 0.5, then 0.9, which goes too far each time and still arrives, then 1.1,
which does not; a system whose rows are nearly the same, `a` = 1 1; 1 1.1 and `b` = 2 2.1:
after 3 000 steps at 0.1 it is still 0.006 off.
"""

import torch
from torch import Tensor, nn

DEFAULTS = {
    "dataset": "linear-system",
    "optimizer": "sgd",
    "lr": 0.1,
    "momentum": 0.0,
    "batch_size": 2,
    "epochs": 9,
    "precision": "fp32",
}


def build(input_shape: tuple[int, ...], num_classes: int) -> nn.Module:
    """x, at 0, to be multiplied with rows of A."""
    if len(input_shape) != 1 or num_classes != 1:
        raise ValueError("this solves a linear system: rows of numbers, one number to hit for each; see linear-system")
    return Unknowns(input_shape[0])


class Unknowns(nn.Module):
    """x, and A x."""

    def __init__(self, count: int) -> None:
        super().__init__()
        self.x = nn.Parameter(torch.zeros(count))

    def forward(self, rows: Tensor) -> Tensor:
        return (rows * self.x).sum(1, keepdim=True)


def loss(outputs: Tensor, targets: Tensor) -> Tensor:
    """The sum of squares; a mean would make every step shorter by the number of rows."""
    return (outputs - targets).square().sum()
