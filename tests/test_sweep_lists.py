"""Lists of settings as sweeps, and sweeps as text."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from tui_trainer import paths, sweeps
from tui_trainer.sweeps import Entry, Published, Sweep, SweepError


def lists(name: str = "", **given: object) -> Sweep:
    found = sweeps.of_lists(given, name)
    assert found is not None
    return found


def test_every_combination_with_a_label_of_what_differs() -> None:
    found = lists(lr="1e-3, 1e-2", preset="mlp,cnn", dataset="digits", epochs="3", knobs={"width": "8,16", "layers": "2"})
    assert found.about == "2 presets × 2 rates × 2 widths"
    assert [entry.label for entry in found.entries][:3] == [
        "mlp, lr 0.001, width 8",
        "mlp, lr 0.001, width 16",
        "mlp, lr 0.01, width 8",
    ]
    assert found.entries[7].settings == {
        "preset": "cnn",
        "dataset": "digits",
        "lr": 0.01,
        "epochs": 3,
        "knobs": {"width": 16, "layers": 2},
    }
    assert lists(preset="mlp", data={"noise": "0.1,0.2"}).entries[1].settings == {"preset": "mlp", "data": {"noise": 0.2}}


def test_values_that_are_close_are_two_settings() -> None:
    found = lists(preset="mlp", lr="0.1000001,0.1000002", knobs={"dropout": "0.1,0.10000001"})
    assert len({entry.label for entry in found.entries}) == len(found.entries) == 4
    assert found.entries[0].label == "lr 0.1000001, dropout 0.1"


def test_no_list_is_no_sweep_unless_one_is_wanted() -> None:
    assert sweeps.of_lists({"preset": "mlp", "lr": "1e-3", "batch_size": None, "flip": True}) is None
    found = sweeps.of_lists({"preset": "mlp", "dataset": "digits", "lr": "1e-3"}, always=True)
    assert found is not None
    assert [(one.label, one.settings["lr"]) for one in found.entries] == [("mlp", 0.001)]
    assert found.about == "mlp on digits"


def test_the_name_is_the_same_for_the_same_lists_and_another_for_others() -> None:
    name = lists(preset="mlp,cnn", lr="1e-3,1e-2").name
    assert name.startswith("mlp-cnn-lr-")
    assert lists(preset="mlp, cnn", lr="0.001,1e-2").name == name
    assert lists(preset="mlp,cnn", lr="0.001,1e-1").name != name
    assert lists("mine", preset="mlp,cnn").name == "mine"


def test_seeds_as_a_list_are_runs_of_one_setting() -> None:
    (entry,) = lists(preset="mlp", seed="3,5").entries
    assert (entry.label, entry.seeds) == ("mlp", (3, 5))
    assert len(lists(preset="mlp", lr="1,2", seed="3,5").entries) == 2


def test_a_folder_with_a_comma_in_its_name_is_one_dataset(tmp_path: Path) -> None:
    folder = tmp_path / "cats,dogs"
    folder.mkdir()
    assert sweeps.of_lists({"preset": "mlp", "dataset": f"folder:{folder}"}) is None
    assert len(lists(preset="mlp", dataset=f"folder:{tmp_path}/a,folder:{tmp_path}/b").entries) == 2


@pytest.mark.parametrize(
    ("given", "field", "said"),
    [
        ({"lr": "0.1,x"}, "lr", "lr: x: a number above 0"),
        ({"lr": "0.1,0.10"}, "lr", "lr: 0.1 stands there twice"),
        ({"preset": "mlp,"}, "preset", "preset: 'mlp,' has a comma too many"),
        ({"knobs": {"width": "8,8"}}, "knobs.width", "knobs.width: 8 stands there twice"),
        (
            {"lr": ",".join(str(0.001 * one) for one in range(1, 41)), "batch_size": ",".join(map(str, range(1, 41)))},
            "",
            "1600 runs",
        ),
        ({"seed": ",".join(map(str, range(1001)))}, "", "1001 seeds are 1001 runs; a sweep has 1000 at most"),
    ],
)
def test_what_is_wrong_names_its_field(given: dict[str, object], field: str, said: str) -> None:
    with pytest.raises(SweepError, match=said) as wrong:
        sweeps.of_lists({"preset": "mlp"} | given)
    assert wrong.value.field == field


PUBLISHED = Published(0.5, at_most=True, classes={"a cat": 0.25}, steps=(0.5, math.inf), note='say "ah"')
WHOLE = Sweep(
    "odd",
    Path(),
    about='a "quoted" text \\ with ü and \x7f',
    source="a book",
    note="ours",
    entries=(
        Entry("first, of all", {"preset": "mlp", "lr": 1e-7, "flip": True, "knobs": {"width": 8, "act ": "re,lu"}}, PUBLISHED),
        Entry("second", {"preset": "mlp", "dataset": "folder:/tmp/\n", "data": {}}, seeds=(1, 7)),
    ),
)


def test_a_sweep_as_text_is_read_as_the_same(tmp_path: Path) -> None:
    path = tmp_path / "odd.toml"
    path.write_text(sweeps.as_toml(WHOLE), encoding="utf-8")
    found = sweeps.read(path)
    assert (found.problem, found.about, found.source, found.note) == ("", WHOLE.about, "a book", "ours")
    assert found.entries == WHOLE.entries


@pytest.mark.parametrize("one", sweeps.everything(), ids=lambda one: one.name)
def test_a_shipped_sweep_as_text_is_read_as_the_same(one: Sweep, tmp_path: Path) -> None:
    path = tmp_path / f"{one.name}.toml"
    path.write_text(sweeps.as_toml(one), encoding="utf-8")
    assert str(sweeps.read(path).entries) == str(one.entries)  # in words: nan is nothing, not even itself


def test_a_sweep_is_kept_under_a_name_that_no_other_has() -> None:
    found = lists(preset="mlp,cnn", dataset="digits")
    path = sweeps.keep(found, "nets")
    assert path == paths.your_presets() / "sweeps" / "nets.toml"
    assert sweeps.find("nets").entries == found.entries
    assert sweeps.keep(found, "nets") == path
    with pytest.raises(SweepError, match="there is another sweep nets in "):
        sweeps.keep(lists(preset="mlp,linear"), "nets")
    with pytest.raises(SweepError, match=r"a sweep cannot be called '\.\./up'"):
        sweeps.keep(found, "../up")
