"""LeNet-5, the net that read cheques in the nineties.

Two conv layers of 5×5 with pooling, then three dense layers: 6 and 16 channels, 120 and
84 values. It is LeCun, Bottou, Bengio and Haffner's net of 1998 with the changes
everybody makes today: ReLU instead of tanh, the largest of four values instead of their
mean, and every channel of the second layer sees all of the first.

The original looked at 32×32. A picture of another size keeps the layers and changes
only how many values reach the first dense one. Below 28×28 a margin of two pixels is put
around what the conv layers see, so that even 8×8 leaves something to look at.

On CIFAR-10 it is the net of *Intro to PyTorch*, 62 006 parameters, which trains it by SGD
at a rate of 0.001 with momentum 0.9 in batches of 4. A larger batch sees many times as
many pictures in the same time.

**Try:** set `activation` to tanh, as it was in 1998, and compare the first epoch; count
which layer holds the parameters; on `cifar10`, batches of 4 and of 64 with the same
`seconds` as the budget.
"""

from typing import Literal

from torch import nn

DEFAULTS = {
    "dataset": "digits",
    "optimizer": "sgd",
    "lr": 0.02,
    "momentum": 0.9,
    "batch_size": 32,
    "epochs": 20,
}

ACTIVATIONS = {"relu": nn.ReLU, "tanh": nn.Tanh}


def build(
    input_shape: tuple[int, ...],
    num_classes: int,
    *,
    width: int = 6,
    activation: Literal["relu", "tanh"] = "relu",
) -> nn.Module:
    """Conv, pool, conv, pool, three dense layers.

    width: channels of the first conv layer; LeNet-5 has 6
    activation: what bends the values between layers
    """
    if activation not in ACTIVATIONS:
        raise ValueError(f"activation is relu or tanh, not {activation}")
    if width < 1:
        raise ValueError(f"width is 1 or more, not {width}")
    bend = ACTIVATIONS[activation]
    if len(input_shape) != 3:
        raise ValueError("conv layers need pictures; linear and mlp take rows of numbers")
    channels, height, side = input_shape
    if min(height, side) < 8:
        raise ValueError(f"two poolings after 5×5 layers need pictures of 8×8 or more; these are {height}×{side}")
    more = round(width * 16 / 6)
    margin = 0 if min(height, side) >= 28 else 2
    down, across = (((size - 4 + 2 * margin) // 2 - 4 + 2 * margin) // 2 for size in (height, side))
    return nn.Sequential(
        nn.Conv2d(channels, width, 5, padding=margin),
        nn.MaxPool2d(2),
        bend(),
        nn.Conv2d(width, more, 5, padding=margin),
        nn.MaxPool2d(2),
        bend(),
        nn.Flatten(),
        nn.Linear(more * down * across, 120),
        bend(),
        nn.Linear(120, 84),
        bend(),
        nn.Linear(84, num_classes),
    )
