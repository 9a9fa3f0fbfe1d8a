"""torch.compile for the training steps, tried once before the first of them: where it fails, the run goes on without."""

from __future__ import annotations

import random
from collections.abc import Callable
from contextlib import AbstractContextManager

import torch
from torch import Tensor, nn

from tui_trainer.engine.augment import Targets
from tui_trainer.engine.model import Loss, is_memory

Forward = Callable[[Tensor], Tensor]


def forward(
    net: nn.Module, loss: Loss, inputs: Tensor, targets: Targets, cast: Callable[[], AbstractContextManager[object]]
) -> tuple[Forward, str]:
    """The net compiled for such batches and an empty text; or the net as it is, and why. The net and torch's generators stay
    as they were."""
    kept = {name: value.clone() for name, value in net.state_dict().items()}
    state = random.getstate()
    try:
        with torch.random.fork_rng(devices=[inputs.device] if inputs.device.type == "cuda" else []):
            faster: Forward = torch.compile(net, dynamic=False)
            with cast():
                outputs = faster(inputs)
            loss(outputs.float(), targets).backward()
    except Exception as error:  # a compiler can fail in any way of its own, none of which a run has to end for
        if is_memory(error):
            raise
        text = str(error).strip().partition("\n")[0]
        return net, f"torch.compile failed, so it trains without: {type(error).__name__}: {text}"[:300]
    else:
        return faster, ""
    finally:
        random.setstate(state)
        net.load_state_dict(kept)
        net.zero_grad()
