"""Two conv layers and a dense one, as a plain list of layers.

The third of three ways in which CS231n (Stanford) has its students write the same net, in
the notebook *PyTorch* of its second assignment: 32 filters of 5×5, 16 of 3×3, ReLU after
each, then one dense layer. A net in which everything goes straight on needs no class of
its own: `nn.Sequential` calls one layer after the other. `barebones` and `three_layer`
are the first and the second way.

The notebook trains this one for an epoch of CIFAR-10 in batches of 64 with Nesterov's
momentum of 0.9, at a rate of 1e-2; these are the defaults here, only the dataset is one
that needs no download. Momentum goes on in the direction of the steps before; Nesterov's
looks at the gradient where that would lead. Its weights are as torch draws them, not from
Kaiming's normal distribution as those of the other two.

**Try:** `cifar10`, and the notebook's epoch; the rate of the other two ways, 3e-3; put a
pooling layer behind each ReLU in a copy of this file, and count the parameters.
"""

from torch import nn

DEFAULTS = {
    "dataset": "shapes",
    "optimizer": "sgd",
    "lr": 1e-2,
    "momentum": 0.9,
    "nesterov": True,
    "batch_size": 64,
    "epochs": 1,
}


def build(input_shape: tuple[int, ...], num_classes: int, *, first: int = 32, second: int = 16) -> nn.Module:
    """Conv 5×5, ReLU, conv 3×3, ReLU, dense.

    first: channels of the first conv layer
    second: channels of the second
    """
    if first < 1 or second < 1:
        raise ValueError(f"first and second are 1 or more, not {first} and {second}")
    if len(input_shape) != 3:
        raise ValueError("conv layers need pictures; linear and mlp take rows of numbers")
    channels, height, side = input_shape
    return nn.Sequential(
        nn.Conv2d(channels, first, 5, padding=2),
        nn.ReLU(),
        nn.Conv2d(first, second, 3, padding=1),
        nn.ReLU(),
        nn.Flatten(),
        nn.Linear(second * height * side, num_classes),
    )
