"""Optimizers by name, as torch makes them; the learning rate over the run comes from `tui_trainer.schedules`."""

from __future__ import annotations

from typing import Any

import torch

from tui_trainer.config import Config
from tui_trainer.engine.errors import TrainingError
from tui_trainer.engine.model import Built, blame


def recipe(config: Config, device: torch.device) -> tuple[type[torch.optim.Optimizer], dict[str, Any]]:
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
    if built.optimizer is not None:
        return _own(config, built)
    trained = [parameter for parameter in built.net.parameters() if parameter.requires_grad]
    if not trained:
        raise TrainingError(f"preset {config.preset}: the net has no parameters to train")
    kind, arguments = recipe(config, device)
    return kind(trained, **arguments)


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
    return optimizer


def set_rate(optimizer: Any, lr: float) -> None:
    """The rate of the next step, for all weights."""
    for group in optimizer.param_groups:
        group["lr"] = lr


def warm_up() -> None:
    """The first optimizer of a process takes torch over a second; this one is for nothing but to be the first."""
    torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))])
