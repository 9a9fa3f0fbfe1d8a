"""What a run is given: the settings of one run, read, checked together, and written as JSON or as options.

What depends on the preset (its knobs) or on the dataset (how large a batch can be) is checked where those are known,
see `session.configure`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields

from tui_trainer.settings import BY_NAME, CHANGES, SETTINGS, Setting, Value, nearest, parse

__all__ = [
    "BUDGETS",
    "BY_NAME",
    "DEFAULTS",
    "NOT_GIVEN",
    "OWN",
    "SETTINGS",
    "Config",
    "ConfigError",
    "Raw",
    "Setting",
    "Value",
    "as_options",
    "nearest",
    "option_of",
    "overlay",
    "parse",
    "read",
]

Raw = Mapping[str, object]

BUDGETS = ("epochs", "steps", "seconds")
NOT_GIVEN = "none is given"
OWN = {"knobs": "--set", "data": "--data"}
"""Settings that preset and dataset bring themselves, and the option that takes one of them."""


class ConfigError(ValueError):
    """Settings that cannot be used: one sentence for each, by name."""

    def __init__(self, problems: Mapping[str, str]) -> None:
        super().__init__("; ".join(f"{name}: {text}" for name, text in problems.items()))
        self.problems = dict(problems)


@dataclass(frozen=True, kw_only=True, slots=True)
class Config:
    """Settings of one run, all of them valid on their own. Make one with `read`."""

    preset: str
    dataset: str
    optimizer: str = "adam"
    lr: float = 1e-3
    momentum: float = 0.9
    nesterov: bool = False
    weight_decay: float = 0.0
    schedule: str = "constant"
    batch_size: int = 32
    epochs: int | None = None
    steps: int | None = None
    seconds: float | None = None
    inputs: str = "standard"
    flip: bool = False
    shift: bool = False
    cutout: bool = False
    jitter: bool = False
    mixup: bool = False
    label_smoothing: float = 0.0
    clip: float = 0.0
    validation: float = 0.1
    seed: int = 0
    device: str = "auto"
    threads: str = "auto"
    precision: str = "auto"
    reproducible: bool = False
    compile: bool = False
    start_from: str | None = None
    save_every: float = 60.0
    fit_batch: bool = False
    image_size: int | None = None
    knobs: dict[str, Value] = field(default_factory=dict)
    """The preset's own settings, by name."""
    data: dict[str, Value] = field(default_factory=dict)
    """The dataset's own settings, by name."""

    @property
    def budget(self) -> tuple[str, float]:
        """Which of `epochs`, `steps`, `seconds` ends the run, and how many."""
        for unit in BUDGETS:
            if (amount := getattr(self, unit)) is not None:
                return unit, amount
        return "epochs", 10

    @property
    def changes(self) -> tuple[str, ...]:
        """Which changes of training pictures are on."""
        return tuple(name for name in CHANGES if getattr(self, name))

    def to_json(self) -> str:
        return json.dumps(asdict(self), indent=2) + "\n"

    @classmethod
    def from_json(cls, text: str) -> Config:
        """Raises ConfigError for what is not a config, ValueError for what is not JSON."""
        raw = json.loads(text)
        if not isinstance(raw, dict):
            raise ConfigError({"config": "an object of settings is needed"})
        return read(_present(raw))

    def but(self, **changes: object) -> Config:
        """The same with some settings changed, checked again."""
        return read(overlay(asdict(self), changes))


def _present(raw: dict[str, object]) -> dict[str, object]:
    """Settings as older records have them, under their names of today."""
    if isinstance(changes := raw.get("augment"), str):
        raw = {name: value for name, value in raw.items() if name != "augment"}
        raw |= {name: True for name in changes.split("+") if name in BY_NAME}
    return raw


DEFAULTS: dict[str, object] = {
    one.name: one.default
    for one in fields(Config)
    if one.name not in {"preset", "dataset", "knobs", "data", "image_size", "start_from", *BUDGETS}
} | {"epochs": 10}


def overlay(under: Raw, over: Raw) -> dict[str, object]:
    """`over` laid on `under`; a budget in one unit takes the place of one in another; None means not given."""
    given = {name: value for name, value in over.items() if value is not None}
    kept = {name: value for name, value in under.items() if value is not None}
    if any(unit in given for unit in BUDGETS):
        kept = {name: value for name, value in kept.items() if name not in BUDGETS}
    return kept | given


def read(raw: Raw) -> Config:
    """A config from settings by name, as text or as values; `knobs` and `data` are taken as they are.

    Raises ConfigError with a sentence for every setting that is unknown, missing, of the wrong type or out of bounds.
    """
    problems: dict[str, str] = {}
    values: dict[str, object] = {}
    for name, given in raw.items():
        if name in OWN and isinstance(given, Mapping):
            values[name] = dict(given)
        elif name not in BY_NAME:
            problems[name] = f"there is no setting {name!r}; {nearest(name, BY_NAME)}".rstrip("; ")
        elif given is None and BY_NAME[name].optional:
            continue
        else:
            try:
                values[name] = BY_NAME[name].parse(given)
            except ValueError as error:
                problems[name] = str(error)
    for name in ("preset", "dataset"):
        if name not in raw:
            problems[name] = NOT_GIVEN
    problems |= _together(values, problems)
    if problems:
        raise ConfigError(problems)
    if not any(unit in values for unit in BUDGETS):
        values["epochs"] = DEFAULTS["epochs"]
    return Config(**values)  # type: ignore[arg-type]  # each was parsed to its field's kind above


def _together(values: Raw, problems: Raw) -> dict[str, str]:
    """What is wrong with settings that are fine one by one."""
    wrong: dict[str, str] = {}
    budgets = [unit for unit in BUDGETS if unit in values]
    if len(budgets) > 1:
        wrong[budgets[1]] = f"give one budget: {' or '.join(budgets)}"
    threads = values.get("threads", "auto")
    if (
        "threads" not in problems
        and threads != "auto"
        and not (isinstance(threads, str) and threads.isdecimal() and len(threads) < 5 and 1 <= int(threads) <= 1024)
    ):
        wrong["threads"] = BY_NAME["threads"].allowed()
    device = str(values.get("device", "auto"))
    index = device.removeprefix("cuda:")
    if device not in {"auto", "cpu", "cuda", "mps"} and not (device.startswith("cuda:") and index.isdecimal() and len(index) < 5):
        wrong["device"] = BY_NAME["device"].allowed()
    if values.get("nesterov") is True and (values.get("optimizer", "adam") != "sgd" or not values.get("momentum", 0.9)):
        wrong["nesterov"] = "needs sgd with a momentum above 0"
    return wrong


def option_of(name: str) -> str:
    """The option of the command line for a setting."""
    return "--from" if name == "start_from" else "--" + name.replace("_", "-")


def as_options(config: Config, *, against: Raw | None = None) -> list[str]:
    """The options of the command line that give this config; those that equal `against` are left out."""
    given = asdict(config)
    words: list[str] = []
    for setting in SETTINGS:
        value = given[setting.name]
        if setting.name == "preset" or value is None or (against and against.get(setting.name) == value):
            continue
        option = option_of(setting.name)
        if isinstance(value, bool):
            words.append(option if value else f"--no-{option[2:]}")
        else:
            words += [option, _typed(value)]
    for group, option in OWN.items():
        known = against.get(group) if against else None
        for name, value in given[group].items():
            if not (isinstance(known, Mapping) and known.get(name) == value):
                words += [option, f"{name}={_typed(value)}"]
    return words


def _typed(value: object) -> str:
    """A value as one would type it, with every digit that it has."""
    if isinstance(value, float):
        short = f"{value:g}"
        return short if float(short) == value else repr(value)
    return str(value)
