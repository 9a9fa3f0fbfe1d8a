"""What the fields of the form are: labels, sentences, choices, and how a budget is written. Text only, no widgets."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tui_trainer import config, units
from tui_trainer.app.widgets.several import listed, tidy, values
from tui_trainer.settings import CHANGES

if TYPE_CHECKING:
    from tui_trainer.datasets import Dataset
    from tui_trainer.preset import Preset
    from tui_trainer.settings import Knob

BUDGET = "budget"
AUGMENT = "augment"
"""One field for all the switches that change pictures."""
FOLDER = "folder"
"""The choice among datasets that stands for pictures of the user's own."""
PATH = "path"
"""The field with the folder's path; only there while `folder` is chosen."""
KNOB = "knob:"
"""What a knob's key begins with, so that a knob may be named like a setting."""
DATA = "data."
"""The same for the dataset's own settings."""

GROUPS = (
    ("preset", "dataset"),
    ("optimizer", "lr", "batch_size", BUDGET, "schedule", AUGMENT, "seed"),
    ("device", "precision"),
)
FURTHER = (
    "momentum",
    "nesterov",
    "weight_decay",
    "label_smoothing",
    "clip",
    "validation",
    "inputs",
    "threads",
    "reproducible",
    "compile",
    "start_from",
    "save_every",
    "fit_batch",
)
"""Settings behind the `more` row."""

BUDGET_ALLOWED = "10, 60 s, 2 min or 500 steps"

SHORT = {
    "preset": "a file in presets",
    "lr": "how far a step goes",
    "momentum": "share of the last step kept",
    "nesterov": "looks ahead, for sgd",
    "weight_decay": "pull of the weights towards 0",
    "label_smoothing": "part of the target spread out",
    "clip": "longest gradient; 0 cuts none",
    "validation": "share kept for validation",
    "start_from": "a run whose weights to begin with",
    "save_every": "seconds between two saves",
    "fit_batch": "halves it where memory is short",
    "reproducible": "threads, format stay as they are",
    "compile": "torch.compile: slow to start",
    "image_size": "side in pixels, to resize to",
    "threads": "auto leaves a core to the screen",
    "seed": "same seed, same numbers",
    "batch_size": "samples a step learns from",
}
"""Sentences that fit beside a field where the setting's own is longer than the room."""

SENTENCES = {
    "optimizer": {
        "sgd": "plain steps, with momentum",
        "adam": "scales each weight's own step",
        "adamw": "adam, with decay kept apart",
        "rmsprop": "steps by the size of late ones",
    },
    "schedule": {
        "constant": "the same rate all the way",
        "cosine": "falls along half a cosine to 0",
        "one-cycle": "rises for a third, then falls",
        "linear": "falls in a straight line, after a short rise",
        "step": "a tenth at 1/2, again at 3/4",
    },
    AUGMENT: {
        "flip": "mirrors half of them, in turn",
        "shift": "moves them a little",
        "cutout": "greys out a square",
        "jitter": "changes light and colour a little",
        "mixup": "blends two pictures and their classes",
    },
    "inputs": {
        "standard": "mean 0 and deviation 1",
        "unit": "bytes divided by 255: 0 to 1",
        "centred": "from -1 to 1",
    },
    "precision": {
        "auto": "what is faster on the device",
        "fp32": "32 bits all the way",
        "bf16": "16 bits in the forward pass",
    },
    "device": {"auto": "the fastest one there is", "cpu": "the processor"},
}


@dataclass(frozen=True, slots=True)
class Option:
    """One thing that can be chosen."""

    value: str
    about: str = ""
    problem: str = ""
    """Why it cannot be used."""


@dataclass(frozen=True, slots=True)
class Field:
    """One row of the form. With options it is a choice, without them a line of text."""

    key: str
    label: str
    help: str = ""
    short: str = ""
    options: tuple[Option, ...] = ()
    noun: str = "a number"
    """What it needs when it is wrong."""
    several: bool = False
    """Whether the options are switches, any of which can be on."""

    def option(self, value: str) -> Option | None:
        return next((one for one in self.options if one.value == value), None)


def of_setting(name: str, options: Iterable[Option] = ()) -> Field:
    """The field of a setting; choices that are the setting's own need not be given."""
    setting = config.BY_NAME[name]
    words = SENTENCES.get(name, {})
    chosen = tuple(options) or tuple(Option(one, words.get(one, "")) for one in setting.choices)
    if setting.kind is bool:
        chosen = (Option("no"), Option("yes"))
    noun = "another choice" if chosen else "a run" if name == "start_from" else "a number"
    return Field(name, setting.label, setting.help, SHORT.get(name, setting.help), chosen, noun)


def of_budget(text: str) -> Field:
    """The field of the budget: called `epochs` while it is in epochs."""
    unit, _ = read_budget(text)
    sentences = {"epochs": "times through the samples", "steps": "ends after so many batches", "seconds": "ends after so long"}
    allowed = f"how long it trains: {BUDGET_ALLOWED}"
    return Field(BUDGET, "epochs" if unit == "epochs" and text.strip().isdecimal() else "budget", allowed, sentences[unit])


def of_changes() -> Field:
    """The field of all the switches that change pictures."""
    options = tuple(Option(name, about) for name, about in SENTENCES[AUGMENT].items())
    about = "changes of the training pictures, new in each epoch; space lists them"
    return Field(AUGMENT, AUGMENT, about, "space lists the changes", options, "another choice", several=True)


def of_path() -> Field:
    about = "the folder with a folder of pictures for each class"
    return Field(PATH, PATH, about, "one folder a class in it", noun="a folder")


def of_knob(knob: Knob, prefix: str = KNOB) -> Field:
    """The field of a setting that the preset, or with `DATA` the dataset, brings itself."""
    choices = tuple(knob.choices) or (("no", "yes") if isinstance(knob.default, bool) else ())
    options = tuple(Option(text_of(choice)) for choice in choices)
    noun = "another choice" if options else "a number" if isinstance(knob.default, (int, float)) else "a value"
    return Field(prefix + knob.name, knob.name, knob.help, knob.help, options, noun)


def presets_offered(presets: Iterable[Preset]) -> list[Option]:
    return [
        Option(one.name, units.plain(("yours: " if one.yours else "") + phrase(one.about)), units.plain(one.problem))
        for one in presets
    ]


def datasets_offered(datasets: Mapping[str, Dataset]) -> list[Option]:
    return [*(Option(name, _dataset(one)) for name, one in datasets.items()), Option(FOLDER, "pictures of your own")]


def _dataset(one: Dataset) -> str:
    """What a dataset is, in half a line."""
    if one.task == "regression":
        return phrase(one.about)
    return f"{units.count(one.train_size)} {'pictures' if one.pictures else 'points'}, {len(one.classes)} classes"


def text_of(value: object) -> str:
    """A value as a person would type it, with nothing rounded away: 1e-3, 0.1, yes."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        short = f"{value:g}" if value == 0 or abs(value) >= 0.01 else units.lr(value)
        return short if float(short) == value else repr(value)
    return str(value)


_UNITS = {
    **dict.fromkeys(("", "e", "ep", "epoch", "epochs"), ("epochs", 0)),
    **dict.fromkeys(("step", "steps", "batch", "batches"), ("steps", 0)),
    **dict.fromkeys(("s", "sec", "secs", "second", "seconds"), ("seconds", 1)),
    **dict.fromkeys(("m", "min", "mins", "minute", "minutes"), ("seconds", 60)),
    **dict.fromkeys(("h", "hour", "hours"), ("seconds", 3600)),
}
_AMOUNT = re.compile(r"\s*([-−+]?[\d. ]*\d(?:e[-+]?\d+)?)\s*([a-z]*)\s*", re.IGNORECASE)


def read_budget(text: str) -> tuple[str, str]:
    """Unit (`epochs`, `steps`, `seconds`) and amount of a budget as it is typed; what is none is left to the check.

    In a list the unit of the last holds for those without one, as in `100,500 steps`; the amounts are a list again.
    """
    if listed(text):
        last = _AMOUNT.fullmatch(values(text)[-1])
        unit = last.group(2) if last else ""
        read = [read_budget(f"{one} {unit}" if one[-1:].isdigit() else one) for one in values(text)]
        units_read = {unit for unit, _ in read}
        return (units_read.pop(), ",".join(amount for _, amount in read)) if len(units_read) == 1 else ("epochs", text)
    text = tidy(text)
    found = _AMOUNT.fullmatch(text)
    unit, factor = _UNITS.get(found.group(2).lower(), ("", 0)) if found else ("", 0)
    if not found or not unit:
        return "epochs", text
    amount = found.group(1).replace(" ", "").replace("−", "-")
    if not factor:
        return unit, amount
    try:
        return unit, text_of(float(amount) * factor)
    except ValueError:
        return unit, amount


def read_changes(text: str) -> dict[str, str]:
    """Which changes of pictures are on, by name; of a list such as `none,flip` a list of each that differs.

    A list that no combination of single lists makes is left as it is under the first change, for the check to refuse.
    """
    sets = [set(one.split("+")) for one in values(text)]
    found = {name: tuple(dict.fromkeys("yes" if name in on else "no" for on in sets)) for name in CHANGES}
    if math.prod(map(len, found.values())) != len({frozenset(on & set(CHANGES)) for on in sets}):
        return {name: text if at == 0 else "no" for at, name in enumerate(CHANGES)}
    return {name: ",".join(states) for name, states in found.items()}


def write_budget(unit: str, amount: object) -> str:
    """A budget as one would type it: 10, 500 steps, 60 s, 2 min."""
    if unit == "epochs":
        return text_of(amount)
    if unit == "steps":
        return f"{text_of(amount)} steps"
    if isinstance(amount, (int, float)) and amount >= 120 and amount % 60 == 0:
        return f"{text_of(amount / 60)} min"
    return f"{text_of(amount)} s"


def spaced(sentence: str) -> str:
    """Large numbers in a sentence as they stand elsewhere: 65 536."""
    return re.sub(r"(?<![\w.])\d{5,}(?![\w.]*\w)", lambda number: units.count(int(number.group())), sentence)


def phrase(about: str) -> str:
    """The first sentence of a description, as it stands among others: `three conv layers and two dense ones`."""
    sentence = about.strip().partition("\n\n")[0].replace("\n", " ").rstrip(".")
    return sentence[:1].lower() + sentence[1:] if sentence[1:2].islower() else sentence


def brief(sentence: str, width: int) -> str:
    """The sentence, or as many of its clauses as fit; empty where not even the first does."""
    while len(sentence) > width:
        cut = max(sentence.rfind(mark, 0, -1) for mark in (";", ",", ":", " and "))
        if cut <= 0:
            return ""
        sentence = sentence[:cut]
    return sentence
