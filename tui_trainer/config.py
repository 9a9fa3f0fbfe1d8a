"""What a run is given: every setting once, with its help, its bounds, and an error that says what would be right.

The form, the command line, the record and the trainer are all made from `SETTINGS`. What depends on the preset (its
knobs) or on the dataset (how large a batch can be) is checked where those are known, see `session.configure`.
"""

from __future__ import annotations

import difflib
import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, fields

from tui_trainer.schedules import SCHEDULES

Value = int | float | bool | str
Raw = Mapping[str, object]

BUDGETS = ("epochs", "steps", "seconds")
NOT_GIVEN = "none is given"


class ConfigError(ValueError):
    """Settings that cannot be used: one sentence for each, by name."""

    def __init__(self, problems: Mapping[str, str]) -> None:
        super().__init__("; ".join(f"{name}: {text}" for name, text in problems.items()))
        self.problems = dict(problems)


@dataclass(frozen=True, slots=True)
class Setting:
    """One field of `Config` as the form and the command line see it."""

    name: str
    label: str
    """On the form, where room is short."""
    kind: type
    help: str
    choices: tuple[str, ...] = ()
    low: float = -math.inf
    high: float = math.inf
    above_low: bool = False
    """Whether `low` itself is refused."""
    optional: bool = False
    right: str = ""
    """What would be right; made from the bounds where it is empty."""

    def allowed(self) -> str:
        """What would be right, as a phrase: `a whole number, 1 or more`."""
        if self.right:
            return self.right
        if self.choices:
            return "one of " + ", ".join(self.choices)
        if self.kind is bool:
            return "yes or no"
        noun = "a whole number" if self.kind is int else "a number"
        if self.low == -math.inf:
            return noun
        start = f"above {self.low:.12g}" if self.above_low else f"{self.low:.12g}"
        if self.high == math.inf:
            return f"{noun} {start}" if self.above_low else f"{noun}, {start} or more"
        return f"{noun} {start}, at most {self.high:.12g}" if self.above_low else f"{noun}, {start} to {self.high:.12g}"

    def parse(self, raw: object) -> Value:
        """The value that `raw`, text or not, stands for. Raises ValueError with what would be right."""
        if self.choices:
            return self._choice(raw)
        value = parse(self.kind, raw)
        if value is None or (isinstance(value, float) and not math.isfinite(value)):
            raise ValueError(self.allowed())
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            below = value <= self.low if self.above_low else value < self.low
            if below or value > self.high:
                raise ValueError(self.allowed())
        return value

    def _choice(self, raw: object) -> str:
        text = str(raw).strip().lower()
        if text in self.choices:
            return text
        raise ValueError(f"{nearest(text, self.choices)}{self.allowed()}")


def parse(kind: type, raw: object) -> Value | None:
    """`raw` as a value of this kind, or None where it is none. Text is read as a person types it; nothing is rounded."""
    if isinstance(raw, str):
        raw = raw.strip()
    if kind is bool:
        words = {"yes": True, "true": True, "on": True, "1": True, "no": False, "false": False, "off": False, "0": False}
        return raw if isinstance(raw, bool) else words.get(str(raw).lower())
    if kind is str:
        return str(raw) if isinstance(raw, (str, int)) and not isinstance(raw, bool) and raw != "" else None
    if isinstance(raw, bool) or not isinstance(raw, (int, float, str)):
        return None
    try:
        value = float(raw.replace("−", "-") if isinstance(raw, str) else raw)
    except (ValueError, OverflowError):
        return None
    if kind is float:
        return value
    return int(value) if math.isfinite(value) and value == int(value) else None


def nearest(name: str, known: Iterable[str]) -> str:
    """`did you mean cnn? ` where one of the known names is near, otherwise nothing."""
    match = difflib.get_close_matches(name.lower(), list(known), n=1, cutoff=0.5)
    return f"did you mean {match[0]}? " if match else ""


SETTINGS: tuple[Setting, ...] = (
    Setting("preset", "preset", str, "the architecture: a file in presets"),
    Setting("dataset", "dataset", str, "what it learns from"),
    Setting("optimizer", "optimizer", str, "how gradients become steps", ("sgd", "adam", "adamw", "rmsprop")),
    Setting(
        "lr",
        "rate",
        float,
        "learning rate: how far a step goes",
        low=0,
        high=10,
        above_low=True,
        right="a number above 0, at most 10; 1e-3 suits adam",
    ),
    Setting("momentum", "momentum", float, "how much of the last step goes on, for sgd and rmsprop", low=0, high=0.9999),
    Setting("nesterov", "nesterov", bool, "look ahead along the momentum, for sgd"),
    Setting("weight_decay", "decay", float, "pull of the weights towards 0", low=0, high=1),
    Setting("schedule", "schedule", str, "how the rate goes over the run", tuple(SCHEDULES)),
    Setting("batch_size", "batch", int, "samples a step learns from", low=1, high=65536),
    Setting("epochs", "epochs", int, "times through the training samples", low=1, high=100_000, optional=True),
    Setting("steps", "steps", int, "end after this many batches instead", low=1, high=1_000_000_000, optional=True),
    Setting(
        "seconds",
        "seconds",
        float,
        "end after this time of training instead",
        low=0,
        high=31_536_000,
        above_low=True,
        optional=True,
    ),
    Setting(
        "augment", "augment", str, "changes pictures a little, differently each epoch", ("none", "flip", "shift", "flip+shift")
    ),
    Setting("label_smoothing", "smoothing", float, "share of the target given to all classes alike", low=0, high=0.9),
    Setting("validation", "held out", float, "share of the training samples kept for validation", low=0.01, high=0.5),
    Setting("seed", "seed", int, "same seed, same numbers", low=0, high=2**32 - 1),
    Setting("device", "device", str, "where it trains; auto takes the fastest there is", right="auto, cpu, cuda, cuda:N or mps"),
    Setting("threads", "threads", str, "CPU threads; auto leaves a core to the screen", right="auto, or a whole number, 1 to 1024"),
    Setting("precision", "precision", str, "number format of the forward pass", ("auto", "fp32", "bf16")),
)

BY_NAME = {setting.name: setting for setting in SETTINGS}


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
    augment: str = "none"
    label_smoothing: float = 0.0
    validation: float = 0.1
    seed: int = 0
    device: str = "auto"
    threads: str = "auto"
    precision: str = "auto"
    knobs: dict[str, Value] = field(default_factory=dict)
    """The preset's own settings, by name."""

    @property
    def budget(self) -> tuple[str, float]:
        """Which of `epochs`, `steps`, `seconds` ends the run, and how many."""
        for unit in BUDGETS:
            if (amount := getattr(self, unit)) is not None:
                return unit, amount
        return "epochs", 10

    def to_json(self) -> str:
        return json.dumps(asdict(self), indent=2) + "\n"

    @classmethod
    def from_json(cls, text: str) -> Config:
        """Raises ConfigError for what is not a config, ValueError for what is not JSON."""
        raw = json.loads(text)
        if not isinstance(raw, dict):
            raise ConfigError({"config": "an object of settings is needed"})
        return read(raw)

    def but(self, **changes: object) -> Config:
        """The same with some settings changed, checked again."""
        return read(overlay(asdict(self), changes))


DEFAULTS: dict[str, object] = {
    one.name: one.default for one in fields(Config) if one.name not in {"preset", "dataset", "knobs", *BUDGETS}
} | {"epochs": 10}


def overlay(under: Raw, over: Raw) -> dict[str, object]:
    """`over` laid on `under`; a budget in one unit takes the place of one in another; None means not given."""
    given = {name: value for name, value in over.items() if value is not None}
    kept = {name: value for name, value in under.items() if value is not None}
    if any(unit in given for unit in BUDGETS):
        kept = {name: value for name, value in kept.items() if name not in BUDGETS}
    return kept | given


def read(raw: Raw) -> Config:
    """A config from settings by name, as text or as values; `knobs` are taken as they are.

    Raises ConfigError with a sentence for every setting that is unknown, missing, of the wrong type or out of bounds.
    """
    problems: dict[str, str] = {}
    values: dict[str, object] = {}
    for name, given in raw.items():
        if name == "knobs" and isinstance(given, Mapping):
            values["knobs"] = dict(given)
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


def as_options(config: Config, *, against: Raw | None = None) -> list[str]:
    """The options of the command line that give this config; those that equal `against` are left out."""
    given = asdict(config)
    words: list[str] = []
    for setting in SETTINGS:
        value = given[setting.name]
        if setting.name == "preset" or value is None or (against and against.get(setting.name) == value):
            continue
        option = "--" + setting.name.replace("_", "-")
        if isinstance(value, bool):
            words.append(option if value else f"--no-{option[2:]}")
        else:
            words += [option, _typed(value)]
    knobs = against.get("knobs") if against else None
    for name, value in config.knobs.items():
        if not (isinstance(knobs, Mapping) and knobs.get(name) == value):
            words += ["--set", f"{name}={_typed(value)}"]
    return words


def _typed(value: object) -> str:
    """A value as one would type it, with every digit that it has."""
    if isinstance(value, float):
        short = f"{value:g}"
        return short if float(short) == value else repr(value)
    return str(value)
