"""The weights of a run for others: a plain `state_dict`, safetensors; its figures as TensorBoard reads them; a script tried out."""

from __future__ import annotations

import contextlib
import importlib
import io
import runpy
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import torch

from tui_trainer.engine import checkpoint, state
from tui_trainer.engine.errors import TrainingError

Scalar = tuple[str, int, float, float]
"""Name, step, value, seconds since 1970."""


def weights(path: Path) -> dict[str, torch.Tensor]:
    """The `state_dict` in a checkpoint, every tensor its own. Raises TrainingError where there is none."""
    found: dict[str, Any] = state.read(path, weights_only=True)["weights"]
    return {name: value.clone().contiguous() if isinstance(value, torch.Tensor) else value for name, value in found.items()}


def state_dict(path: Path, to: Path) -> None:
    """The weights alone, for `torch.load(…, weights_only=True)` and `load_state_dict` of a net without anything of ours."""
    checkpoint.save(weights(path), to)


def safetensors(path: Path, to: Path) -> None:
    """The same as safetensors. Raises TrainingError where the package is not there."""
    try:
        save_file = importlib.import_module("safetensors.torch").save_file  # not every place that checks types has it
    except ImportError as error:
        raise TrainingError("safetensors is not installed; pip install safetensors") from error
    found = weights(path)
    odd = [name for name, value in found.items() if not isinstance(value, torch.Tensor)]
    if odd:
        raise TrainingError(f"safetensors hold tensors alone, and {', '.join(odd)} is none")
    save_file(found, str(to))


def tensorboard(scalars: Iterable[Scalar], folder: Path) -> None:
    """Event files of these figures. Raises TrainingError where the package is not there."""
    try:
        from torch.utils.tensorboard import SummaryWriter
    except ImportError as error:
        raise TrainingError("tensorboard is not installed; pip install tensorboard") from error
    write = SummaryWriter(str(folder))
    try:
        for name, step, value, when in scalars:
            write.add_scalar(name, value, step, walltime=when)
    finally:
        write.close()


def checked(script: Path, losses: Sequence[float], seconds: float, clock: Callable[[], float] = time.monotonic) -> int:
    """How many of these losses the script was seen to give, to five digits, in about so many seconds: one at least.

    Raises TrainingError where one differs or the script fails."""
    threads, before = torch.get_num_threads(), torch.get_rng_state()
    bytecode, sys.dont_write_bytecode = sys.dont_write_bytecode, True
    seen, began = 0, clock()
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            made = runpy.run_path(str(script))
            train = made.get("our_train", made["train"])  # where the preset has a function of that name
            for loss, told in zip(train(), losses, strict=False):
                seen += 1
                if f"{loss:.5g}" != f"{told:.5g}":
                    raise TrainingError(f"the loss of step {seen} is {loss:.5g} here, and the record says {told:.5g}")
                if clock() - began > seconds:
                    break
    except TrainingError:
        raise
    except Exception as error:  # a preset is code of its user
        raise TrainingError(f"at step {seen + 1} the script says {type(error).__name__}: {error}") from error
    finally:
        torch.set_num_threads(threads)
        torch.set_rng_state(before)
        sys.dont_write_bytecode = bytecode
    return seen
