"""The recipes that `table.py` compares: which preset stands for which system of the tutorials, with its settings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import torch
from torch import nn
from torch.nn import functional as F

from tui_trainer import paths, session
from tui_trainer.config import ConfigError
from tui_trainer.engine.errors import TrainingError
from tui_trainer.engine.prepare import Ready, prepare


class Absent(Exception):
    """What a row needs is not here; a phrase that says what."""


class Net(nn.Module):
    """Conv 16-32-64 and two dense layers, as the tutorial writes it: ReLU, then pooling."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, 16, 3, padding=1)
        self.conv2 = nn.Conv2d(16, 32, 3, padding=1)
        self.conv3 = nn.Conv2d(32, 64, 3, padding=1)
        self.pool = nn.MaxPool2d(2, 2)
        self.fc1 = nn.Linear(64 * 4 * 4, 64)
        self.fc2 = nn.Linear(64, 10)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.pool(F.relu(self.conv1(x)))
        x = self.pool(F.relu(self.conv2(x)))
        x = self.pool(F.relu(self.conv3(x)))
        x = F.relu(self.fc1(x.flatten(1)))
        scores: torch.Tensor = self.fc2(x)
        return scores


class ConvBN(nn.Module):
    """Five conv layers with batch norm after the first, third and fifth, as a tutorial writes them: ReLU, then pooling."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(3, 32, 3, padding=1, bias=False), nn.BatchNorm2d(32)
        self.conv2 = nn.Conv2d(32, 64, 3, padding=1)
        self.conv3, self.bn3 = nn.Conv2d(64, 128, 3, padding=1, bias=False), nn.BatchNorm2d(128)
        self.conv4 = nn.Conv2d(128, 128, 3, padding=1)
        self.conv5, self.bn5 = nn.Conv2d(128, 128, 3, padding=1, bias=False), nn.BatchNorm2d(128)
        self.fc1, self.bn6 = nn.Linear(128 * 4 * 4, 128, bias=False), nn.BatchNorm1d(128)
        self.fc2, self.bn7 = nn.Linear(128, 128, bias=False), nn.BatchNorm1d(128)
        self.fc3 = nn.Linear(128, 10)
        self.pool = nn.MaxPool2d(2, 2)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.pool(F.relu(self.bn1(self.conv1(x))))
        x = self.pool(F.relu(self.conv2(x)))
        x = F.relu(self.bn3(self.conv3(x)))
        x = self.pool(F.relu(self.conv4(x)))
        x = F.relu(self.bn5(self.conv5(x)))
        x = F.relu(self.bn6(self.fc1(x.flatten(1))))
        x = F.relu(self.bn7(self.fc2(x)))
        scores: torch.Tensor = self.fc3(x)
        return scores


class Recipe(NamedTuple):
    """One system."""

    name: str
    label: str
    settings: Mapping[str, Any]
    """Without a dataset it learns the pictures of the folder."""
    written: type[nn.Module] | None = None
    """The net as the tutorial writes it, where that is not what the preset builds."""


RECIPES = {
    one.name: one
    for one in (
        Recipe(
            "conv",
            "conv 16-32-64, batch 32",
            {"preset": "cnn", "optimizer": "adam", "lr": 1e-3, "batch_size": 32, "epochs": 4, "validation": 0.02},
            Net,
        ),
        Recipe(
            "mlp",
            "MLP 784-512-512-10, batch 64",
            {
                "preset": "mlp",
                "knobs": {"width": 512, "layers": 2},
                "dataset": "mnist",
                "optimizer": "sgd",
                "momentum": 0.0,
                "lr": 0.1,
                "batch_size": 64,
                "epochs": 2,
                "validation": 0.02,
            },
        ),
        Recipe(
            "three",
            "three-layer convnet, batch 64",
            {
                "preset": "three_layer_sequential",
                "optimizer": "sgd",
                "lr": 1e-2,
                "momentum": 0.9,
                "nesterov": True,
                "batch_size": 64,
                "epochs": 1,
                "validation": 0.02,
            },
        ),
        Recipe(
            "convbn",
            "5-conv batch-norm net, batch 64",
            {
                "preset": "convbn",
                "knobs": {"convs": 5, "width": 32, "widest": 128},
                "optimizer": "adam",
                "lr": 1e-3,
                "batch_size": 64,
                "epochs": 2,
                "validation": 0.02,
            },
            ConvBN,
        ),
    )
}


def ready(recipe: Recipe, folder: str, **settings: object) -> Ready:
    """A run of the recipe that is about to begin. Raises Absent where its data or its preset is not here."""
    if recipe.settings.get("dataset") == "mnist" and not list(paths.datasets().glob("MNIST/raw/*idx3-ubyte*")):
        raise Absent(f"MNIST/raw is not in {paths.datasets()}")
    try:
        setup = session.configure({"dataset": folder, "schedule": "constant", "device": "cpu", **recipe.settings, **settings})
        return prepare(setup.config, setup.preset.path, paths.datasets(), lambda *said, **more: None)
    except (ConfigError, TrainingError) as error:
        raise Absent(str(error)) from error


def written(recipe: Recipe, made: Ready) -> nn.Module | None:
    """The tutorial's net with the weights that ours begins with; None where it is the preset's."""
    if recipe.written is None:
        return None
    net = recipe.written()
    with torch.no_grad():
        for theirs, ours in zip(net.parameters(), made.built.net.parameters(), strict=True):
            theirs.copy_(ours)
    return net
