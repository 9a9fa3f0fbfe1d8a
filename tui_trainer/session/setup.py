"""From what a person gave to settings that can be trained with, or to everything that is wrong with them at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from tui_trainer import config, datasets, paths, preset, units
from tui_trainer.config import BY_NAME, Config, ConfigError, Value
from tui_trainer.datasets import Dataset, DatasetError
from tui_trainer.preset import Preset, PresetError
from tui_trainer.session.weights import inherited
from tui_trainer.settings import CHANGES


@dataclass(frozen=True, slots=True)
class Setup:
    """Everything that a run needs to be made."""

    config: Config
    preset: Preset
    dataset: Dataset

    @property
    def splits(self) -> tuple[int, int, int]:
        """Samples for training, validation and test."""
        return datasets.splits(self.dataset, self.config.validation)


def configure(raw: Mapping[str, object], presets_dirs: Iterable[Path] = (), *, chosen: Preset | None = None) -> Setup:
    """Settings as text or as values, laid over the preset's defaults and those over ours; None means not given.

    A run that begins with the weights of another has its preset and knobs, where no others are given.

    The preset is looked for by its name, unless it is `chosen` already, as the copy that a run keeps.

    Raises ConfigError with a sentence for each setting or knob that cannot be used, and under `data.NAME` for each setting
    of the dataset's own.
    """
    given = {name: value for name, value in raw.items() if value is not None}
    knobs, data = given.pop("knobs", {}), given.pop("data", {})
    problems: dict[str, str] = {}
    given, knobs = inherited(given, knobs, problems)
    chosen = _usable(chosen, problems) if chosen else _preset(given.get("preset"), presets_dirs, problems)
    merged = _merged(given, chosen)
    made = _read(merged, problems)
    dataset = _dataset(merged.get("dataset"), data, problems)
    if dataset:
        problems |= {name: text for name, text in _fit(merged, dataset).items() if name not in problems}
    values: dict[str, Value] = {}
    if chosen and isinstance(knobs, Mapping):
        values = _knobs(knobs, chosen, problems)
    elif not isinstance(knobs, Mapping):
        problems["knobs"] = "settings of the preset by name are needed"
    if problems or made is None or chosen is None or dataset is None:
        raise ConfigError(problems)
    return Setup(replace(made, dataset=dataset.name, knobs=values, data=dict(dataset.values)), chosen, dataset)


def _preset(name: object, presets_dirs: Iterable[Path], problems: dict[str, str]) -> Preset | None:
    """The preset of this name where it can be used."""
    extra = [Path(one) for one in presets_dirs]
    if missing := [one for one in extra if not one.is_dir()]:
        problems["presets"] = f"there is no folder {paths.short(missing[0])}"
    if name is None:
        return None
    try:
        found = preset.find(str(name), extra)
    except PresetError as error:
        problems["preset"] = str(error)
        return None
    return _usable(found, problems)


def _usable(found: Preset, problems: dict[str, str]) -> Preset | None:
    if found.problem:
        problems["preset"] = found.problem
        return None
    return found


def _merged(given: Mapping[str, object], chosen: Preset | None) -> dict[str, object]:
    defaults = config.overlay(config.DEFAULTS, chosen.defaults if chosen else {})
    merged = config.overlay(defaults, given)
    if "nesterov" not in given and str(merged["optimizer"]).strip().lower() != "sgd":
        merged["nesterov"] = False  # the preset meant it for the optimizer that was replaced
    return merged


def _read(merged: Mapping[str, object], problems: dict[str, str]) -> Config | None:
    try:
        return config.read(merged)
    except ConfigError as error:
        for name, text in error.problems.items():
            problems.setdefault(name, text)
        return None


def _dataset(name: object, data: object, problems: dict[str, str]) -> Dataset | None:
    """The dataset of this name, as its own settings make it; a folder by its whole path, which holds wherever one stands."""
    if not isinstance(data, Mapping):
        problems["data"] = "settings of the dataset by name are needed"
    elif name is not None:
        try:
            return datasets.find(str(name).strip(), data)
        except DatasetError as error:
            problems[f"data.{error.knob}" if error.knob else "dataset"] = str(error)
    return None


def _fit(merged: Mapping[str, object], dataset: Dataset) -> dict[str, str]:
    """What does not go with this dataset. Settings that are wrong by themselves are left to `config.read`."""
    wrong: dict[str, str] = {}
    try:
        validation, batch = (BY_NAME[name].parse(merged[name]) for name in ("validation", "batch_size"))
    except ValueError:
        pass
    else:
        most = datasets.splits(dataset, float(validation))[0]
        if int(batch) > most:
            wrong["batch_size"] = f"a whole number, 1 to {units.count(most)}: {dataset.name} has so many training samples"
    if not dataset.pictures:
        on = [name for name in CHANGES if config.parse(bool, merged.get(name)) is True]
        wrong |= dict.fromkeys(on, f"no: {dataset.name} has no pictures to change")
    if dataset.folder is None and merged.get("image_size") is not None:
        wrong["image_size"] = f"only the pictures of a folder are resized; those of {dataset.name} are as they are"
    if dataset.task == "regression" and config.parse(float, merged.get("label_smoothing")) not in {None, 0.0}:
        wrong["label_smoothing"] = f"0: {dataset.name} has numbers to predict, and no classes"
    return wrong


def _knobs(given: Mapping[str, object], chosen: Preset, problems: dict[str, str]) -> dict[str, Value]:
    """The value of every knob of the preset: given, or its default."""
    known = {knob.name: knob for knob in chosen.knobs}
    for name in given:
        if name not in known:
            there = f"its knobs are {', '.join(known)}" if known else "it has none"
            place = f"{name} is a setting, give it as --{name.replace('_', '-')}; " if name in BY_NAME else ""
            problems[str(name)] = f"{chosen.name} has no knob {name!r}; {place or config.nearest(str(name), known)}{there}"
    values: dict[str, Value] = {}
    for name, knob in known.items():
        try:
            values[name] = knob.default if given.get(name) is None else knob.parse(given[name])
        except ValueError as error:
            problems[name] = str(error)
    return values
