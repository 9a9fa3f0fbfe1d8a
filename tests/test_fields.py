"""The text behind the form: budgets, what was typed and what the preset suggests, where a problem belongs."""

from __future__ import annotations

from pathlib import Path

import pytest

from tui_trainer.app import palette as palettes
from tui_trainer.app.widgets import fields
from tui_trainer.app.widgets.draft import Draft
from tui_trainer.app.widgets.sheet import Row, note_line
from tui_trainer.app.widgets.textfield import folder_like
from tui_trainer.datasets import DATASETS
from tui_trainer.preset import Preset
from tui_trainer.settings import Knob

CNN = Preset(
    "cnn", Path("cnn.py"), defaults={"lr": 1e-3, "batch_size": 32, "epochs": 10}, knobs=(Knob("width", 16), Knob("bn", True))
)
SLOW = Preset("slow", Path("slow.py"), defaults={"lr": 0.1, "seconds": 120.0, "optimizer": "sgd"}, knobs=(Knob("width", 64),))


def draft(**given: object) -> Draft:
    return Draft([CNN, SLOW], DATASETS, given)


@pytest.mark.parametrize(
    ("text", "budget"),
    [
        ("10", ("epochs", "10")),
        (" 10 epochs ", ("epochs", "10")),
        ("1 epoch", ("epochs", "1")),
        ("60 s", ("seconds", "60")),
        ("60s", ("seconds", "60")),
        ("2 min", ("seconds", "120")),
        ("1.5 h", ("seconds", "5400")),
        ("500 steps", ("steps", "500")),
        ("10 000 steps", ("steps", "10000")),
        ("", ("epochs", "")),
        ("soon", ("epochs", "soon")),
        ("3 parsecs", ("epochs", "3 parsecs")),
        ("-1", ("epochs", "-1")),
    ],
)
def test_a_budget_is_read_as_a_person_types_it(text: str, budget: tuple[str, str]) -> None:
    assert fields.read_budget(text) == budget


@pytest.mark.parametrize("budget", [("epochs", 10), ("steps", 500), ("seconds", 60.0), ("seconds", 90.0), ("seconds", 600.0)])
def test_a_budget_that_was_written_is_read_again(budget: tuple[str, float]) -> None:
    unit, amount = fields.read_budget(fields.write_budget(*budget))
    assert (unit, float(amount)) == budget


@pytest.mark.parametrize("value", [1e-3, 0.1, 3e-4, 0.0012345, 1.0, 0.0, 5e-4, 12345.678])
def test_a_number_loses_nothing_as_text(value: float) -> None:
    assert float(fields.text_of(value)) == value


def test_the_preset_decides_what_nobody_typed() -> None:
    form = draft()
    assert (form.text("lr"), form.text(fields.BUDGET), form.text("knob:width")) == ("1e-3", "10", "16")
    form.type("batch_size", "7")
    form.type("preset", "slow")
    assert (form.text("lr"), form.text("optimizer"), form.text(fields.BUDGET)) == ("0.1", "sgd", "2 min")
    assert form.text("batch_size") == "7"


def test_a_knob_keeps_what_was_typed_for_its_own_preset() -> None:
    form = draft()
    form.type("knob:width", "99")
    form.type("preset", "slow")
    assert form.text("knob:width") == "64"
    form.type("preset", "cnn")
    assert form.text("knob:width") == "99"


def test_what_was_given_is_kept_over_the_preset() -> None:
    form = draft(preset="slow", lr=0.5, steps=40, knobs={"width": 8})
    raw = form.raw()
    assert (raw["preset"], raw["lr"], raw["steps"], raw["knobs"]) == ("slow", "0.5", "40", {"width": "8"})
    assert "epochs" not in raw
    assert "seconds" not in raw


def test_an_earlier_run_fills_everything_and_frees_what_it_left_alone() -> None:
    form = draft()
    form.type("lr", "9")
    form.type("seed", "5")
    form.fill({"preset": "cnn", "lr": 1e-3, "seed": 3, "epochs": 10, "steps": None})
    form.type("preset", "slow")
    assert form.text("lr") == "0.1"
    assert form.text("seed") == "3"


def test_a_problem_stands_at_its_field() -> None:
    form = draft()
    form.type(fields.BUDGET, "soon")
    placed = form.place({"epochs": "a whole number, 1 to 100000", "width": "a whole number", "lr": "a number"})
    assert placed == {fields.BUDGET: fields.BUDGET_ALLOWED, "knob:width": "a whole number", "lr": "a number"}
    form.type(fields.BUDGET, "0")
    assert form.place({"epochs": "a whole number, 1 to 100000"}) == {fields.BUDGET: "a whole number, 1 to 100 000"}


def test_a_sentence_is_shortened_by_whole_clauses() -> None:
    assert fields.brief("a number above 0, at most 10; 1e-3 suits adam", 32) == "a number above 0, at most 10"
    assert fields.brief("a number above 0, at most 10; 1e-3 suits adam", 20) == "a number above 0"
    assert fields.brief("unbreakable", 5) == ""


def test_what_is_wrong_is_not_shortened_to_nothing_said() -> None:
    def said(text: str, width: int) -> str:
        return "".join(part.text for part in note_line(Row("path", note=text, wrong=True), width, palettes.choose()))

    assert said("Cat, cat in /home/me/pets differ only by case", 40) == "✕ Cat, cat in /home/me/pets differ only…"
    assert said("a number above 0, at most 10; 1e-3 suits adam", 25) == "✕ above 0, at most 10"
    assert said("1e6: a number above 0, at most 10; 1e-3 suits adam", 31) == "✕ 1e6: above 0, at most 10"
    assert said("a number above 0, at most 10; 1e-3 suits adam", 20) == "✕ a number above 0"


def test_yes_and_no_are_a_choice() -> None:
    form = draft()
    assert [one.value for one in form.field("knob:bn").options] == ["no", "yes"]
    assert form.text("knob:bn") == "yes"
    assert form.field("knob:width").options == ()


def test_a_dataset_brings_its_own_fields() -> None:
    form = draft(dataset="points")
    assert form.of_dataset == ["data.kind", "data.noise", "data.size"]
    assert [one.value for one in form.field("data.kind").options] == ["moons", "circles", "spirals", "xor", "gaussians"]
    form.type("data.noise", "0.3")
    assert form.raw()["data"] == {"kind": "moons", "noise": "0.3", "size": "2000"}
    form.type("dataset", "sine")
    assert form.raw()["data"] == {"size": "1000", "noise": "0"}, "what was typed belongs to the other dataset"
    form.type("dataset", "points")
    assert form.text("data.noise") == "0.3"
    assert form.place({"data.noise": "a number, 0 to 2"}) == {"data.noise": "a number, 0 to 2"}
    form.type("dataset", "digits")
    assert (form.of_dataset, form.raw()["data"]) == ([], {})


def test_a_folder_is_a_choice_and_a_path() -> None:
    form = draft()
    form.type("dataset", fields.FOLDER)
    form.type(fields.PATH, "/data/cats")
    assert (form.raw()["dataset"], form.raw()["image_size"]) == ("folder:/data/cats", None)
    form.type("image_size", "64")
    assert form.raw()["image_size"] == "64"
    assert form.place({"dataset": "there is no folder"}) == {fields.PATH: "there is no folder"}
    form.fill({"dataset": "folder:/data/dogs", "image_size": 32})
    assert (form.text("dataset"), form.text(fields.PATH), form.text("image_size")) == (fields.FOLDER, "/data/dogs", "32")
    form.fill({"dataset": "digits"})
    assert form.raw()["dataset"] == "digits"
    assert "image_size" not in form.raw()


def test_one_field_holds_all_changes_of_pictures() -> None:
    form = draft(flip=True, cutout=True)
    assert form.text(fields.AUGMENT) == "flip+cutout"
    form.fill({"cutout": False, "mixup": True})
    raw = form.raw()
    assert [raw[name] for name in ("flip", "shift", "cutout", "jitter", "mixup")] == ["yes", "no", "no", "no", "yes"]
    assert fields.AUGMENT not in raw
    assert form.place({"flip": "no: points has no pictures to change"}).keys() == {fields.AUGMENT}
    form.fill({"flip": False, "mixup": False})
    assert form.text(fields.AUGMENT) == "none"


def test_a_path_goes_on_to_the_first_folder_that_begins_so(tmp_path: Path) -> None:
    for name in ("cats", "catfish", ".hidden"):
        (tmp_path / name).mkdir()
    (tmp_path / "cart.txt").write_text("")
    assert folder_like(f"{tmp_path}/ca") == f"{tmp_path}/catfish"
    assert folder_like(f"{tmp_path}/cats") is None
    assert folder_like(f"{tmp_path}/") == f"{tmp_path}/catfish"
    assert folder_like(f"{tmp_path}/.h") == f"{tmp_path}/.hidden"
    assert folder_like(f"{tmp_path}/none/x") is None
    assert folder_like("ca") is None


@pytest.mark.parametrize(
    ("text", "budget"),
    [
        ("5,10", ("epochs", "5,10")),
        ("5, 10,", ("epochs", "5,10")),
        ("1 min,2 min", ("seconds", "60,120")),
        ("100,500 steps", ("steps", "100,500")),
        ("10 s, 5 steps", ("epochs", "10 s, 5 steps")),
    ],
)
def test_a_list_of_budgets_has_one_unit(text: str, budget: tuple[str, str]) -> None:
    assert fields.read_budget(text) == budget


def test_a_list_of_changes_is_a_list_of_each_that_differs() -> None:
    off = dict.fromkeys(("flip", "shift", "cutout", "jitter", "mixup"), "no")
    assert fields.read_changes("none,flip") == off | {"flip": "no,yes"}
    both = fields.read_changes("none,flip,shift,flip+shift")
    assert (both["flip"], both["shift"], both["jitter"]) == ("no,yes", "no,yes", "no")
    assert fields.read_changes("none,flip+shift")["flip"] == "none,flip+shift", "no combination of single lists makes this"


def test_of_several_presets_each_keeps_what_they_differ_in() -> None:
    form = draft(dataset="shapes")
    form.type("preset", "cnn,slow")
    assert form.several
    assert [one.name for one in form.named] == ["cnn", "slow"]
    assert (form.text("lr"), form.text("optimizer"), form.differs("lr"), form.differs("seed")) == ("", "", True, False)
    assert form.knobs == ["knob:width"], "what both have"
    assert form.given() == {"preset": "cnn,slow", "dataset": "shapes"}
    form.type("lr", "1e-3,1e-2")
    form.type("knob:width", "8,")
    assert form.given() == {"preset": "cnn,slow", "dataset": "shapes", "lr": "1e-3,1e-2", "knobs": {"width": "8"}}
    form.type("preset", "cnn")
    form.type("lr", "1e-3")
    assert not form.several
    assert form.given() == {"preset": "cnn", "dataset": "shapes"}


def test_a_path_may_have_a_comma_and_is_no_list() -> None:
    form = draft(dataset="folder:/data/cats,dogs")
    assert not form.several
    assert form.raw()["dataset"] == "folder:/data/cats,dogs"
