"""The preset's `features(pictures, config)`: computed once for a whole dataset, before training; the net then learns from them.

Kept in this process for the same pictures, preset file and knobs, so that a run need not repeat the trial before it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import torch
from torch import Tensor

from tui_trainer import units
from tui_trainer.config import Config
from tui_trainer.engine import data, devices, model, normal
from tui_trainer.engine.data import Data, Say, Split
from tui_trainer.engine.errors import TrainingError

AT_ONCE = 500

Hook = Callable[[Tensor, Config], object]

_kept: dict[bytes, Tensor] = {}
"""The features computed last, float32 [N, F]; never written to."""


def computed(preset: ModuleType, file: Path, config: Config, pictures: Data, say: Say) -> Data:
    """The data with features in the place of pictures, normalised over the training split, where the preset has any.

    Raises TrainingError in words where the hook fails or gives anything but floats [N, F] for N pictures, or the pictures.
    """
    hook = model.function(preset, "features", config.preset)
    if hook is None:
        return pictures
    whole = pictures.train.inputs
    if whole.dim() != 4:
        note = f"{pictures.dataset.name} has no pictures: the preset computes no features of it"
        return replace(pictures, notes=(*pictures.notes, note))
    ask = Asker(hook, file, config)
    if ask.gives_back(whole[:AT_ONCE]):
        return pictures
    if pictures.changes:
        names = " and ".join(pictures.changes)
        raise TrainingError(f"{names}: preset {config.preset} computes features once, from pictures as they are; switch it off")
    key = _key(whole, file, config)
    if key not in _kept:
        found = _all(ask, whole, say)
        _kept.clear()
        _kept[key] = found
    return _in_place(pictures, _kept[key])


def _in_place(pictures: Data, features: Tensor) -> Data:
    train, val, test = (Split(features, one.targets, one.rows, one) for one in (pictures.train, pictures.val, pictures.test))
    mean, scale = normal.statistics(train)
    return replace(pictures, train=train, val=val, test=test, mean=mean, scale=scale)


class Asker:
    """The hook, and what is said of it when it fails."""

    def __init__(self, hook: Hook, file: Path, config: Config) -> None:
        self._hook, self._file, self._config = hook, file, config

    def __call__(self, pictures: Tensor) -> object:
        """What the hook gives for these pictures; it may write to them."""
        try:
            with torch.no_grad():
                return self._hook(pictures.clone(), self._config)
        except Exception as error:
            raise TrainingError(model.blame(error, self._file, self._config.preset, "features")) from error

    def gives_back(self, pictures: Tensor) -> bool:
        """Whether there are no features: the hook gives the pictures themselves."""
        given = self(pictures)
        return isinstance(given, Tensor) and given.dtype == torch.uint8 and torch.equal(given, pictures)

    def wrong(self, text: str) -> TrainingError:
        return TrainingError(f"preset {self._config.preset}: features gave {text}")

    def checked(self, given: object, count: int, width: int | None) -> Tensor:
        """What the hook gave for `count` pictures, when it has the form of features."""
        needed = f"floats of shape ({count}, {width or 'F'}) are needed for {count} pictures"
        if not isinstance(given, Tensor):
            raise self.wrong(f"a value of type {type(given).__name__}; {needed}")
        if given.dim() != 2 or len(given) != count or given.shape[1] != (width or given.shape[1]) or not given.shape[1]:
            raise self.wrong(f"shape {tuple(given.shape)}; {needed}")
        if not given.is_floating_point():
            raise self.wrong(f"{str(given.dtype).removeprefix('torch.')} values; {needed}")
        return given


def _all(ask: Asker, whole: Tensor, say: Say) -> Tensor:
    """The features of all pictures."""
    features: Tensor | None = None
    for start in range(0, len(whole), AT_ONCE):
        say("computing features", start, len(whole))
        part = whole[start : start + AT_ONCE]
        found = ask.checked(ask(part), len(part), None if features is None else features.shape[1])
        if features is None:
            _refuse_too_large(len(whole), found.shape[1])
            features = torch.empty(len(whole), found.shape[1])
        features[start : start + len(part)] = found.detach()
        bad = (~found.isfinite().all(1)).nonzero()
        if len(bad):
            raise ask.wrong(f"values that are not finite for picture {units.count(start + int(bad[0]))}")
    assert features is not None, "a dataset has samples"
    return features


def _refuse_too_large(count: int, width: int) -> None:
    free, needed = devices.cpu_memory()[0], 4 * count * width
    if free and needed > data.SHARE * free:
        much = f"{units.count(width)} features of {units.count(count)} pictures take {units.size(needed)}"
        raise TrainingError(f"{much}, and {units.size(free)} of memory are free; compute fewer of them")


def _key(whole: Tensor, file: Path, config: Config) -> bytes:
    """All that features follow from."""
    digest = hashlib.blake2b(repr((tuple(whole.shape), sorted(config.knobs.items()))).encode())
    digest.update(file.read_bytes())
    for part in whole.split(AT_ONCE):
        digest.update(part.contiguous().numpy())
    return digest.digest()
