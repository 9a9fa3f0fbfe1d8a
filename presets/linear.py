"""Softmax regression: one dense layer, the smallest net there is.

Every pixel votes for every class with one weight, and the votes are added up. There is
nothing between input and output, so the weights of a class can be looked at as a
picture: bright where ink speaks for it, dark where against.

It finds 95 of 100 digits, because those stand upright in the middle. It cannot know a
shape that moves, turns or changes its colour: no pixel stands for anything then. That
is the gap every other preset is here to close.

**Try:** train it on `digits` and then on `shapes`, and read the confusion matrix of
each; set `bias` to no.
"""

from torch import nn

DEFAULTS = {"dataset": "digits", "optimizer": "sgd", "lr": 0.05, "batch_size": 32, "epochs": 30}


def build(input_shape: tuple[int, ...], num_classes: int, *, bias: bool = True) -> nn.Module:
    """Flatten, then one dense layer.

    bias: whether each class has a score of its own before it saw anything
    """
    pixels = 1
    for size in input_shape:
        pixels *= size
    return nn.Sequential(nn.Flatten(), nn.Linear(pixels, num_classes, bias=bias))
