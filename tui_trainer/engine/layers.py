"""The layers of a net, seen while two empty samples pass through it, and whether what comes out can be learned from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from tui_trainer.events import Layer

NAMES = (("Conv", "conv"), ("Pool", "pool"), ("Linear", "dense"), ("Norm", "norm"), ("Embedding", "embed"))
"""Part of a class name, and how such layers are called on the screen."""

UNSEEN = ("ReLU", "GELU", "SiLU", "ELU", "Tanh", "Sigmoid", "Softmax", "Dropout", "Flatten", "Identity", "Sequential")
"""Parts of class names of layers that are not listed unless they hold parameters."""

DETACHED = "no gradient reaches the weights, so nothing could be learned: is there a detach(), item() or no_grad() on the way?"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a net is given and has to give."""

    input_shape: tuple[int, ...]
    """Of one sample: a picture, or a row of values."""
    outputs: int
    """For one sample: a score for each class, or the numbers to predict."""
    regression: bool = False

    @property
    def word(self) -> str:
        return "pictures" if len(self.input_shape) == 3 else "rows"

    def targets(self, device: torch.device) -> Tensor:
        """Some for two samples."""
        return torch.zeros(2, self.outputs, device=device) if self.regression else torch.zeros(2, dtype=torch.int64, device=device)


class WrongShape(Exception):
    """What a net gives is not what is needed, or it cannot learn from it."""


def look(net: nn.Module, inputs: Tensor, wanted: Wanted) -> dict[nn.Module, Layer]:
    """The layers in the order in which two empty samples pass them."""
    seen: dict[nn.Module, Layer] = {}
    counts: dict[str, int] = {}

    def note(module: nn.Module, inputs: tuple[Any, ...], output: Any) -> None:
        adds = _multiply_adds(module, output)
        if module in seen:
            seen[module] = seen[module]._replace(multiply_adds=seen[module].multiply_adds + adds)
            return
        kind = type(module).__name__
        word = next((word for part, word in NAMES if part in kind), kind.lower())
        counts[word] = counts.get(word, 0) + 1
        shape = tuple(output.shape[1:]) if isinstance(output, Tensor) else ()
        own = sum(parameter.numel() for parameter in module.parameters(recurse=False))
        seen[module] = Layer(f"{word}{counts[word]}", kind, shape, own, adds)

    with hooked(net, note), torch.enable_grad():
        was_training = net.training
        output = net.eval()(inputs)
        net.train(was_training)
    if not isinstance(output, Tensor):
        needed = f"a tensor of shape (2, {wanted.outputs}) is needed for 2 {wanted.word}"
        raise WrongShape(f"the net gives {described(output)}; {needed}")
    if output.shape != (2, wanted.outputs):
        each = "one number for each that is to be predicted" if wanted.regression else "one score for each class"
        shape = f"shape {tuple(output.shape)} for 2 {wanted.word}"
        raise WrongShape(f"the net gives {shape}; (2, {wanted.outputs}) is needed, {each}")
    if not output.is_floating_point():
        raise WrongShape(f"the net gives {str(output.dtype).removeprefix('torch.')} values; scores have to be float")
    if not output.requires_grad and any(parameter.requires_grad for parameter in net.parameters()):
        raise WrongShape(f"what the net gives does not follow from its parameters; {DETACHED}")
    return seen


def described(value: object) -> str:
    """What it is, where something else was needed."""
    return "nothing" if value is None else f"a value of type {type(value).__name__}"


class hooked:
    """While it is open, `note(module, inputs, output)` is called for each layer that a forward pass goes through."""

    def __init__(self, net: nn.Module, note: Callable[[nn.Module, tuple[Any, ...], Any], None]) -> None:
        self._hooks = [module.register_forward_hook(note) for module in net.modules() if is_layer(module)]

    def __enter__(self) -> None:
        return None

    def __exit__(self, *_: object) -> None:
        for hook in self._hooks:
            hook.remove()


def is_layer(module: nn.Module) -> bool:
    """Whether a module is worth a line: it holds parameters itself, or is a leaf that does more than bend values."""
    if next(module.parameters(recurse=False), None) is not None:
        return True
    return not any(module.children()) and not any(part in type(module).__name__ for part in UNSEEN)


def _multiply_adds(module: nn.Module, output: Any) -> int:
    """For one of the two pictures; only convolutions and dense layers are counted, the rest is small beside them."""
    if not isinstance(output, Tensor) or not isinstance(weight := getattr(module, "weight", None), Tensor):
        return 0
    values = output.numel() // max(1, len(output))
    if isinstance(module, nn.Linear):
        return values * module.in_features
    return values * weight[0].numel() if "Conv" in type(module).__name__ and "Transpose" not in type(module).__name__ else 0
