"""The learning rate over a run, as plain functions: the trainer follows them, the form draws them. No torch.

Each takes the part of the run that is behind, from 0 to 1, and gives the factor on the learning rate. A run whose
budget is in seconds has a part behind as well, so every schedule works with every budget.
"""

from __future__ import annotations

import math
from collections.abc import Callable


def constant(part: float) -> float:
    """The same rate all the way."""
    return 1.0


def cosine(part: float) -> float:
    """Half a cosine from 1 to 0 (Loshchilov and Hutter, SGDR, 2017, without restarts)."""
    return 0.5 * (1 + math.cos(math.pi * part))


def linear(part: float) -> float:
    """In a straight line from 1 to 0, after a short way up: a twentieth of the run."""
    rise = 0.05
    return 0.1 + 0.9 * part / rise if part < rise else (1 - part) / (1 - rise)


def one_cycle(part: float) -> float:
    """Up from 1/25 over the first three tenths, then down to nearly 0, both along a cosine (Smith, 2018)."""
    rise = 0.3
    if part < rise:
        return 1 / 25 + (1 - 1 / 25) * 0.5 * (1 - math.cos(math.pi * part / rise))
    return 1e-4 + (1 - 1e-4) * 0.5 * (1 + math.cos(math.pi * (part - rise) / (1 - rise)))


def step(part: float) -> float:
    """A tenth at half of the run, a hundredth at three quarters (He et al., 2016)."""
    return 1.0 if part < 0.5 else 0.1 if part < 0.75 else 0.01


SCHEDULES: dict[str, Callable[[float], float]] = {
    "constant": constant,
    "cosine": cosine,
    "linear": linear,
    "one-cycle": one_cycle,
    "step": step,
}


def factor(name: str, part: float) -> float:
    """Factor on the learning rate when `part` (0 to 1, clamped) of the run is behind."""
    return SCHEDULES[name](min(max(part, 0.0), 1.0))
