"""The tutorials' loop: that it learns what ours learns from the same batch, and counts as ours counts."""

from __future__ import annotations

import copy
import sys
from itertools import islice
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import torch
from torch import nn

from tui_trainer import paths, session
from tui_trainer.engine import loops, model
from tui_trainer.engine.evaluate import evaluate
from tui_trainer.engine.prepare import Ready, prepare


@pytest.fixture(scope="module")
def tutorial() -> ModuleType:
    return model.run_file(paths.tutorial(), "tutorial")


def ready(preset: str, dataset: str = "digits", **given: object) -> Ready:
    asked = {"preset": preset, "dataset": dataset, "threads": "1", "device": "cpu", "precision": "fp32", "schedule": "constant"}
    setup = session.configure({**asked, **given})
    return prepare(setup.config, setup.preset.path, paths.datasets(), lambda *said, **more: None)


def batches_of_ours(made: Ready, tutorial: ModuleType, count: int) -> list[tuple[torch.Tensor, torch.Tensor]]:
    """The tutorial's samples in the order in which ours takes them."""
    dataset = loops.dataset(made, tutorial)
    data, size = made.data, made.config.batch_size
    order = torch.randperm(len(data.train), generator=_order(made)).tolist()
    found = []
    for number in range(count):
        chosen = [dataset[at] for at in order[number * size : (number + 1) * size]]
        inputs, labels = zip(*chosen, strict=True)
        found.append((torch.stack(inputs), torch.tensor(labels) if isinstance(labels[0], int) else torch.stack(labels)))
    return found


def _order(made: Ready) -> torch.Generator:
    from tui_trainer.engine.data import seeded

    return seeded(made.data.seed, "order", 1)


def losses_of_ours(made: Ready, count: int) -> list[float]:
    net, losses = made.built.net, []
    for inputs, targets in islice(made.data.batches(1, made.config.batch_size), count):
        loss: Any = made.loss(net(inputs), targets)
        made.optimizer.zero_grad()
        loss.backward()
        made.optimizer.step()
        losses.append(loss.item())
    return losses


RECIPES = [
    ("cnn", "digits", {"optimizer": "adam", "lr": 1e-3}),
    ("mlp", "digits", {"optimizer": "sgd", "momentum": 0.9, "nesterov": True, "lr": 0.1}),
    ("resnet9", "digits", {"optimizer": "adamw", "weight_decay": 0.01, "knobs": {"width": 4}}),
    ("mlp", "points", {"optimizer": "rmsprop", "label_smoothing": 0.1}),
    ("mlp", "sine", {"optimizer": "adam"}),
]


@pytest.mark.parametrize(("preset", "dataset", "given"), RECIPES)
def test_the_same_batches_give_the_same_losses(preset: str, dataset: str, given: dict[str, object], tutorial: ModuleType) -> None:
    made = ready(preset, dataset, batch_size=16, **given)
    net = loops.as_written(made.built.net)
    optimizer = loops.plain_optimizer(made, net)
    theirs = list(tutorial.train(net, batches_of_ours(made, tutorial, 8), made.loss, optimizer, epochs=1))
    assert theirs == pytest.approx(losses_of_ours(made, 8), rel=2e-3)
    assert theirs[0] == pytest.approx(losses_of_ours(ready(preset, dataset, batch_size=16, **given), 1)[0], rel=1e-5)


def test_it_counts_what_ours_counts(tutorial: ModuleType) -> None:
    made = ready("cnn")
    losses_of_ours(made, 10)
    test = made.data.test
    samples = loops.samples(made, tutorial, test.take(slice(None)).contiguous(), test.targets)
    shares = tutorial.evaluate(loops.as_written(made.built.net), tutorial.loader(samples, 50), made.data.classes)
    found = evaluate(made.built.net, made.data, test, made.loss, cast=made.cast)
    assert shares["total"] == pytest.approx(found.accuracy)
    for at, name in enumerate(made.data.classes):
        assert shares[name] == pytest.approx(found.confusion[at][at] / sum(found.confusion[at]))


def test_pictures_come_out_of_the_transforms_as_ours_are(tutorial: ModuleType) -> None:
    made = ready("cnn", "shapes")
    picture, label = loops.dataset(made, tutorial)[7]
    ours = made.data.normalise(made.data.train.take(slice(7, 8)))[0]
    assert torch.allclose(picture, ours, atol=1e-5)
    assert label == made.data.train.targets[7]


@pytest.mark.parametrize("change", ["flip", "shift", "jitter", "cutout"])
def test_each_change_changes_pictures_and_keeps_their_shape(change: str, tutorial: ModuleType) -> None:
    torch.manual_seed(0)
    pixels = torch.randint(256, (8, 3, 16, 16), dtype=torch.uint8)
    plain = tutorial.pictures(pixels, torch.arange(8), tutorial.transform([0.5] * 3, [0.5] * 3, 16))
    changed = tutorial.pictures(pixels, torch.arange(8), tutorial.transform([0.5] * 3, [0.5] * 3, 16, (change,)))
    assert all(changed[at][0].shape == (3, 16, 16) for at in range(8))
    assert any(not torch.equal(changed[at][0], plain[at][0]) for at in range(8))


def test_it_goes_on_where_it_was_left(tutorial: ModuleType) -> None:
    torch.manual_seed(0)
    net: nn.Module = nn.Linear(2, 1)
    batches = [(torch.ones(4, 2), torch.ones(4, 1)), (torch.zeros(4, 2), torch.zeros(4, 1))]
    whole, parts = copy.deepcopy(net), copy.deepcopy(net)
    steps = tutorial.train(parts, batches, nn.functional.mse_loss, torch.optim.SGD(parts.parameters(), 0.1), epochs=2)
    first = list(islice(steps, 3))
    together = list(tutorial.train(whole, batches, nn.functional.mse_loss, torch.optim.SGD(whole.parameters(), 0.1), epochs=2))
    assert [*first, *steps] == together
    assert len(together) == 4


def test_it_needs_torch_and_torchvision_alone() -> None:
    import ast

    tree = ast.parse(paths.tutorial().read_text(encoding="utf-8"))
    names = {node.module.partition(".")[0] for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module}
    assert names - set(sys.stdlib_module_names) <= {"torch", "torchvision", "PIL"}
    assert Path(paths.tutorial()).name == "tutorial.py"


def test_the_tutorial_gets_the_settings_it_is_compared_with() -> None:
    made = ready("mlp", optimizer="sgd", momentum=0.5, lr=0.2)
    optimizer = loops.plain_optimizer(made, loops.as_written(made.built.net))
    assert isinstance(optimizer, torch.optim.SGD)
    assert (optimizer.defaults["lr"], optimizer.defaults["momentum"]) == (0.2, 0.5)
    assert not optimizer.defaults["fused"]
