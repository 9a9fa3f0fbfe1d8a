"""Optimizers and rates by name."""

from __future__ import annotations

import subprocess
import sys
from types import SimpleNamespace

import pytest
import torch

from engine_runs import settings
from tui_trainer import schedules
from tui_trainer.engine import optim
from tui_trainer.engine.rate import Rate

CPU = torch.device("cpu")


@pytest.mark.parametrize(
    ("given", "kind", "arguments"),
    [
        ({"optimizer": "sgd", "nesterov": True}, torch.optim.SGD, {"momentum": 0.9, "nesterov": True}),
        ({"optimizer": "adam"}, torch.optim.Adam, {}),
        ({"optimizer": "adamw", "weight_decay": 0.02}, torch.optim.AdamW, {"weight_decay": 0.02}),
        ({"optimizer": "rmsprop", "momentum": 0.5}, torch.optim.RMSprop, {"momentum": 0.5}),
    ],
)
def test_a_name_stands_for_an_optimizer_of_torch(
    given: dict[str, object], kind: type[torch.optim.Optimizer], arguments: dict[str, object]
) -> None:
    found, made = optim.recipe(settings(lr=0.02, **given), CPU)
    assert found is kind
    assert made["lr"] == 0.02
    assert {name: made[name] for name in arguments} == arguments


@pytest.mark.parametrize("name", ["sgd", "adam", "adamw", "rmsprop"])
def test_every_optimizer_makes_a_bowl_shallower(name: str) -> None:
    weights = torch.nn.Parameter(torch.tensor([3.0, -2.0]))
    kind, arguments = optim.recipe(settings(optimizer=name, lr=0.05), CPU)
    optimizer = kind([weights], **arguments)
    for _ in range(50):
        optimizer.zero_grad()
        weights.square().sum().backward()
        optimizer.step()
    assert weights.square().sum().item() < 5


@pytest.mark.parametrize("schedule", list(schedules.SCHEDULES))
def test_the_rate_follows_the_schedule_that_the_form_draws(schedule: str) -> None:
    rate = Rate(settings(schedule=schedule, lr=0.1), 200)
    for step in (0, 1, 60, 100, 150, 199):
        assert rate.at(step, 0.0) == 0.1 * schedules.factor(schedule, step / 200)


def test_a_budget_in_seconds_is_followed_by_the_clock() -> None:
    rate = Rate(settings(schedule="cosine", lr=0.1, seconds=10), 0)
    assert rate.at(999, 5.0) == pytest.approx(0.05)
    assert rate.at(0, 11.0) == 0


def test_a_change_moves_all_that_follows_in_proportion() -> None:
    rate = Rate(settings(schedule="cosine", lr=0.1), 100)
    later = rate.at(75, 0.0)
    rate.change(rate.at(50, 0.0) * 3, 50, 0.0)
    assert rate.at(75, 0.0) == pytest.approx(3 * later)


def test_a_change_where_the_schedule_is_at_nothing_does_not_fail() -> None:
    rate = Rate(settings(schedule="cosine", lr=0.1), 100)
    rate.change(0.2, 100, 0.0)
    assert rate.base == 0.2


@pytest.mark.parametrize("name", ["sgd", "adam", "adamw", "rmsprop"])
def test_a_step_is_that_of_torch_to_the_bit(name: str) -> None:
    setup = settings(optimizer=name, lr=0.05, weight_decay=0.01)
    ours, theirs = (torch.nn.Linear(5, 3) for _ in range(2))
    theirs.load_state_dict(ours.state_dict())
    mine = optim.make(setup, SimpleNamespace(net=ours, optimizer=None), CPU)  # type: ignore[arg-type]  # all it looks at
    kind, arguments = optim.recipe(setup, CPU)
    plain = kind(theirs.parameters(), **arguments)
    inputs = torch.randn(8, 5)
    for _ in range(5):
        for net, optimizer in ((ours, mine), (theirs, plain)):
            net(inputs).square().sum().backward()
            optimizer.step()
            optimizer.zero_grad()
    assert all(torch.equal(a, b) for a, b in zip(ours.parameters(), theirs.parameters(), strict=True))
    assert isinstance(mine.state_dict()["param_groups"], list)
    theirs_again = kind(theirs.parameters(), **arguments)
    theirs_again.load_state_dict(mine.state_dict())


def test_the_first_steps_of_a_process_do_without_the_compiler_of_torch() -> None:
    lines = [
        "import sys, torch",
        "from types import SimpleNamespace",
        "from tui_trainer import config",
        "from tui_trainer.engine import optim",
        "optim.warm_up()",
        "setup = config.read({'preset': 'mlp', 'dataset': 'digits'})",
        "for name in ('sgd', 'adam', 'adamw', 'rmsprop'):",
        "    net = torch.nn.Linear(2, 2)",
        "    built = SimpleNamespace(net=net, optimizer=None)",
        "    made = optim.make(setup.but(optimizer=name), built, torch.device('cpu'))",
        "    net(torch.ones(1, 2)).sum().backward()",
        "    made.step(), made.zero_grad(), made.state_dict()",
        "assert 'torch._dynamo' not in sys.modules",
    ]
    subprocess.run([sys.executable, "-c", "\n".join(lines)], check=True)
