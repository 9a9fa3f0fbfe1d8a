"""Two conv layers and a dense one, as a module with three layers in it.

The second of three ways in which CS231n (Stanford) has its students write the same net,
in the notebook *PyTorch* of its second assignment: 32 filters of 5×5, 16 of 3×3, ReLU
after each, then one dense layer. Nothing is pooled, so the picture keeps its size to the
end. `barebones` is the first way, `three_layer_sequential` the third.

What `nn.Module` does: it finds the layers that are put on `self`, and with them their
parameters. So `optimizer`, checkpoint and probes know all that there is to train without
being told, and `forward` only says in which order things happen.

The notebook trains it on CIFAR-10 for one epoch in batches of 64, by plain gradient
descent at a rate of 3e-3; these are the defaults here, only the dataset is one that needs
no download. Its aim of 70 % is for the net of one's own that comes after these three.

**Try:** `cifar10`, and the notebook's epoch; the other two ways with the same seed;
momentum 0.9, which is most of what makes the third way better; then with it a rate of 1e-2,
and see the loss stay at 2.30, where all classes are equally likely.
"""

import torch
from torch import nn
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
    return ThreeLayers(input_shape, num_classes, first, second)


class ThreeLayers(nn.Module):
    """The net: its layers, and the order in which a picture passes them."""

    def __init__(self, input_shape: tuple[int, ...], num_classes: int, first: int, second: int) -> None:
        super().__init__()
        channels, height, side = input_shape
        self.conv1 = nn.Conv2d(channels, first, 5, padding=2)
        self.conv2 = nn.Conv2d(first, second, 3, padding=1)
        self.dense = nn.Linear(second * height * side, num_classes)
        for parameter in self.parameters():
            if parameter.ndim > 1:
                nn.init.kaiming_normal_(parameter)
            else:
                nn.init.zeros_(parameter)  # a bias

    def forward(self, pictures: torch.Tensor) -> torch.Tensor:
        values = F.relu(self.conv1(pictures))
        values = F.relu(self.conv2(values))
        scores: torch.Tensor = self.dense(values.flatten(1))
        return scores
