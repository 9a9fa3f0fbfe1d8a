"""A small residual net: eight conv layers with batch norm, and two shortcuts.

A residual block computes `x + f(x)`: what comes in goes on unchanged, and the block
only learns what to add. Gradients take the same way back, so more layers stop being
harder to train. Batch norm gives every channel mean 0 and deviation 1 over the batch,
which is why it stands a rate at which the plain net would blow up.

The layout is the one that was made popular for fast CIFAR-10 training (Page, *How to
train your ResNet*, 2018): pooling between the blocks, the largest value of each channel
at the end, one dense layer.

**Try:** the one-cycle schedule with a rate of 0.01; `width` 8 against 32; watch how the
first epochs compare with `cnn`.
"""

import torch
from torch import nn

DEFAULTS = {
    "dataset": "shapes",
    "optimizer": "adamw",
    "lr": 5e-3,
    "weight_decay": 0.01,
    "schedule": "one-cycle",
    "batch_size": 64,
    "epochs": 4,
}


def build(input_shape: tuple[int, ...], num_classes: int, *, width: int = 16) -> nn.Module:
    """Conv, conv, residual block, conv, conv, residual block, dense.

    width: channels of the first conv layer; the next have twice, four and eight times as many
    """
    if width < 1:
        raise ValueError(f"width is 1 or more, not {width}")
    if len(input_shape) != 3:
        raise ValueError("conv layers need pictures; linear and mlp take rows of numbers")
    channels, height, side = input_shape
    if min(height, side) < 8:
        raise ValueError(f"three poolings need pictures of 8×8 or more; these are {height}×{side}")
    return nn.Sequential(
        conv(channels, width),
        conv(width, 2 * width, pool=True),
        Residual(2 * width),
        conv(2 * width, 4 * width, pool=True),
        conv(4 * width, 8 * width, pool=True),
        Residual(8 * width),
        nn.AdaptiveMaxPool2d(1),
        nn.Flatten(),
        nn.Linear(8 * width, num_classes),
    )


def conv(before: int, after: int, *, pool: bool = False) -> nn.Module:
    """A conv layer without bias (the norm after it has one), halving the picture if asked."""
    layers = [
        nn.Conv2d(before, after, 3, padding=1, bias=False),
        nn.BatchNorm2d(after),
        nn.ReLU(),
    ]
    if pool:
        layers.insert(1, nn.MaxPool2d(2))
    return nn.Sequential(*layers)


class Residual(nn.Module):
    """Two conv layers whose result is added to what came in."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.layers = nn.Sequential(conv(channels, channels), conv(channels, channels))

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        added: torch.Tensor = self.layers(inputs)
        return inputs + added
