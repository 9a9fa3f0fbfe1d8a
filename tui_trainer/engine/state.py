"""What a checkpoint holds of a run, all that the loop needs to go on to the bit, and the way back from it."""

from __future__ import annotations

import errno
import random
import zipfile
from collections.abc import Mapping
from dataclasses import asdict, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import torch

from tui_trainer import __version__
from tui_trainer.config import BUDGETS, Config
from tui_trainer.engine import model
from tui_trainer.engine.errors import TrainingError
from tui_trainer.engine.over import HANDED_OVER
from tui_trainer.engine.saves import Best
from tui_trainer.events import Evaluated, Event, HandedOver, RunEnded
from tui_trainer.settings import STEERABLE
from tui_trainer.thinning import Thin

if TYPE_CHECKING:
    from tui_trainer.engine.loop import Trainer

FORMAT = 2
"""Raised whenever an older program could not go on from what is written."""

State = dict[str, Any]
MISFITS = (RuntimeError, ValueError, KeyError, AttributeError, TypeError, IndexError)
"""What comes of values that are whole, but not those of this run."""
ASKED = ("paused", "stopping", "to_epoch_end", "evaluation_asked", "batches_asked")
"""What was asked of the run and is not done yet, as the trainer names it."""
KEPT = (*STEERABLE, *BUDGETS, "fit_batch")
"""Settings that may have been changed since the run began."""


class CheckpointError(TrainingError):
    """A checkpoint that cannot be used, in words."""


def pack(run: Trainer) -> State:
    """The run at a batch boundary, with every loss reported. Its tensors are the run's own: write or copy them at once."""
    optimizer, last = run.ready.optimizer, run.judge.last
    return {
        "format": FORMAT,
        "version": __version__,
        "weights": run.ready.built.net.state_dict(),
        "optimizer": optimizer.state_dict() if hasattr(optimizer, "state_dict") else {},
        "step": run.step,
        "epoch": run.epoch,
        "position": run.position,
        "samples": run.samples,
        "seconds": run.time.seconds(),
        "epoch_began": run.epoch_began,
        "rate": run.rate.state(),
        "best": asdict(run.judge.best),
        "curve": asdict(run.judge.curve),
        "last": {one.name: getattr(last, one.name) for one in fields(last) if one.name != "confusion"} if last else {},
        "random": run.drawn or generators(run.ready.device),
        **{one: getattr(run, one) for one in ASKED},
        "stop_at": list(run.stop_at) if run.stop_at else [],
        "device": run.ready.device.type,
        "threads": run.governor.threads,
        "samples_of": _sizes(run),
        "bf16": run.ready.pace.bf16,
        "config": asdict(run.config),
    }


def unpack(run: Trainer, state: State, name: str) -> None:
    """Puts the run where it was. Raises CheckpointError where the checkpoint is of another net."""
    net, optimizer, judge = run.ready.built.net, run.ready.optimizer, run.judge
    load_weights(net, state, name)
    try:
        if state["optimizer"] and hasattr(optimizer, "load_state_dict"):
            optimizer.load_state_dict(state["optimizer"])
        run.step, run.epoch, run.position = int(state["step"]), int(state["epoch"]), int(state["position"])
        run.samples, run.epoch_began = int(state["samples"]), float(state["epoch_began"])
        run.time.start_at(float(state["seconds"]))
        run.plan()
        run.rate.restore(state["rate"], run.steps)
        judge.best = Best(**state["best"])
        judge.curve = Thin(**state.get("curve", {}))
        judge.last = Evaluated(**{**state["last"], "confusion": ()}) if state["last"] else None
        for one in ASKED:
            setattr(run, one, state[one])
        unit, amount = state.get("stop_at") or ("", 0.0)  # older ones do not have it
        run.stop_at = (str(unit), float(amount)) if unit else None
        _restore_generators(state, run.ready.device)
    except MISFITS as error:
        raise CheckpointError(f"{name} does not fit this run: {_first_line(error)}") from error


def other_samples(run: Trainer, state: State) -> str:
    """What is to be said where the dataset has not as many samples as when the checkpoint was written; else nothing."""
    then, now = state.get("samples_of"), _sizes(run)
    if not isinstance(then, list) or then == now:
        return ""
    words = " + ".join
    return (
        f"{run.config.dataset} has changed: {words(map(str, now))} samples for training, validation and test, "
        f"{words(map(str, then))} before; figures from here on do not compare with those before"
    )


def _sizes(run: Trainer) -> list[int]:
    data = run.ready.data
    return [len(data.train), len(data.val), len(data.test)]


def load_weights(net: torch.nn.Module, state: State, name: str) -> None:
    """The weights alone. Raises CheckpointError where they are of another net, with the first that tells."""
    if why := _differs(net.state_dict(), state["weights"]):
        raise CheckpointError(f"{name} is of another net: {why}")
    try:
        net.load_state_dict(state["weights"])
    except MISFITS as error:
        raise CheckpointError(f"{name} is of another net: {_first_line(error)}") from error


def read(path: Path, *, weights_only: bool = False) -> State:
    """A checkpoint, on the CPU. Only tensors and plain values are accepted: no code runs. With `weights_only` one of an older
    version will do. Raises CheckpointError with what is wrong with it."""
    try:
        with path.open("rb") as file:
            state = _whole(file)
    except FileNotFoundError as error:
        raise CheckpointError(f"there is no {path.name}") from error
    except OSError as error:
        raise CheckpointError(f"{path.name} cannot be read: {error.strerror or error}") from error
    if state is None:
        raise CheckpointError(f"{path.name} is damaged, or was not written by this program")
    if not isinstance(state, dict) or not isinstance(state.get("weights"), dict):
        raise CheckpointError(f"{path.name} is no checkpoint of a run")
    form = state.get("format", 1)
    if not weights_only and form != FORMAT:
        if isinstance(form, int) and form < FORMAT:
            raise CheckpointError(
                f"{path.name} was written by an older version, without its place in the epoch: only its weights can be used"
            )
        raise CheckpointError(f"{path.name} was written by a newer version ({state.get('version', '?')}, this is {__version__})")
    return state


def _whole(file: BinaryIO) -> Any:
    """What a file holds; None where it is not whole, or holds more than tensors and plain values.

    Torch takes whatever it reads for what was written: the sum that each part of the file carries is checked here.
    """
    try:
        with zipfile.ZipFile(file) as archive:
            if archive.testzip():
                return None
        file.seek(0)
        return torch.load(file, map_location="cpu", weights_only=True)
    except Exception as error:  # of bytes that nobody wrote anything may come
        if model.is_memory(error) or (isinstance(error, OSError) and error.errno != errno.EINVAL):  # a place before the beginning
            raise
        return None


def config_by_now(config: Config, state: State, budget: tuple[str, float] | None) -> Config:
    """The settings to go on with: what a person changed, the budget as it was made longer, and now perhaps longer still.
    An empty `state` is that of a run that begins again."""
    found = state.get("config")
    saved = found if isinstance(found, Mapping) else {}
    kept = {name: saved[name] for name in KEPT if saved.get(name) is not None}
    try:
        config = config.but(**kept)
        return config.but(**{budget[0]: budget[1]}) if budget else config
    except ValueError as error:
        raise CheckpointError(f"the settings in the checkpoint cannot be used: {error}") from error


def left(state: State, reason: str) -> Event:
    """The last word on a run that was to go on from here, or from the beginning, and was asked to end before its first step."""
    step, seconds = int(state.get("step", 0)), float(state.get("seconds", 0.0))
    if reason == HANDED_OVER:
        return HandedOver(step, seconds)
    best, last = Best(**state.get("best", {})), state.get("last", {})
    return RunEnded(
        step,
        int(state.get("epoch", 0)),
        reason,
        seconds,
        best_accuracy=best.accuracy,
        best_epoch=best.epoch,
        best_loss=best.loss,
        last_accuracy=last.get("accuracy"),
        last_loss=last.get("loss"),
        samples=int(state.get("samples", 0)),
        best_mae=best.mae,
        best_r2=best.r2,
        last_mae=last.get("mae"),
        last_r2=last.get("r2"),
        curve=Thin(**state.get("curve", {})).values(),
    )


def generators(device: torch.device) -> State:
    """The states of all generators that a run draws from."""
    found: State = {"torch": torch.get_rng_state(), "python": random.getstate()}
    if device.type == "cuda":
        found["device"] = torch.cuda.get_rng_state(device)
    elif device.type == "mps":
        found["device"] = torch.mps.get_rng_state()
    return found


def set_generators(found: Mapping[str, Any], device: torch.device) -> None:
    """What `generators` gave, of the same kind of device."""
    torch.set_rng_state(found["torch"])
    version, numbers, rest = found["python"]
    random.setstate((version, tuple(numbers), rest))
    if device.type == "cuda" and "device" in found:
        torch.cuda.set_rng_state(found["device"], device)
    elif device.type == "mps" and "device" in found:
        torch.mps.set_rng_state(found["device"])


def _restore_generators(state: State, device: torch.device) -> None:
    """That of the device only on the same kind: another kind draws other numbers from the same state."""
    found = state["random"]
    if state["device"] != device.type:
        found = {name: found[name] for name in ("torch", "python")}
    set_generators(found, device)


def _differs(here: Mapping[str, Any], there: Mapping[str, Any]) -> str:
    """What is different first about the weights of two nets, by names and shapes."""
    for name, values in here.items():
        if name not in there:
            return f"it has no {name}"
        shapes = ["×".join(map(str, getattr(one, "shape", ()))) for one in (there[name], values)]
        if shapes[0] != shapes[1]:
            return f"{name} is {shapes[0]} there and {shapes[1]} here"
    return next((f"it has {name}, which this net has not" for name in there if name not in here), "")


def _first_line(error: BaseException) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return (lines[1] if len(lines) > 1 and lines[0].startswith("Error(s)") else lines[0]) if lines else type(error).__name__
