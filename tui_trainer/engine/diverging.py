"""Where the first value that is not finite came from, found after the fact, and what is said of a run that ends by it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import torch
from torch import Tensor, nn

from tui_trainer import units
from tui_trainer.engine.layers import hooked
from tui_trainer.engine.over import Over

if TYPE_CHECKING:
    from tui_trainer.engine.augment import Targets
    from tui_trainer.engine.model import Built
    from tui_trainer.engine.prepare import Ready

Batch = tuple[Tensor, "Targets"]


class Cause(NamedTuple):
    """What was not finite first, as far as it can be told."""

    words: str = ""
    """As they follow upon what became of the loss."""
    layer: str = ""
    """Where it was one layer's output or gradient."""
    rate: bool = True
    """Whether a smaller rate may help."""


def over(ready: Ready, step: int, epoch: int, base_rate: float, *, loss: float | None = None, batch: Batch | None = None) -> Over:
    """The end of a run after `step`, whose loss is not finite; without one it was the weights that were found to be spoilt.

    `batch` is the one that gave that loss, where it is at hand and was not learned from.
    """
    cause = _cause(ready, step, batch) if loss is not None else _of_weights(ready.built, step)
    became = f"the loss became {loss} at step {units.count(step)}" if loss is not None else ""
    said = f"{became}{cause.words}".removeprefix(": ")
    if not cause.rate:
        return Over("diverged", said)
    config = ready.config
    lower = min(config.lr, float(f"{base_rate / (3 if epoch > 1 else 10):.0e}"))
    return Over("diverged", f"{said}; try a rate of {units.lr(lower)}", layer=cause.layer, suggested_lr=lower)


def is_spoilt(net: nn.Module) -> bool:
    """Whether a weight is not finite: such weights are not worth keeping. Waits for the device once."""
    longest = [parameter.detach().abs().max().float() for parameter in net.parameters() if parameter.numel()]
    return bool(longest) and not bool(torch.stack(longest).isfinite().all())


def _cause(ready: Ready, step: int, batch: Batch | None) -> Cause:
    if is_spoilt(ready.built.net):
        return _of_weights(ready.built, step - 1) if batch is not None else Cause()
    if batch is None:
        return Cause()
    inputs, targets = batch
    if not inputs.isfinite().all():
        return Cause(": the inputs of this batch are not finite, look at the data", rate=False)
    if not all(one.isfinite().all() for one in _numbers(targets)):
        return Cause(": the targets of this batch are not finite, look at the data", rate=False)
    layer, finite = _first_bad(ready, inputs)
    if layer:
        return Cause(f", from {layer} on", layer)
    return Cause(", though the net gave finite values: it was the loss function itself") if finite else Cause()


def _of_weights(built: Built, step: int) -> Cause:
    """Weights become so by their gradient. Gradients are made from the last layer to the first, and what is not finite stays
    so on the way: the last of these layers was the first."""
    at = f"not finite at step {units.count(step)}"
    bad = [name for name, parameters in _layers(built) if not all(one.isfinite().all() for one in parameters)]
    if len(bad) == len(_layers(built)) > 1:
        return Cause(f": the gradients of all layers were {at}")
    return Cause(f": the gradient of {bad[-1]} was {at}", bad[-1]) if bad else Cause()


def _layers(built: Built) -> list[tuple[str, list[nn.Parameter]]]:
    """The names of the layers with weights of their own, in the order in which a sample passes them, then of loose weights."""
    found = [(layer.name, list(module.parameters(recurse=False))) for module, layer in built.seen.items()]
    known = {id(parameter) for _, parameters in found for parameter in parameters}
    loose = [(name, [parameter]) for name, parameter in built.net.named_parameters() if id(parameter) not in known]
    return [(name, parameters) for name, parameters in [*found, *loose] if parameters]


def _first_bad(ready: Ready, inputs: Tensor) -> tuple[str, bool]:
    """The first layer whose output is not finite, and whether what the net gave in the end was."""
    names: list[str] = []
    seen = ready.built.seen

    def note(module: nn.Module, _: tuple[Any, ...], output: Any) -> None:
        given = output if isinstance(output, tuple | list) else [output]
        if not names and any(isinstance(one, Tensor) and not one.isfinite().all() for one in given):
            names.append(seen[module].name if module in seen else type(module).__name__)

    with hooked(ready.built.net, note), torch.no_grad(), ready.cast():
        outputs = ready.built.net(inputs)
    return names[0] if names else "", bool(outputs.isfinite().all())


def _numbers(targets: Targets) -> list[Tensor]:
    found = [targets] if isinstance(targets, Tensor) else [targets.targets, targets.others]
    return [one for one in found if one.is_floating_point()]
