"""Three conv layers and two dense ones: the net most people write first.

Each conv layer looks at 3×3 neighbours and gives twice as many channels as the one
before; after each, a pooling layer keeps the largest of every 2×2 values, so the
picture halves while what is known about each place grows. Two dense layers turn what is
left into one score for each class.

The pooling stands *before* the ReLU. The result is the same to the last bit, because
the larger of two values is still the larger after everything negative became 0, and
ReLU then has a quarter of the values to go through.

It is also the net of *From data to modeling*, which trains it on CIFAR-10: with `width` 16
and `dense` 64 as here, Adam at 1e-3, batches of 32 and 4 epochs, 69.39 % of the test
pictures came out right, 89.4 % of the ships and 41.8 % of the birds. (The defaults here
suit the digits.)

**Try:** halve `width` and see how little it loses on `digits`; set `dropout` to 0.3 and
watch train and validation loss come together; take the rate ten times as high and look
at the first epoch.
"""

from torch import nn

DEFAULTS = {
    "dataset": "digits",
    "optimizer": "adam",
    "lr": 3e-3,
    "batch_size": 32,
    "epochs": 30,
}


def build(
    input_shape: tuple[int, ...],
    num_classes: int,
    *,
    width: int = 16,
    dense: int = 64,
    dropout: float = 0.0,
) -> nn.Module:
    """Three times conv, pool, ReLU, then dense, ReLU, dense.

    width: channels of the first conv layer; the next have twice and four times as many
    dense: values between the dense layers
    dropout: share of them put to 0; they differ at each step
    """
    if width < 1 or dense < 1:
        raise ValueError(f"width and dense are 1 or more, not {width} and {dense}")
    if len(input_shape) != 3:
        raise ValueError("conv layers need pictures; linear and mlp take rows of numbers")
    channels, height, side = input_shape
    if min(height, side) < 8:
        raise ValueError(f"three poolings need pictures of 8×8 or more; these are {height}×{side}")
    left = (height // 8) * (side // 8)
    return nn.Sequential(
        *block(channels, width),
        *block(width, 2 * width),
        *block(2 * width, 4 * width),
        nn.Flatten(),
        nn.Linear(4 * width * left, dense),
        nn.ReLU(),
        nn.Dropout(dropout),
        nn.Linear(dense, num_classes),
    )


def block(before: int, after: int) -> list[nn.Module]:
    """One conv layer, and the picture halved."""
    return [nn.Conv2d(before, after, 3, padding=1), nn.MaxPool2d(2), nn.ReLU()]
