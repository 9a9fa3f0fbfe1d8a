"""From a preset file to a net that was tried: run the file, call its `build`, check what comes back."""

from __future__ import annotations

import inspect
import sys
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import torch
from torch import Tensor, nn

from tui_trainer import units
from tui_trainer.config import Config, nearest
from tui_trainer.engine import layout as layouts
from tui_trainer.engine.errors import TrainingError
from tui_trainer.engine.layers import DETACHED, Wanted, WrongShape, described, look
from tui_trainer.events import Layer

NO_MEMORY = ("can't allocate memory", "not enough memory: you tried", "out of memory", "_STATUS_ALLOC_FAILED")
"""What the errors of torch say that have no type of their own for it."""

Loss = Callable[[Tensor, Any], Tensor]
"""Of outputs and targets; where samples are blended the targets are `augment.Mixed`."""


@dataclass(frozen=True, slots=True)
class Built:
    """A net, its layers, and the hooks its preset brings."""

    net: nn.Module
    file: Path
    """The preset's."""
    seen: dict[nn.Module, Layer]
    """The layers by the module each is, in the order in which a picture passes them."""
    loss: Loss | None = None
    optimizer: Callable[..., Any] | None = None
    format: torch.memory_format = torch.contiguous_format
    """How pictures lie in memory: all channels of a pixel together is much faster for convolutions."""

    @property
    def layers(self) -> tuple[Layer, ...]:
        return tuple(self.seen.values())

    @property
    def parameters(self) -> int:
        return sum(parameter.numel() for parameter in self.net.parameters())

    @property
    def multiply_adds(self) -> int:
        """For one picture, forward."""
        return sum(layer.multiply_adds for layer in self.layers)


def build(
    config: Config,
    preset_file: Path,
    input_shape: tuple[int, ...],
    outputs: int,
    device: torch.device,
    *,
    regression: bool = False,
    preset: ModuleType | None = None,
) -> Built:
    """The net of a preset on its device; `preset` is its file, where that was run already. Raises TrainingError that says
    what is wrong, and in which line of the file."""
    wanted = Wanted(input_shape, outputs, regression)
    preset = preset or run_file(preset_file, config.preset)
    make = function(preset, "build", config.preset)
    if make is None:
        raise TrainingError(f"preset {config.preset} has no function build(input_shape, num_classes)")
    _refuse_unknown_knobs(make, config)
    try:
        net = make(input_shape, outputs, **config.knobs)
    except Exception as error:
        raise TrainingError(blame(error, preset_file, config.preset, "build")) from error
    if not isinstance(net, nn.Module):
        raise TrainingError(f"preset {config.preset}: build gave {described(net)}; it has to return a torch.nn.Module")
    net.to(device)
    given = (config, preset_file, net, wanted, device)
    together = device.type != "mps" and any(isinstance(module, nn.Conv2d) for module in net.modules())
    try:
        layout = torch.channels_last if together else torch.contiguous_format
        seen = _tried(*given, layout)
    except TrainingError:
        if not together:
            raise
        layout = torch.contiguous_format  # a net that calls view() on what a convolution gave can have it no other way
        seen = _tried(*given, layout)
    if layout is torch.channels_last and device.type == "cpu":
        layouts.keep(net)
    loss = function(preset, "loss", config.preset)
    if loss is not None:
        try_loss(loss, config, preset_file, wanted, device)
    return Built(net, preset_file, seen, loss, function(preset, "optimizer", config.preset), layout)


def _tried(
    config: Config,
    preset_file: Path,
    net: nn.Module,
    wanted: Wanted,
    device: torch.device,
    layout: torch.memory_format,
) -> dict[nn.Module, Layer]:
    """The net in this layout and its layers, after two empty samples went through; torch's generator stays as it was."""
    inputs = torch.zeros(2, *wanted.input_shape, device=device)
    inputs = inputs.contiguous(memory_format=layout) if inputs.dim() == 4 else inputs
    net.to(memory_format=layout)
    try:
        with torch.random.fork_rng(devices=[device] if device.type == "cuda" else []):
            return look(net, inputs, wanted)
    except WrongShape as error:
        raise TrainingError(f"preset {config.preset}: {error}") from error
    except torch.cuda.OutOfMemoryError:
        raise
    except Exception as error:
        reason = blame(error, preset_file, config.preset, "the net")
        raise TrainingError(f"{reason} (given {wanted.word} of {units.times(wanted.input_shape)})") from error


def try_loss(loss: Loss, config: Config, preset_file: Path, wanted: Wanted, device: torch.device) -> None:
    """The preset's loss of two even guesses. Raises TrainingError unless it is one number that gradients can flow from."""
    outputs = torch.zeros(2, wanted.outputs, device=device, requires_grad=True)
    try:
        with torch.random.fork_rng(devices=[device] if device.type == "cuda" else []):
            value: object = loss(outputs, wanted.targets(device))
    except Exception as error:
        raise TrainingError(blame(error, preset_file, config.preset, "loss")) from error
    if not isinstance(value, Tensor):
        raise TrainingError(f"preset {config.preset}: loss gave {described(value)}; a tensor with one number is needed")
    if value.shape != ():
        shape = f"a tensor of shape {tuple(value.shape)}"
        raise TrainingError(f"preset {config.preset}: loss gave {shape}; one number is needed, such as the mean over the batch")
    if not value.requires_grad:
        raise TrainingError(f"preset {config.preset}: loss gave a number that does not follow from the outputs; {DETACHED}")


def run_file(path: Path, name: str) -> ModuleType:
    """The preset file as a module. It is run afresh each time and leaves no compiled copy beside it."""
    module = ModuleType(f"tui_trainer_preset_{path.parent.name}_{path.stem}")
    module.__file__ = str(path)
    sys.modules[module.__name__] = module
    try:
        exec(compile(path.read_bytes(), str(path), "exec"), module.__dict__)
    except OSError as error:
        raise TrainingError(f"preset {name} cannot be read: {error.strerror} ({path})") from error
    except SyntaxError as error:
        raise TrainingError(f"preset {name}, line {error.lineno or '?'}: {error.msg}") from error
    except Exception as error:
        raise TrainingError(blame(error, path, name, "the file")) from error
    return module


def blame(error: Exception, path: Path, name: str, what: str) -> str:
    """What went wrong, and in which line of the preset file."""
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == str(path)]
    where = f", line {lines[-1]}" if lines else f", in {what}"
    if is_memory(error):
        return f"preset {name}{where}: not enough memory for a net of this size"
    text = str(error).strip().partition("\n")[0]
    plain = isinstance(error, ValueError) and text
    return f"preset {name}{where}: {text if plain else f'{type(error).__name__}: {text}'.rstrip(': ')}"


def is_memory(error: BaseException) -> bool:
    """Whether an error of torch means that there was not enough memory."""
    if isinstance(error, torch.cuda.OutOfMemoryError | MemoryError):
        return True
    return isinstance(error, RuntimeError) and any(words in str(error) for words in NO_MEMORY)


def function(preset: ModuleType, name: str, preset_name: str) -> Callable[..., Any] | None:
    """A function that the preset may bring; None where it does not."""
    found = getattr(preset, name, None)
    if found is not None and not callable(found):
        raise TrainingError(f"preset {preset_name}: {name} is {described(found)}; a function is needed")
    return found


def _refuse_unknown_knobs(make: Callable[..., Any], config: Config) -> None:
    accepted = inspect.signature(make).parameters.values()
    if any(parameter.kind is parameter.VAR_KEYWORD for parameter in accepted):
        return
    known = [parameter.name for parameter in accepted if parameter.kind is parameter.KEYWORD_ONLY]
    for knob in config.knobs:
        if knob not in known:
            there = f"it has {', '.join(known)}" if known else "it has none"
            raise TrainingError(f"preset {config.preset} has no knob {knob!r}; {nearest(knob, known)}{there}")
