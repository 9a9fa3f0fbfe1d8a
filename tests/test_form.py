"""The setup form, driven by keys and mouse in a tiny host."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from types import SimpleNamespace

import pytest
from textual.app import App, ComposeResult
from textual.message import Message
from textual.pilot import Pilot
from textual.widgets import Input

from tui_trainer import config
from tui_trainer.app.widgets.button import PushButton
from tui_trainer.app.widgets.choice import ChoiceField, ChoiceList, Typed
from tui_trainer.app.widgets.draft import Draft
from tui_trainer.app.widgets.form import SetupForm
from tui_trainer.app.widgets.rows import Rows
from tui_trainer.app.widgets.switches import SwitchesField
from tui_trainer.app.widgets.textfield import TextField
from tui_trainer.config import ConfigError
from tui_trainer.datasets import DATASETS
from tui_trainer.measured import Measured
from tui_trainer.preset import Preset
from tui_trainer.session.several import several
from tui_trainer.settings import Knob

MARKED = "[red]x[/red]"
PRESETS = [
    Preset(
        "cnn",
        Path("cnn.py"),
        "Three conv layers.",
        defaults={"dataset": "digits", "lr": 1e-3, "batch_size": 32, "epochs": 10},
        knobs=(Knob("width", 16, "channels of the first layer"), Knob("dropout", 0.0)),
    ),
    Preset("linear", Path("linear.py"), "One layer.", defaults={"lr": 0.1, "batch_size": 64, "optimizer": "sgd"}),
    Preset("mlp", Path("mlp.py"), "Hidden.", defaults={"lr": 3e-3}, knobs=(Knob("act", "relu", choices=("relu", "gelu")),)),
    Preset(MARKED, Path("x.py"), problem="line 3: this is no Python"),
]


def configure(raw: Mapping[str, object]) -> object:
    """Checks as the session does, without anything behind it."""
    preset = next(one for one in PRESETS if one.name == raw["preset"])
    knobs, problems = {}, {}
    typed = raw["knobs"]
    assert isinstance(typed, dict)
    for knob in preset.knobs:
        try:
            knobs[knob.name] = knob.parse(typed[knob.name])
        except ValueError as error:
            problems[knob.name] = str(error)
    try:
        made = config.read({**raw, "knobs": knobs})
    except ConfigError as error:
        raise ConfigError(error.problems | problems) from None
    if problems:
        raise ConfigError(problems)
    return SimpleNamespace(config=made, preset=preset)


class Host(App[None]):
    CSS = """
    Screen { layers: below above; }
    Screen > * { position: absolute; layer: below; }
    """

    def __init__(self, given: Mapping[str, object] | None = None) -> None:
        super().__init__()
        self.form = SetupForm(PRESETS, DATASETS, configure, several, given=given)  # type: ignore[arg-type]  # a stand-in for Setup
        self.heard: list[Message] = []

    def get_theme_variable_defaults(self) -> dict[str, str]:
        names = ("ground", "raised", "lift", "rule", "dim", "text-colour", "bright", "you", "worse")
        return {name: f"#{index:02x}2030" for index, name in enumerate(names)}

    def compose(self) -> ComposeResult:
        yield self.form

    def note(self, message: Message) -> None:
        self.heard.append(message)

    on_setup_form_changed = on_setup_form_start_pressed = on_setup_form_refused = note
    on_setup_form_edit_pressed = on_setup_form_left = on_setup_form_field_focused = note

    def count(self, kind: type[Message]) -> int:
        return sum(isinstance(message, kind) for message in self.heard)

    def last(self) -> SetupForm.Changed:
        found = [message for message in self.heard if isinstance(message, SetupForm.Changed)]
        return found[-1]

    @property
    def draft(self) -> Draft:
        return self.form.draft

    def shown(self) -> str:
        """All text on the screen."""
        widgets = [widget for widget in self.screen.query(Rows) if widget.display]
        return "\n".join("".join(part.text for part in row) for widget in widgets for row in widget._lines)


@asynccontextmanager
async def hosted(
    size: tuple[int, int] = (100, 40), given: Mapping[str, object] | None = None
) -> AsyncIterator[tuple[Host, Pilot[None]]]:
    app = Host(given)
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        yield app, pilot


async def focus(app: Host, pilot: Pilot[None], name: str) -> None:
    app.form.focus_field(name)
    await pilot.pause()


async def write(app: Host, pilot: Pilot[None], name: str, text: str) -> None:
    await focus(app, pilot, name)
    await pilot.press("end", "ctrl+u", *text)
    await pilot.pause()


async def test_a_preset_carries_its_defaults_to_untouched_fields_only() -> None:
    async with hosted() as (app, pilot):
        await write(app, pilot, "batch_size", "48")
        await focus(app, pilot, "preset")
        await pilot.press("down")
        await pilot.pause()
        raw = app.last().raw
        assert (raw["preset"], raw["lr"], raw["optimizer"], raw["batch_size"]) == ("linear", "0.1", "sgd", "48")
        values = {field.key: field.value for field in app.query(TextField)}
        assert (values["lr"], values["batch_size"]) == ("0.1", "48")


async def test_an_invalid_value_says_what_is_allowed_and_holds_start_back() -> None:
    async with hosted() as (app, pilot):
        assert app.last().setup is not None
        await write(app, pilot, "batch_size", "0")
        assert app.last().setup is None
        assert app.last().raw["batch_size"] == "0"
        assert "✕ a whole number, 1 to 65 536" in app.shown()
        assert "batch needs a number first" in app.shown()
        assert next(one for one in app.query(PushButton) if one.key == "start").faint
        await pilot.press("enter")
        await pilot.pause()
        assert app.count(SetupForm.StartPressed) == 0
        assert app.count(SetupForm.Refused) == 1
        await pilot.press("backspace", "8")
        await pilot.pause()
        assert app.form.setup is not None
        assert "✕" not in app.shown()


async def test_enter_in_any_field_starts_once() -> None:
    async with hosted() as (app, pilot):
        for times, name in enumerate(("preset", "lr", "knob:width", "start"), start=1):
            await focus(app, pilot, name)
            await pilot.press("enter")
            await pilot.pause()
            assert app.count(SetupForm.StartPressed) == times


async def test_start_and_edit_are_pressed_with_the_mouse() -> None:
    async with hosted() as (app, pilot):
        start, edit = (next(one for one in app.query(PushButton) if one.key == key) for key in ("start", "edit"))
        await pilot.click(start)
        await pilot.click(edit)
        await pilot.pause()
        assert app.count(SetupForm.StartPressed) == 1
        assert app.count(SetupForm.EditPressed) == 1
        assert "Edit cnn.py" in app.shown()


async def test_knobs_come_and_go_with_the_preset() -> None:
    async with hosted() as (app, pilot):
        assert "cnn's own knobs" in app.shown()
        await focus(app, pilot, "preset")
        app.form.fill({"preset": "cnn,"})
        await pilot.pause()
        assert "cnn's own knobs" in app.shown()
        app.form.fill({"preset": "cnn"})
        await pilot.press("down")
        await pilot.pause()
        assert "own knobs" not in app.shown()
        assert not [one for one in app.query(TextField) if one.key == "knob:width"]
        await pilot.press("down")
        await pilot.pause()
        assert [one.key for one in app.query(ChoiceField)][-1] == "knob:act"
        await pilot.press("up", "up")
        await pilot.pause()
        await write(app, pilot, "knob:width", "wide")
        assert app.last().problems == {"width": "a whole number, such as 16"}
        assert app.last().raw["knobs"] == {"width": "wide", "dropout": "0"}


async def test_tab_goes_through_every_field_and_then_to_the_buttons() -> None:
    async with hosted() as (app, pilot):
        await focus(app, pilot, "preset")
        seen = [app.form.focused_field]
        while seen[-1] != "edit":
            await pilot.press("tab")
            await pilot.pause()
            seen.append(app.form.focused_field)
        assert seen[:6] == ["preset", "dataset", "optimizer", "lr", "batch_size", "budget"]
        assert seen[-6:] == ["precision", "more", "knob:width", "knob:dropout", "start", "edit"]


async def test_arrows_walk_between_lines_of_text_and_change_choices() -> None:
    async with hosted() as (app, pilot):
        await focus(app, pilot, "lr")
        await pilot.press("down")
        assert app.form.focused_field == "batch_size"
        await pilot.press("up", "up")
        assert app.form.focused_field == "optimizer"
        await pilot.press("up")
        await pilot.pause()
        assert app.form.focused_field == "optimizer"
        assert app.last().raw["optimizer"] == "sgd"
        await pilot.press("r")
        await pilot.pause()
        assert app.last().raw["optimizer"] == "rmsprop"


async def test_the_list_shows_all_options_and_enter_chooses_there() -> None:
    async with hosted() as (app, pilot):
        await focus(app, pilot, "optimizer")
        await pilot.press("space")
        await pilot.pause()
        assert app.query_one(ChoiceList).has_focus
        assert "scales each weight's own step" in app.shown()
        await pilot.press("home", "enter")
        await pilot.pause()
        assert not app.query(ChoiceList)
        assert app.last().raw["optimizer"] == "sgd"
        assert app.form.focused_field == "optimizer"
        assert app.count(SetupForm.StartPressed) == 0
        await pilot.press("space", "down", "escape")
        await pilot.pause()
        assert not app.query(ChoiceList)
        assert app.form.raw()["optimizer"] == "sgd"
        assert app.count(SetupForm.Left) == 0


async def test_the_list_works_by_mouse() -> None:
    async with hosted() as (app, pilot):
        field = next(one for one in app.query(ChoiceField) if one.key == "optimizer")
        await pilot.click(field)
        await pilot.pause()
        await pilot.click(ChoiceList, offset=(3, 3))
        await pilot.pause()
        assert app.last().raw["optimizer"] == "rmsprop"
        assert not app.query(ChoiceList)


async def test_a_broken_preset_is_listed_literally_and_cannot_start() -> None:
    async with hosted() as (app, pilot):
        await focus(app, pilot, "preset")
        await pilot.press("space")
        await pilot.pause()
        assert MARKED in app.shown()
        assert "✕ line 3: this is no Python" in app.shown()
        await pilot.press("end", "enter")
        await pilot.pause()
        assert app.last().setup is None
        assert app.last().problems == {"preset": "line 3: this is no Python"}
        await pilot.press("enter")
        await pilot.pause()
        assert app.count(SetupForm.StartPressed) == 0


async def test_a_budget_changes_its_name_with_its_unit() -> None:
    async with hosted() as (app, pilot):
        assert "epochs" in app.shown()
        await write(app, pilot, "budget", "2 min")
        assert app.last().raw["seconds"] == "120"
        assert "epochs" not in app.last().raw
        assert "budget" in app.shown()
        await write(app, pilot, "budget", "soon")
        assert "✕ 10, 60 s, 2 min or 500 steps" in app.shown()


async def test_a_problem_behind_more_unfolds_it() -> None:
    async with hosted(given={"momentum": "much"}) as (app, pilot):
        assert "held out" in app.shown()
        await focus(app, pilot, "more")
        assert app.form.waits_for == "momentum needs a number first"


async def test_more_unfolds_and_folds() -> None:
    async with hosted() as (app, pilot):
        assert "held out" not in app.shown()
        await focus(app, pilot, "more")
        await pilot.press("space")
        await pilot.pause()
        assert "held out" in app.shown()
        await pilot.press("enter")
        await pilot.pause()
        assert "held out" not in app.shown()
        assert app.count(SetupForm.StartPressed) == 0


async def test_letters_in_a_field_are_text_and_escape_leaves() -> None:
    async with hosted() as (app, pilot):
        await write(app, pilot, "seed", "q?X ")
        assert app.form.raw()["seed"] == "q?X "
        await pilot.press("escape")
        await pilot.pause()
        assert app.count(SetupForm.Left) == 1
        assert app.form.raw()["seed"] == "q?X "


async def test_filling_from_an_earlier_run_shows_it() -> None:
    async with hosted() as (app, pilot):
        app.form.fill({"preset": "linear", "dataset": "shapes", "lr": 0.03, "steps": 77, "epochs": None, "knobs": {}})
        await pilot.pause()
        raw = app.last().raw
        assert (raw["preset"], raw["dataset"], raw["lr"], raw["steps"]) == ("linear", "shapes", "0.03", "77")
        assert next(one for one in app.query(Input) if isinstance(one, TextField) and one.key == "budget").value == "77 steps"


@pytest.mark.parametrize(("layout", "width", "height"), [("narrow", 40, 20), ("column", 25, 18), ("wide", 64, 12)])
async def test_the_focused_field_stays_in_sight(layout: str, width: int, height: int) -> None:
    async with hosted((80, 24)) as (app, pilot):
        app.form.styles.width, app.form.styles.height = width, height
        app.form.set_layout(layout)  # type: ignore[arg-type]  # pytest hands over plain text
        await pilot.pause()
        for key in ("more", "knob:dropout", "start", "edit", "preset"):
            await focus(app, pilot, key)
            await pilot.pause()
            widget = app.form._fields.widgets[key]
            assert widget.region.height == 1
            assert app.form.region.contains_region(widget.region)
            assert widget.region in app.screen.find_widget(widget).visible_region


async def test_a_held_form_shows_values_and_takes_no_keys() -> None:
    async with hosted() as (app, pilot):
        app.form.set_layout("column")
        app.form.hold(True, rate="3e-4")
        await pilot.pause()
        assert "locked" in app.shown()
        assert "3e-4" in app.shown()
        assert "[ ]" in app.shown()
        assert not [one for one in app.query(TextField) if one.display]
        app.form.action_start()
        await pilot.pause()
        assert app.count(SetupForm.StartPressed) == 0
        app.form.hold(False)
        await pilot.pause()
        assert "Start" in app.shown()


async def test_auto_says_what_it_came_to() -> None:
    async with hosted() as (app, pilot):
        app.form.resolve(Measured(device="cpu", threads=2, precision="fp32"))
        await pilot.pause()
        assert "auto: cpu" in app.shown()
        assert "2 threads" in app.shown()
        app.form.set_devices([("cpu", "the processor"), ("cuda:0", "H200, 140 GB free")])
        await focus(app, pilot, "device")
        await pilot.press("end", "c", "u")
        await pilot.pause()
        assert app.form.raw()["device"] == "cuda:0"
        assert "H200, 140 GB free" in app.shown()


async def test_presets_that_changed_on_disk_are_taken_over() -> None:
    async with hosted() as (app, pilot):
        changed = Preset("cnn", Path("cnn.py"), "Other.", defaults={"lr": 0.5}, knobs=(*PRESETS[0].knobs, Knob("depth", 3)))
        await write(app, pilot, "seed", "4")
        app.form.set_presets([changed, *PRESETS[1:]])
        await pilot.pause()
        assert (app.form.raw()["lr"], app.form.raw()["seed"]) == ("0.5", "4")
        assert "depth" in app.shown()


def test_letters_typed_in_a_row_make_a_word() -> None:
    now = [0.0]
    typed = Typed(lambda: now[0])
    names = ["adam", "adamw", "rmsprop", "sgd"]
    assert typed.find("r", names, 0) == 2
    assert typed.find("m", names, 2) == 2
    now[0] += 5
    assert typed.find("a", names, 2) == 0
    now[0] += 5
    assert typed.find("a", names, 0) == 1
    now[0] += 5
    assert typed.find("x", names, 1) is None


async def test_another_dataset_brings_other_fields_in_their_place() -> None:
    async with hosted() as (app, pilot):
        await focus(app, pilot, "dataset")
        await pilot.press("p")
        await pilot.pause()
        keys = list(app.form._fields.widgets)
        assert keys[:6] == ["preset", "dataset", "data.kind", "data.noise", "data.size", "optimizer"]
        assert [one for one in app.form._fields.widgets.values() if not one.is_mounted] == []
        await pilot.press("tab")
        assert app.form.focused_field == "data.kind", "in the order in which they are drawn"
        await pilot.press("down")
        await write(app, pilot, "data.noise", "0.5")
        assert app.last().raw["data"] == {"kind": "circles", "noise": "0.5", "size": "2000"}
        await focus(app, pilot, "dataset")
        await pilot.press("d")
        await pilot.pause()
        assert list(app.form._fields.widgets)[:3] == ["preset", "dataset", "optimizer"]


async def test_a_folder_is_chosen_and_typed() -> None:
    async with hosted() as (app, pilot):
        await focus(app, pilot, "dataset")
        await pilot.press("f", "o")
        await pilot.pause()
        await write(app, pilot, "path", "/data/cats")
        assert app.last().raw["dataset"] == "folder:/data/cats"
        assert "path" in app.shown()


async def test_changes_of_pictures_are_turned_on_and_off() -> None:
    async with hosted() as (app, pilot):
        await focus(app, pilot, "augment")
        await pilot.press("s")
        await pilot.pause()
        assert app.last().raw["shift"] == "yes"
        await pilot.press("space")
        await pilot.pause()
        await pilot.press("space", "down", "space")
        await pilot.pause()
        assert (app.last().raw["flip"], app.last().raw["shift"]) == ("yes", "no")
        await pilot.press("enter")
        await pilot.pause()
        assert app.form.focused_field == "augment"
        assert app.count(SetupForm.StartPressed) == 0, "Enter closed the list"
        await pilot.press("down", "down", "down", "down")
        await pilot.pause()
        assert app.draft.text("augment") == "flip+shift+cutout+jitter+mixup"
        await pilot.press(*["up"] * 5)
        await pilot.pause()
        assert app.draft.text("augment") == "none"


async def test_a_switch_is_turned_with_the_mouse_and_the_list_stays() -> None:
    async with hosted() as (app, pilot):
        await focus(app, pilot, "augment")
        await pilot.press("space")
        await pilot.pause()
        field = app.form._fields.widgets["augment"]
        assert isinstance(field, SwitchesField)
        assert field.list is not None
        await pilot.click(field.list, offset=(4, 3))
        await pilot.pause()
        assert app.last().raw["jitter"] == "yes"
        assert field.list is not None
        await pilot.press("escape")
        await pilot.pause()
        assert field.list is None


async def test_a_comma_makes_a_list_of_a_choice_and_a_list_a_sweep() -> None:
    async with hosted() as (app, pilot):
        assert "1e-3,1e-2 in a field: a sweep" in app.shown()
        await focus(app, pilot, "optimizer")
        await pilot.press(",")
        await pilot.pause()
        field = app.form._fields.widgets["optimizer"]
        assert isinstance(field, TextField)
        assert (field.value, app.form.several) == ("adam,", None)
        await pilot.press(*"sg")
        await pilot.pause()
        assert "✕ sg: did you mean sgd?" in app.shown()
        await pilot.press("d")
        await pilot.pause()
        assert app.form.several is not None
        assert "2 runs: 2 optimizers" in app.shown()
        assert next(one for one in app.query(PushButton) if one.key == "start").label == "Sweep …"
        await write(app, pilot, "lr", "1e-3,77")
        assert "✕ 77: a number above 0, at most 10" in app.shown()
        assert app.form.several is None
        await pilot.press("backspace", "backspace", *"1e-2")
        await pilot.pause()
        assert "4 runs: 2 optimizers × 2 rates" in app.shown()
        assert app.last().setup is not None
        await write(app, pilot, "lr", "1e-3")
        await write(app, pilot, "optimizer", "sgd")
        await focus(app, pilot, "seed")
        assert isinstance(app.form._fields.widgets["optimizer"], ChoiceField), "a choice again, as there is no list any more"
        assert app.form.raw()["optimizer"] == "sgd"
        assert next(one for one in app.query(PushButton) if one.key == "start").label == "Start"


async def test_several_presets_and_a_list_from_the_open_choices() -> None:
    async with hosted() as (app, pilot):
        await focus(app, pilot, "preset")
        await pilot.press("space", "home", "comma")
        await pilot.pause()
        assert not app.query(ChoiceList)
        await pilot.press(*"m", "right")
        await pilot.pause()
        assert app.draft.preset_name == "cnn,mlp"
        assert app.form.several is not None
        assert "as each preset has it" in app.shown()
        assert app.form._fields.widgets["lr"].placeholder == "each its own"  # type: ignore[union-attr]  # it is a line of text
