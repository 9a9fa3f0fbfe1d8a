"""Optimizers by name, as torch makes them; the learning rate over the run comes from `tui_trainer.schedules`."""

from __future__ import annotations

import inspect
import sys
from typing import Any

import torch
from torch.optim import Optimizer

from tui_trainer.config import Config
from tui_trainer.engine.errors import TrainingError
from tui_trainer.engine.model import Built, blame

MARK = "__dynamo_disable"
"""Where torch keeps the form of a function that its compiler leaves alone."""


def recipe(config: Config, device: torch.device) -> tuple[type[Optimizer], dict[str, Any]]:
    """Class and arguments that a config stands for; `fused`, one pass over all weights, where torch has it."""
    common: dict[str, Any] = {"lr": config.lr, "weight_decay": config.weight_decay}
    fused = {"fused": device.type in {"cpu", "cuda"}}
    match config.optimizer:
        case "sgd":
            return torch.optim.SGD, common | fused | {"momentum": config.momentum, "nesterov": config.nesterov}
        case "adam":
            return torch.optim.Adam, common | fused
        case "adamw":
            return torch.optim.AdamW, common | fused
        case "rmsprop":
            return torch.optim.RMSprop, common | {"momentum": config.momentum, "foreach": True}
    raise TrainingError(f"there is no optimizer {config.optimizer!r}")


def make(config: Config, built: Built, device: torch.device) -> Any:
    """The optimizer of a run: the preset's own where it has one, otherwise the one that the config names."""
    spare_compiler()
    if built.optimizer is not None:
        return _own(config, built)
    trained = [parameter for parameter in built.net.parameters() if parameter.requires_grad]
    if not trained:
        raise TrainingError(f"preset {config.preset}: the net has no parameters to train")
    kind, arguments = recipe(config, device)
    optimizer = kind(trained, **arguments)
    return _bare(optimizer)


def _own(config: Config, built: Built) -> Any:
    assert built.optimizer is not None
    try:
        optimizer = built.optimizer(built.net, config)
    except Exception as error:
        raise TrainingError(blame(error, built.file, config.preset, "optimizer")) from error
    missing = [name for name in ("step", "zero_grad", "param_groups") if not hasattr(optimizer, name)]
    if missing:
        raise TrainingError(f"preset {config.preset}: what its optimizer() gives has no {', '.join(missing)}")
    groups = optimizer.param_groups
    if not isinstance(groups, list) or not all(isinstance(group, dict) for group in groups):
        raise TrainingError(f"preset {config.preset}: param_groups of its optimizer() has to be a list of dicts with an lr in each")
    return _bare(optimizer) if type(optimizer) in (torch.optim.SGD, torch.optim.Adam, torch.optim.AdamW) else optimizer


def set_rate(optimizer: Any, lr: float) -> None:
    """The rate of the next step, for all weights."""
    for group in optimizer.param_groups:
        group["lr"] = lr


def set_value(optimizer: Any, name: str, old: float, new: float) -> None:
    """Another momentum or weight decay, for all weights that had the old one. Raises ValueError where none has."""
    groups = [group for group in optimizer.param_groups if group.get(name) == old]
    if not groups:
        raise ValueError("what it is: the preset's own optimizer decides that")
    for group in groups:
        group[name] = new
    if name == "momentum" and isinstance(optimizer, torch.optim.RMSprop):
        for state in optimizer.state.values():  # made in the first step, and only where there was momentum then
            state.setdefault("momentum_buffer", torch.zeros_like(state["square_avg"]))


def spare_compiler() -> None:
    """Lets optimizers of torch do without its compiler, which they would import at the first call: over a second.

    They only ask it not to compile them. A function that carries the mark set here is taken as asked for already; without the
    mark, or where torch is made otherwise, everything works as well, and starts later.
    """
    if "torch._dynamo" in sys.modules:
        return
    for name in ("add_param_group", "zero_grad", "state_dict", "load_state_dict"):
        function = getattr(getattr(Optimizer, name), "__wrapped__", None)
        if function is not None and not hasattr(function, MARK):
            setattr(function, MARK, function)


def _bare(optimizer: Optimizer) -> Optimizer:
    """With a step without what torch wraps around it for compiler, profiler and hooks, none of which is there."""
    step = inspect.unwrap(type(optimizer).step)

    def bare() -> None:
        with torch.no_grad():
            step(optimizer)

    optimizer.step = bare  # type: ignore[method-assign, assignment]  # of this one only; nothing is given to it, nor taken
    return optimizer


def warm_up() -> None:
    """One step of the smallest net: the first of a process takes longer than all others."""
    spare_compiler()
    weight = torch.nn.Parameter(torch.zeros(1))
    optimizer = _bare(torch.optim.SGD([weight], lr=0.1, fused=True))
    weight.sum().backward()
    optimizer.step()
