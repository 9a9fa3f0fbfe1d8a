"""Settings: every bound of every field, and an error that names the field and what would be right."""

from __future__ import annotations

import json
import math
from dataclasses import asdict, fields

import pytest

from tui_trainer import config
from tui_trainer.config import BY_NAME, OWN, SETTINGS, Config, ConfigError, read

LEAST: dict[str, object] = {"preset": "cnn", "dataset": "digits"}


def problems(**raw: object) -> dict[str, str]:
    with pytest.raises(ConfigError) as caught:
        read(LEAST | raw)
    return caught.value.problems


def test_the_least_that_is_needed_gives_the_defaults() -> None:
    made = read(LEAST)
    assert made.budget == ("epochs", 10)
    assert asdict(made) == asdict(Config(preset="cnn", dataset="digits", epochs=10))


def test_every_field_is_a_setting_with_help() -> None:
    assert [one.name for one in fields(Config) if one.name not in OWN] == [setting.name for setting in SETTINGS]
    assert all(setting.help and setting.label and setting.allowed() for setting in SETTINGS)


EDGES = [(setting.name, edge) for setting in SETTINGS for edge in ("low", "high") if math.isfinite(getattr(setting, edge))]


@pytest.mark.parametrize(("name", "edge"), EDGES)
def test_the_bounds_are_where_they_say(name: str, edge: str) -> None:
    setting = BY_NAME[name]
    bound = getattr(setting, edge)
    step = 1 if setting.kind is int else max(abs(bound), 1) * 1e-9
    beyond = bound - step if edge == "low" else bound + step
    inside = bound + step if edge == "low" else bound - step
    assert set(problems(**{name: beyond})) == {name}
    assert getattr(read(LEAST | {name: inside}), name) == setting.kind(inside)
    if edge == "low" and setting.above_low:
        assert set(problems(**{name: bound})) == {name}
    else:
        assert getattr(read(LEAST | {name: str(bound)}), name) == bound


@pytest.mark.parametrize("name", [setting.name for setting in SETTINGS if setting.kind in (int, float)])
@pytest.mark.parametrize("raw", ["nan", "inf", "-inf", math.nan, math.inf, "", "many", "1e999", True, [3], {}, "0x10", "3,5"])
def test_what_is_no_number_is_refused(name: str, raw: object) -> None:
    found = problems(**{name: raw})
    assert found[name] == BY_NAME[name].allowed()


@pytest.mark.parametrize("name", [setting.name for setting in SETTINGS if setting.kind is int])
def test_whole_numbers_are_not_rounded(name: str) -> None:
    assert name in problems(**{name: 2.5})
    assert getattr(read(LEAST | {name: "2.0"}), name) == 2


@pytest.mark.parametrize("name", [setting.name for setting in SETTINGS if setting.choices])
def test_choices_are_named_and_the_nearest_is_offered(name: str) -> None:
    setting = BY_NAME[name]
    for choice in setting.choices:
        assert getattr(read(LEAST | {name: choice.upper()}), name) == choice
    wrong = setting.choices[-1] + "x"
    assert problems(**{name: wrong})[name] == f"did you mean {setting.choices[-1]}? one of {', '.join(setting.choices)}"


@pytest.mark.parametrize("name", ["preset", "dataset"])
def test_names_are_needed(name: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read({other: value for other, value in LEAST.items() if other != name})
    assert caught.value.problems == {name: "none is given"}
    assert name in problems(**{name: ""})
    assert name in problems(**{name: 3.5})


@pytest.mark.parametrize(("raw", "value"), [("yes", True), ("on", True), ("0", False), (True, True), ("No", False)])
def test_yes_and_no(raw: object, value: bool) -> None:
    assert read(LEAST | {"optimizer": "sgd", "nesterov": raw}).nesterov is value


def test_neither_yes_nor_no() -> None:
    assert problems(nesterov="perhaps") == {"nesterov": "yes or no"}


@pytest.mark.parametrize("device", ["auto", "cpu", "cuda", "cuda:0", "cuda:11", "mps"])
def test_devices(device: str) -> None:
    assert read(LEAST | {"device": device}).device == device


@pytest.mark.parametrize("device", ["gpu", "cuda:", "cuda:x", "cuda:-1", "cpu:0", "cuda:²"])
def test_no_devices(device: str) -> None:
    assert problems(device=device) == {"device": "auto, cpu, cuda, cuda:N or mps"}


@pytest.mark.parametrize("threads", ["auto", "1", 4, "1024"])
def test_threads(threads: object) -> None:
    assert read(LEAST | {"threads": threads}).threads == str(threads)


@pytest.mark.parametrize("threads", ["0", "-1", "2.5", "all", "", True, "1025", "²", "9" * 5000])
def test_no_threads(threads: object) -> None:
    assert problems(threads=threads) == {"threads": "auto, or a whole number, 1 to 1024"}


def test_an_unknown_setting_gets_the_nearest_name() -> None:
    assert problems(learning_rat=1) == {"learning_rat": "there is no setting 'learning_rat'"}
    assert problems(batchsize=1) == {"batchsize": "there is no setting 'batchsize'; did you mean batch_size?"}


def test_all_problems_are_told_at_once_by_name() -> None:
    found = problems(lr=0, batch_size=-1, epochs="x", optimizer="sdg", nonsense=3)
    assert set(found) == {"lr", "batch_size", "epochs", "optimizer", "nonsense"}


def test_one_budget() -> None:
    assert read(LEAST | {"steps": 300}).budget == ("steps", 300)
    assert read(LEAST | {"seconds": "2.5"}).budget == ("seconds", 2.5)
    assert problems(steps=3, epochs=2) == {"steps": "give one budget: epochs or steps"}


def test_nesterov_needs_sgd_with_momentum() -> None:
    assert "nesterov" in problems(nesterov=True)
    assert "nesterov" in problems(nesterov=True, optimizer="sgd", momentum=0)
    assert read(LEAST | {"nesterov": True, "optimizer": "sgd"}).nesterov


def test_json_gives_the_config_back() -> None:
    made = read(LEAST | {"seconds": 2.5, "knobs": {"width": 3, "bias": False}, "lr": 1 / 3})
    assert Config.from_json(made.to_json()) == made


@pytest.mark.parametrize("text", ["", "{", "[]", "3", '"x"', "{}", '{"preset": "cnn", "dataset": "digits", "lr": "NaN"}'])
def test_json_that_is_no_config(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        Config.from_json(text)


def test_but_checks_again_and_replaces_the_budget() -> None:
    made = read(LEAST | {"epochs": 3})
    assert made.but(seconds=5).budget == ("seconds", 5.0)
    with pytest.raises(ConfigError):
        made.but(lr=0)


def test_overlay_keeps_what_is_not_given() -> None:
    assert config.overlay({"lr": 1, "epochs": 3}, {"lr": None, "steps": 5}) == {"lr": 1, "steps": 5}


def test_options_give_the_config_back() -> None:
    made = read(LEAST | {"optimizer": "sgd", "nesterov": True, "steps": 30, "lr": 3e-4, "knobs": {"width": 8, "bias": True}})
    words = config.as_options(made, against=asdict(read(LEAST)) | {"epochs": None})
    assert words[words.index("--lr") + 1] == "0.0003"
    assert "--nesterov" in words
    assert "--epochs" not in words
    assert words[-4:] == ["--set", "width=8", "--set", "bias=True"]


def test_options_leave_out_what_is_default_already() -> None:
    made = read(LEAST | {"knobs": {"width": 8}})
    assert config.as_options(made, against=asdict(made)) == []


@pytest.mark.parametrize("value", [1 / 3, 1e-7, 123456.789, 0.1234567890123])
def test_options_keep_every_digit(value: float) -> None:
    made = read(LEAST | {"seconds": value})
    words = config.as_options(made)
    assert float(words[words.index("--seconds") + 1]) == made.seconds
    assert json.loads(made.to_json())["seconds"] == value
