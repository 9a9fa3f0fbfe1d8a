"""What all runs of a process share inside torch and Python, put aside for one run while another has its turn, and back."""

from __future__ import annotations

from typing import NamedTuple

import torch

from tui_trainer.engine import devices, state
from tui_trainer.engine.state import State


class Aside(NamedTuple):
    """What one run had, at a look for commands."""

    device: str
    generators: State
    threads: int
    rounding: str
    """How exactly torch multiplies in fp32."""
    tf32: bool


def put_aside(device: str) -> Aside:
    """What the run of this thread has by now. Waits until its device is done with it: no run is to pay for what another asked."""
    place = torch.device(device)
    devices.settle(place)
    rounding, tf32 = torch.get_float32_matmul_precision(), torch.backends.cudnn.allow_tf32
    return Aside(device, state.generators(place), torch.get_num_threads(), rounding, tf32)


def put_back(aside: Aside) -> None:
    """The run of this thread goes on with what it had."""
    state.set_generators(aside.generators, torch.device(aside.device))
    torch.set_num_threads(aside.threads)
    if aside.device != "cpu":
        torch.set_float32_matmul_precision(aside.rounding)
        torch.backends.cudnn.allow_tf32 = aside.tf32
