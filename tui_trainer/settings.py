"""What one setting is: a name, a kind, bounds, help, and an error that says what would be right.

`SETTINGS` has every setting of a run once: the form, the command line, the record and the trainer are made from it.
A knob is a setting that a preset or a dataset brings itself.
"""

from __future__ import annotations

import difflib
import math
from collections.abc import Iterable
from dataclasses import dataclass

from tui_trainer.schedules import SCHEDULES

Value = int | float | bool | str

MOST = 10**9
"""A whole number beyond this is no size of anything that can be built."""


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


@dataclass(frozen=True, slots=True)
class Knob:
    """A setting of the preset's own: a keyword-only argument of `build` with a literal default."""

    name: str
    default: Value
    help: str = ""
    choices: tuple[Value, ...] = ()
    """What it may be, where its annotation is a Literal."""

    def parse(self, raw: object) -> Value:
        """The value that `raw`, text or not, stands for. Raises ValueError with what would be right."""
        kind = type(self.default)
        value = raw.strip() if kind is str and isinstance(raw, str) else parse(kind, raw)
        if value is None or (isinstance(value, float) and not math.isfinite(value)):
            raise ValueError(self.allowed())
        if self.choices and value not in self.choices:
            raise ValueError(self.allowed())
        if kind is int and abs(int(value)) >= MOST:
            raise ValueError(f"a whole number of at most 9 digits, such as {self.default}")
        return value

    def allowed(self) -> str:
        """What would be right, as a phrase."""
        if self.choices:
            return "one of " + ", ".join(map(str, self.choices))
        kinds = {bool: "yes or no", int: "a whole number", float: "a number", str: "text"}
        shown = ("yes" if self.default else "no") if isinstance(self.default, bool) else self.default
        return f"{kinds[type(self.default)]}, such as {shown}"


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
        "inputs",
        "inputs",
        str,
        "what pictures become: standard has mean 0 and deviation 1 over the training split, unit is 0 to 1, centred -1 to 1",
        ("standard", "unit", "centred"),
    ),
    Setting("flip", "flip", bool, "mirrors half of the pictures, the other half in the next epoch"),
    Setting("shift", "shift", bool, "moves pictures by up to an eighth of their side, the edge mirrored"),
    Setting("cutout", "cutout", bool, "greys out a square of each picture"),
    Setting("jitter", "jitter", bool, "changes brightness, contrast and saturation a little"),
    Setting("mixup", "mixup", bool, "blends each picture and its class with those of another"),
    Setting("label_smoothing", "smoothing", float, "share of the target given to all classes alike", low=0, high=0.9),
    Setting(
        "clip",
        "clip",
        float,
        "longest gradient, over all weights, that is not cut down to this length; 0 cuts none",
        low=0,
        high=1e6,
    ),
    Setting("validation", "held out", float, "share of the training samples kept for validation", low=0.01, high=0.5),
    Setting("seed", "seed", int, "same seed, same numbers", low=0, high=2**32 - 1),
    Setting("device", "device", str, "where it trains; auto takes the fastest there is", right="auto, cpu, cuda, cuda:N or mps"),
    Setting("threads", "threads", str, "CPU threads; auto leaves a core to the screen", right="auto, or a whole number, 1 to 1024"),
    Setting("precision", "precision", str, "number format of the forward pass; auto measures", ("auto", "fp32", "bf16")),
    Setting("reproducible", "reproducible", bool, "same numbers again on this machine: the thread count stays as it is"),
    Setting("compile", "compile", bool, "torch.compile: slow to start, and often slower on a CPU"),
    Setting("start_from", "from", str, "a run whose weights are the first ones: its id or name", optional=True),
    Setting("save_every", "save every", float, "seconds of training between two saves of last.pt", low=1, high=86_400),
    Setting("fit_batch", "fit batch", bool, "where memory is short, go on with the largest batch that fits, without asking"),
    Setting(
        "image_size",
        "image size",
        int,
        "side in pixels that the pictures of a folder are resized to; theirs where all are equal",
        low=1,
        high=1024,
        optional=True,
    ),
)

STEERABLE = ("lr", "momentum", "weight_decay", "label_smoothing", "batch_size", "clip")
"""Settings that can be changed while a run trains, from the next batch on."""

CHANGES = ("flip", "shift", "cutout", "jitter", "mixup")
"""Settings that change training pictures, in the order in which they are shown."""

BY_NAME = {setting.name: setting for setting in SETTINGS}
