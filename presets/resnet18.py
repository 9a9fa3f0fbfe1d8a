"""ResNet-18 as torchvision has it, with a first layer for small pictures.

Eight residual blocks of two conv layers, in four stages; each stage halves the picture and
doubles the channels, from 64 to 512. A block computes `x + f(x)`, so that gradients find a
way back past every layer. It is He, Zhang, Ren and Sun's net of 2015, which was made for
photographs of 224×224: a 7×7 layer with stride 2 and a pooling layer first of all make a
sixteenth of them. Of a 32×32 picture that would leave 8×8 before anything was learned, so
here a 3×3 layer takes their place and nothing is halved before the second stage.

With 11 million parameters it is by far the largest preset here. A picture of 32×32 takes
0.56 billion multiply-adds, forward: that is work for a GPU. On `digits` it is quick enough
everywhere: after three epochs 97 % of the validation pictures are right.

**Try:** compare `resnet9` with it at equal time, with `seconds` as the budget; the one-cycle
schedule at ten times the rate; bf16 against fp32 in `precision`.
"""

from torch import nn

DEFAULTS = {
    "dataset": "digits",
    "optimizer": "adamw",
    "lr": 1e-3,
    "weight_decay": 0.01,
    "schedule": "one-cycle",
    "batch_size": 64,
    "epochs": 4,
}


def build(input_shape: tuple[int, ...], num_classes: int) -> nn.Module:
    """The net with weights as they are drawn, none that were trained elsewhere."""
    if len(input_shape) != 3:
        raise ValueError("conv layers need pictures; linear and mlp take rows of numbers")
    channels, height, side = input_shape
    if min(height, side) < 8:
        raise ValueError(f"three halvings need pictures of 8×8 or more; these are {height}×{side}")
    try:
        from torchvision.models import resnet18  # slow to import, and it fails beside a torch of another build
    except (ImportError, RuntimeError) as error:
        raise ValueError(f"this preset needs a torchvision that fits the torch here: {error}") from error
    net: nn.Module = resnet18(weights=None, num_classes=num_classes)
    net.conv1 = nn.Conv2d(channels, 64, 3, padding=1, bias=False)
    nn.init.kaiming_normal_(net.conv1.weight, mode="fan_out", nonlinearity="relu")
    net.maxpool = nn.Identity()
    return net
