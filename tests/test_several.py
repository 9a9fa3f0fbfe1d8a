"""Lists in the fields of the form: taken apart, checked value by value, made into runs; how long these take."""

from __future__ import annotations

from dataclasses import asdict

import pytest

from made import ended, evaluated, made, started
from tui_trainer import preset
from tui_trainer.app.widgets import several as texts
from tui_trainer.config import ConfigError
from tui_trainer.measured import Measured
from tui_trainer.session.forecast import Forecaster
from tui_trainer.session.several import Several, several


def of(**given: object) -> Several:
    return several({"preset": "mlp", "dataset": "digits", **given}, {one.name: one for one in preset.everything()})


@pytest.mark.parametrize(
    ("text", "values", "listed"),
    [
        ("1e-3", ["1e-3"], False),
        ("1e-3,", ["1e-3"], False),
        ("1e-3, 1e-2", ["1e-3", "1e-2"], True),
        (",3", ["", "3"], True),
        ("", [""], False),
    ],
)
def test_a_list_is_taken_apart_and_a_comma_at_the_end_waits(text: str, values: list[str], listed: bool) -> None:
    assert (texts.values(text), texts.listed(text)) == (values, listed)


def test_a_list_of_choices_is_gone_on_with() -> None:
    assert texts.gone_on("adam,s", ["adam", "adamw", "sgd"]) == "adam,sgd"
    assert texts.gone_on("adam,a", ["adam", "adamw", "sgd"]) == "adam,adamw"
    assert texts.gone_on("sgd,s", ["adam", "adamw", "sgd"]) is None
    assert texts.gone_on("s", ["adam", "adamw", "sgd"]) is None


def test_every_combination_is_a_run_and_each_preset_keeps_its_own_settings() -> None:
    found = of(preset="linear,mlp", lr="1e-3,1e-2", seed="0,1,2")
    assert (found.count, found.words) == (12, "2 presets × 2 rates × 3 seeds")
    assert [label for label, _ in found.labelled] == ["linear, lr 0.001", "linear, lr 0.01", "mlp, lr 0.001", "mlp, lr 0.01"]
    own = {name: preset.find(name).defaults["epochs"] for name in ("linear", "mlp")}
    assert {one.config.preset: one.config.epochs for one in found.setups} == own


@pytest.mark.parametrize(
    ("given", "problems"),
    [
        ({"lr": "1e-3,77"}, {"lr": "77: a number above 0, at most 10"}),
        ({"lr": "1e-3,,1"}, {"lr": "nothing: a number above 0"}),
        ({"lr": "1,2", "batch_size": "x", "seed": "1,-1"}, {"batch_size": "a whole number", "seed": "-1: a whole number"}),
        ({"preset": "mlp,nope"}, {"preset": "nope: there is no preset 'nope'"}),
        ({"knobs": {"width": "8,wide"}}, {"width": "wide: a whole number, such as"}),
        ({"batch_size": "32,5000"}, {"batch_size": "5000: a whole number, 1 to 1 294"}),
        ({"lr": "0.1,1e-1"}, {"lr": "0.1 stands there twice"}),
        ({"optimizer": "sgd,adam", "nesterov": "yes"}, {"nesterov": "with optimizer adam: needs sgd"}),
    ],
)
def test_the_value_that_is_wrong_is_named(given: dict[str, object], problems: dict[str, str]) -> None:
    with pytest.raises(ConfigError) as caught:
        of(**given)
    said = caught.value.problems
    assert said.keys() == problems.keys()
    for name, text in problems.items():
        assert said[name].startswith(text)


def test_how_long_runs_take_is_told_from_what_is_known_and_never_made_up() -> None:
    forecaster, found = Forecaster(), of(preset="linear,mlp", epochs="4", lr="1e-3,1e-2")
    first = found.setups[0]
    assert forecaster.of(found.setups).words == "how long is not known yet"
    assert forecaster.next_to_time(found.setups) == first
    forecaster.learn(Measured(key=first.config, epoch_seconds=10.0, steps_per_epoch=5))
    told = forecaster.of(found.setups)
    assert (told.seconds, told.timed, told.unknown) == (80.0, 2, 2)
    assert told.words == "from batches timed here; 2 runs not timed yet"
    other = forecaster.next_to_time(found.setups)
    assert other is not None
    assert other.config.preset == "mlp"
    forecaster.learn(Measured(key=other.config, problem="it cannot be built"))
    assert forecaster.next_to_time(found.setups) is None, "what cannot be timed is not tried again and again"
    assert forecaster.of(found.setups).unknown == 2

    settings = asdict(other.config.but(epochs=10, lr=0.5))
    made(settings.pop("preset"), started(), evaluated(epoch=10), ended(), **settings)
    forecaster.forget()
    told = forecaster.of(found.setups)
    assert (told.seconds, told.earlier, told.unknown) == (80.0 + 2 * 4 * 6.0, 2, 0)
    assert told.words == "from earlier runs like these and batches timed here"
    assert forecaster.of(of(seconds="5,7").setups).words == "each run ends by the clock"
