"""Gradients that come back through a flatten in the layout of the pictures that went in.

Convolutions are fast where all channels of a pixel lie together. What a flatten sends back lies the other way round, and
every layer before it, up to the last convolution, then walks through two layouts at once: on a CPU a ReLU takes four times
as long. Turned round once, the values are the same.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn


class _Turned(torch.autograd.Function):
    """Passes a tensor on, and turns its gradient into the tensor's own layout."""

    @staticmethod
    def forward(ctx: Any, inputs: Tensor) -> Tensor:
        return inputs.view_as(inputs)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> Tensor:
        return gradient.contiguous(memory_format=torch.channels_last)


def turn(module: nn.Module, inputs: tuple[Any, ...]) -> tuple[Any, ...] | None:
    """Before a flatten: has the gradient of pictures turned, where all channels of a pixel lie together."""
    (given, *rest) = inputs
    if not isinstance(given, Tensor) or given.dim() != 4 or not given.requires_grad:
        return None
    if not given.is_contiguous(memory_format=torch.channels_last) or given.is_contiguous():
        return None
    return (_Turned.apply(given), *rest)


def keep(net: nn.Module) -> None:
    """From now on the gradients of this net keep its layout."""
    for module in net.modules():
        if isinstance(module, nn.Flatten):
            module.register_forward_pre_hook(turn)


def release(net: nn.Module) -> nn.Module:
    """The net as it was before `keep`."""
    for module in net.modules():
        for key, hook in list(module._forward_pre_hooks.items()):
            if hook is turn:
                del module._forward_pre_hooks[key]
    return net
