"""Dense layers with ReLU between them: the multilayer perceptron.

The layers in between can bend: each value is a weighted sum of everything before it,
cut off at 0, and enough of them can follow any border between classes. It still sees a
picture as a list of unrelated numbers; move the picture by one pixel and it has to
learn it anew.

On `digits` an epoch takes a blink, which makes it the net to try learning rates on
while you watch.

**Try:** set `layers` to 0 and get softmax regression back; make it deep and narrow,
then shallow and wide, with the same number of parameters; press `]` a few times and
find the rate at which the loss jumps.
"""

from math import prod

from torch import nn

DEFAULTS = {
    "dataset": "digits",
    "optimizer": "adam",
    "lr": 1e-3,
    "batch_size": 32,
    "epochs": 30,
}


def build(
    input_shape: tuple[int, ...],
    num_classes: int,
    *,
    width: int = 128,
    layers: int = 2,
    dropout: float = 0.0,
) -> nn.Module:
    """Flatten, the hidden layers, then one score for each class.

    width: values in each hidden layer
    layers: hidden layers
    dropout: share of them put to 0; they differ at each step
    """
    if width < 1 or layers < 0:
        raise ValueError(f"width is 1 or more and layers 0 or more, not {width} and {layers}")
    net: list[nn.Module] = [nn.Flatten()]
    size = prod(input_shape)
    for _ in range(layers):
        net += [nn.Linear(size, width), nn.ReLU(), nn.Dropout(dropout)]
        size = width
    return nn.Sequential(*net, nn.Linear(size, num_classes))
