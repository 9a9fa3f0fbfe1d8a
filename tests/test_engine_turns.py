"""What runs share inside torch and Python is put aside and back, whatever others did with it meanwhile."""

from __future__ import annotations

import random

import torch

from tui_trainer.engine import turns


def drawn() -> tuple[list[float], float]:
    return torch.rand(3).tolist(), random.random()


def test_whoever_comes_back_goes_on_where_it_was() -> None:
    torch.set_num_threads(1)
    torch.manual_seed(3)
    random.seed(3)
    drawn()
    mine = turns.put_aside("cpu")
    wanted = drawn()
    torch.manual_seed(99)
    random.seed(99)
    torch.set_num_threads(2)
    others = turns.put_aside("cpu")
    theirs = drawn()
    turns.put_back(mine)
    assert torch.get_num_threads() == 1
    assert drawn() == wanted
    turns.put_back(others)
    assert torch.get_num_threads() == 2
    assert drawn() == theirs != wanted
    torch.set_num_threads(1)


def test_a_state_can_be_put_back_twice() -> None:
    torch.set_num_threads(1)
    mine = turns.put_aside("cpu")
    first = drawn()
    turns.put_back(mine)
    second = drawn()
    turns.put_back(mine)
    assert first == second == drawn()
