"""A small vision transformer: patches that look at one another.

The picture is cut into squares, and each becomes a row of `dim` numbers; what belongs where
is learned as one more row for each place, and added. Then `depth` blocks: in attention
every patch asks all others, and takes over most from those that answer best, in `heads`
ways at once; after it a dense layer, ReLU's smoother cousin GELU, and a dense layer think
about each patch by itself. Both are added to what came in, as in a residual net. The mean of
all patches is scored.

It is Dosovitskiy and others' ViT of 2020, with the mean in place of a class token (Beyer,
Zhai and Kolesnikov, 2022). Nothing in it knows that neighbours matter, or that a thing stays
itself when it moves. Conv layers are born knowing; this net has to learn it from many
pictures. It knows 98 % of the digits after 20 epochs; but of the `shapes` it has 67 % after
five, where `mixer` has 78 and `cnn` 98.

**Try:** it and `cnn` on `shapes`, and compare the first epochs; `patch` 8 there, which makes a
sixteenth of the attention; `heads` 1; the same rate without the one-cycle schedule.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

DEFAULTS = {
    "dataset": "digits",
    "optimizer": "adamw",
    "lr": 2e-3,
    "weight_decay": 0.05,
    "schedule": "one-cycle",
    "batch_size": 64,
    "epochs": 20,
}


def build(
    input_shape: tuple[int, ...],
    num_classes: int,
    *,
    patch: int = 4,
    dim: int = 64,
    depth: int = 4,
    heads: int = 4,
) -> nn.Module:
    """Patches, their places, the blocks, the mean of all patches, dense.

    patch: side of a patch in pixels; height and width of the pictures are multiples of it
    dim: numbers that stand for a patch
    depth: blocks
    heads: ways in which patches look at one another; dim is a multiple of it
    """
    if min(patch, dim, depth, heads) < 1 or dim % heads:
        raise ValueError(
            f"patch, dim, depth and heads are 1 or more and dim is a multiple of heads, not {patch}, {dim}, {depth} and {heads}"
        )
    if len(input_shape) != 3:
        raise ValueError("patches are cut from pictures; linear and mlp take rows of numbers")
    channels, height, side = input_shape
    if height % patch or side % patch:
        raise ValueError(f"pictures of {height}×{side} cannot be cut into patches of {patch}×{patch}; give patch a divisor")
    return nn.Sequential(
        Patches(channels, patch, dim, (height // patch) * (side // patch)),
        *(Block(dim, heads) for _ in range(depth)),
        nn.LayerNorm(dim),
        Mean(),
        nn.Linear(dim, num_classes),
    )


class Patches(nn.Module):
    """A picture as rows, [N, C, H, W] to [N, patches, dim]; each row knows its place."""

    def __init__(self, channels: int, patch: int, dim: int, count: int) -> None:
        super().__init__()
        self.cut = nn.Conv2d(channels, dim, patch, stride=patch)
        self.places = nn.Parameter(0.02 * torch.randn(count, dim))

    def forward(self, pictures: Tensor) -> Tensor:
        rows: Tensor = self.cut(pictures).flatten(2).transpose(1, 2) + self.places
        return rows


class Attention(nn.Module):
    """Each patch takes over a mean of all, weighted by how well its query fits their keys."""

    def __init__(self, dim: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.asked = nn.Linear(dim, 3 * dim)
        self.joined = nn.Linear(dim, dim)

    def forward(self, rows: Tensor) -> Tensor:
        split = self.asked(rows).unflatten(2, (3, self.heads, -1))  # [N, patches, 3, heads, dim / heads]
        query, key, value = split.permute(2, 0, 3, 1, 4)
        taken: Tensor = self.joined(F.scaled_dot_product_attention(query, key, value).transpose(1, 2).flatten(2))
        return taken


class Block(nn.Module):
    """Attention, then a small net for each patch; both add to what came in."""

    def __init__(self, dim: int, heads: int) -> None:
        super().__init__()
        self.look = nn.Sequential(nn.LayerNorm(dim), Attention(dim, heads))
        self.think = nn.Sequential(nn.LayerNorm(dim), nn.Linear(dim, 2 * dim), nn.GELU(), nn.Linear(2 * dim, dim))

    def forward(self, rows: Tensor) -> Tensor:
        rows = rows + self.look(rows)
        thought: Tensor = rows + self.think(rows)
        return thought


class Mean(nn.Module):
    """Over all patches."""

    def forward(self, rows: Tensor) -> Tensor:
        return rows.mean(1)
