"""Optimizers and rates by name."""

from __future__ import annotations

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
