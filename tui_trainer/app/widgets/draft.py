"""What stands in the form before it is a config: typed text over what the preset suggests. Knows no widget and no check."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from tui_trainer import config
from tui_trainer.app.widgets import fields
from tui_trainer.app.widgets.fields import AUGMENT, BUDGET, DATA, FOLDER, FURTHER, GROUPS, KNOB, PATH, Field, Option, text_of
from tui_trainer.app.widgets.several import listed, tidy, values
from tui_trainer.settings import CHANGES, Knob

if TYPE_CHECKING:
    from tui_trainer.datasets import Dataset
    from tui_trainer.preset import Preset

FIRST = "cnn"
"""The preset that stands in the form when none is asked for."""
OF_FOLDER = FOLDER + ":"
"""What the name of a dataset begins with that is a folder."""


class Draft:
    """The text of every field. What was typed stays typed; everything else follows the preset."""

    def __init__(self, presets: Sequence[Preset], datasets: Mapping[str, Dataset], given: Mapping[str, object]) -> None:
        self.presets = {one.name: one for one in presets}
        self.datasets = datasets
        self.devices: list[Option] = [Option(name, about) for name, about in fields.SENTENCES["device"].items()]
        self.preset_name = FIRST if FIRST in self.presets else next(iter(self.presets), FIRST)
        self._typed: dict[tuple[str, str], str] = {}
        self.fill(given)

    @property
    def named(self) -> list[Preset]:
        """The presets that stand in the form: one, or those of a list."""
        return [found for name in values(self.preset_name) if (found := self.presets.get(name)) is not None]

    @property
    def preset(self) -> Preset | None:
        """The one that stands in the form, the first of a list."""
        return next(iter(self.named), None)

    @property
    def knobs(self) -> list[str]:
        """Keys of the fields that this preset brings along, or all presets of a list."""
        everywhere = [{knob.name for knob in one.knobs} for one in self.named]
        return [
            KNOB + knob.name for knob in (self.preset.knobs if self.preset else ()) if all(knob.name in one for one in everywhere)
        ]

    @property
    def data_knobs(self) -> dict[str, Knob]:
        """The dataset's own settings, or those of all datasets of a list, by the keys of their fields."""
        every = [self.datasets[name].knobs for name in values(self.text("dataset")) if name in self.datasets]
        everywhere = [{knob.name for knob in knobs} for knobs in every]
        first = every[0] if every else ()
        return {DATA + knob.name: knob for knob in first if all(knob.name in one for one in everywhere)}

    @property
    def several(self) -> bool:
        """Whether there is a list in any field, so that this is a sweep."""
        return any(self.listed(key) for key in self.keys)

    def listed(self, key: str) -> bool:
        """Whether several values stand in this field. A path may have a comma in its name."""
        return key not in {PATH, "start_from"} and listed(self.text(key))

    @property
    def of_dataset(self) -> list[str]:
        """Keys of the fields that this dataset brings along."""
        return [PATH, "image_size"] if self.text("dataset") == FOLDER else list(self.data_knobs)

    @property
    def keys(self) -> list[str]:
        return [key for group in (*GROUPS, FURTHER) for key in group] + self.of_dataset + self.knobs

    def text(self, key: str) -> str:
        if key == "preset":
            return self.preset_name
        return self._typed.get(self._slot(key), self.default(key))

    def first(self, key: str) -> str:
        """What the first of the presets would have there."""
        return self._default(key, self.preset)

    def type(self, key: str, text: str) -> None:
        """Put text into a field, as a person does."""
        if key == "preset":
            dataset = self.text("dataset")
            self.preset_name = text
            if len(self.named) > 1 and not self.text("dataset"):
                self._typed["", "dataset"] = dataset  # what is learned from stays: figures on other data do not rank
        else:
            self._typed[self._slot(key)] = text

    def default(self, key: str) -> str:
        """What a field says while nothing was typed in it; nothing where the presets of a list differ in that."""
        texts = {self._default(key, one) for one in self.named} or {self._default(key, None)}
        return texts.pop() if len(texts) == 1 else ""

    def differs(self, key: str) -> bool:
        """Whether each preset of a list has its own value of this, and nothing was typed."""
        return len(self.named) > 1 and not self.text(key) and len({self._default(key, one) for one in self.named}) > 1

    def _default(self, key: str, preset: Preset | None) -> str:
        if key.startswith(KNOB):
            knobs = preset.knobs if preset else ()
            return next((text_of(knob.default) for knob in knobs if KNOB + knob.name == key), "")
        if key.startswith(DATA):
            return text_of(self.data_knobs[key].default) if key in self.data_knobs else ""
        suggested = self.suggested_by(preset)
        if key == AUGMENT:
            return "+".join(name for name in CHANGES if suggested.get(name)) or "none"
        if key == BUDGET:
            unit = next(one for one in config.BUDGETS if one in suggested)
            return fields.write_budget(unit, suggested[unit])
        return text_of(suggested.get(key, ""))

    @property
    def suggested(self) -> dict[str, object]:
        """All settings as the preset would have them, without its knobs."""
        return self.suggested_by(self.preset)

    def suggested_by(self, preset: Preset | None) -> dict[str, object]:
        """The same of this preset."""
        own = preset.defaults if preset else {}
        first = {"dataset": next(iter(self.datasets), "")}
        return config.overlay(config.DEFAULTS | first, own)

    def fill(self, raw: Mapping[str, object]) -> None:
        """Lay settings over the form, as text or as values; what equals the preset's own is no longer typed."""
        given = {name: value for name, value in raw.items() if value is not None}
        self.preset_name = str(given.pop("preset", self.preset_name))
        texts: dict[str, str] = {}
        dataset = str(given.pop("dataset", ""))
        if dataset.startswith(OF_FOLDER):
            texts |= {"dataset": FOLDER, PATH: dataset.removeprefix(OF_FOLDER)}
        elif dataset:
            texts["dataset"] = dataset
        for group, prefix in (("knobs", KNOB), ("data", DATA)):
            if isinstance(own := given.pop(group, {}), Mapping):
                texts |= {prefix + str(name): text_of(value) for name, value in own.items()}
        if unit := next((one for one in config.BUDGETS if one in given), ""):
            texts[BUDGET] = fields.write_budget(unit, given[unit])
        if switches := {name: config.parse(bool, given.pop(name)) for name in CHANGES if name in given}:
            on = {name: name in self.text(AUGMENT).split("+") for name in CHANGES} | switches
            texts[AUGMENT] = "+".join(name for name in CHANGES if on[name]) or "none"
        texts |= {name: text_of(value) for name, value in given.items() if name not in config.BUDGETS}
        if "start_from" in raw:  # none at all is an answer too: other weights would be another run
            texts["start_from"] = str(raw["start_from"] or "")
        for key, text in texts.items():
            if text == self.default(key):
                self._typed.pop(self._slot(key), None)
            else:
                self._typed[self._slot(key)] = text

    def raw(self) -> dict[str, object]:
        """Every setting as text, by the names of the config."""
        unit, amount = fields.read_budget(self.text(BUDGET))
        names = [key for group in (*GROUPS, FURTHER) for key in group if key not in {BUDGET, AUGMENT}]
        found: dict[str, object] = {**{name: tidy(self.text(name)) for name in names}, unit: amount}
        found["start_from"] = self.text("start_from").strip() or None
        found.update(fields.read_changes(tidy(self.text(AUGMENT))))
        if found["dataset"] == FOLDER:
            found |= {"dataset": OF_FOLDER + self.text(PATH), "image_size": tidy(self.text("image_size").strip()) or None}
        found["knobs"] = {key.removeprefix(KNOB): tidy(self.text(key)) for key in self.knobs}
        return found | {"data": {key.removeprefix(DATA): tidy(self.text(key)) for key in self.data_knobs}}

    def given(self) -> dict[str, object]:
        """What a person gave: the preset, and whatever is not as the preset would have it; lists as text with commas.

        It is what the command line would be given. Of several presets, each keeps its own settings where none are given.
        """
        raw = self.raw()
        keys = {
            **{name: name for name in config.BY_NAME},
            **dict.fromkeys(config.BUDGETS, BUDGET),
            **dict.fromkeys(CHANGES, AUGMENT),
        }
        found = {name: raw[name] for name in config.BY_NAME if raw.get(name) is not None and self._given(keys[name])}
        for group, prefix in (("knobs", KNOB), ("data", DATA)):
            own = raw[group]
            assert isinstance(own, dict)
            if changed := {name: text for name, text in own.items() if self._given(prefix + name)}:
                found[group] = changed
        return found

    def _given(self, key: str) -> bool:
        """Whether the presets would have another value than what stands in this field."""
        if key == "dataset" and not (self.named and all("dataset" in one.defaults for one in self.named)):
            return bool(self.text(key))
        return key == "preset" or tidy(self.text(key)) != self.default(key)

    def field(self, key: str) -> Field:
        """Label, help and choices of a field, as they are now."""
        if key == BUDGET:
            return fields.of_budget(self.text(BUDGET))
        if key.startswith(KNOB):
            knobs = self.preset.knobs if self.preset else ()
            return next(fields.of_knob(knob) for knob in knobs if KNOB + knob.name == key)
        if key in self.data_knobs:
            return fields.of_knob(self.data_knobs[key], DATA)
        if key in {AUGMENT, PATH}:
            return fields.of_changes() if key == AUGMENT else fields.of_path()
        return fields.of_setting(key, self._offered(key))

    def place(self, problems: Mapping[str, str]) -> dict[str, str]:
        """Problems by the key of the field they belong to; those of no field keep their name."""
        placed: dict[str, str] = {}
        for name, said in problems.items():
            sentence = fields.spaced(said)
            knob = KNOB + name in self.knobs
            if knob:
                placed[KNOB + name] = sentence
            if name in config.BUDGETS:
                _, amount = fields.read_budget(self.text(BUDGET))
                readable = config.parse(float, amount) is not None or self.listed(BUDGET)
                placed[BUDGET] = sentence if readable else fields.BUDGET_ALLOWED
            elif name in CHANGES:
                placed.setdefault(AUGMENT, sentence)
            elif name == "dataset" and self.text("dataset") == FOLDER:
                placed[PATH] = sentence
            elif name in config.BY_NAME or not knob:
                placed[name] = sentence
        if self.preset and self.preset.problem:
            placed.setdefault("preset", self.preset.problem)
        return placed

    def _offered(self, key: str) -> Iterable[Option]:
        if key == "preset":
            return fields.presets_offered(self.presets.values())
        if key == "dataset":
            return fields.datasets_offered(self.datasets)
        return self.devices if key == "device" else ()

    def _slot(self, key: str) -> tuple[str, str]:
        """Where the text of a field is kept: a knob's belongs to its preset, a dataset's own setting to the dataset."""
        if key.startswith(DATA):
            return self.text("dataset"), key
        return (self.preset_name if key.startswith(KNOB) else "", key)
