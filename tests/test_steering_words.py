"""Words for what can be changed while a run trains, and what is said of those that cannot."""

from __future__ import annotations

import pytest

from engine_runs import settings
from tui_trainer import steering
from tui_trainer.steering import STEERABLE

SGD = settings(optimizer="sgd")


@pytest.mark.parametrize(
    ("word", "name"),
    [
        ("lr", "lr"),
        ("rate", "lr"),
        (" Rate ", "lr"),
        ("--lr", "lr"),
        ("momentum", "momentum"),
        ("decay", "weight_decay"),
        ("weight_decay", "weight_decay"),
        ("--weight-decay", "weight_decay"),
        ("smoothing", "label_smoothing"),
        ("label-smoothing", "label_smoothing"),
        ("batch", "batch_size"),
        ("BATCH_SIZE", "batch_size"),
        ("clip", "clip"),
    ],
)
def test_a_setting_by_its_name_its_label_or_its_option(word: str, name: str) -> None:
    assert steering.setting(word) == name


def test_all_that_can_be_changed_has_a_word() -> None:
    assert {steering.setting(name) for name in STEERABLE} == set(STEERABLE)


@pytest.mark.parametrize("word", ["epochs", "optimizer", "seed", "held out", "device"])
def test_what_stays_while_a_run_trains(word: str) -> None:
    with pytest.raises(ValueError, match=r"cannot be changed while a run trains; what can is rate, momentum, decay,"):
        steering.setting(word)


def test_a_word_that_means_nothing_is_answered_with_what_is_near() -> None:
    with pytest.raises(ValueError, match=r"there is no setting 'momentm'; did you mean momentum\? what can be changed is rate"):
        steering.setting("momentm")
    with pytest.raises(ValueError, match=r"there is no setting 'qqq'; what can be changed is rate"):
        steering.setting("qqq")


@pytest.mark.parametrize(
    ("name", "raw", "value"),
    [
        ("lr", "3e-4", 3e-4),
        ("rate", 0.1, 0.1),
        ("momentum", "0.5", 0.5),
        ("momentum", 0, 0),
        ("weight_decay", "1e-4", 1e-4),
        ("label_smoothing", "0.1", 0.1),
        ("batch_size", "64", 64),
        ("batch_size", 64.0, 64),
        ("clip", "0", 0),
    ],
)
def test_a_value_as_text_or_as_it_is(name: str, raw: object, value: float) -> None:
    found = steering.value(SGD, name, raw, samples=1000)
    assert found == value
    assert isinstance(found, int) == (name == "batch_size")


@pytest.mark.parametrize(
    ("name", "raw", "said"),
    [
        ("lr", "0", "a number above 0, at most 10"),
        ("lr", "nan", "a number above 0, at most 10"),
        ("lr", "fast", "a number above 0, at most 10"),
        ("momentum", "1", "a number, 0 to 0.9999"),
        ("weight_decay", "-0.1", "a number, 0 to 1"),
        ("label_smoothing", "1", "a number, 0 to 0.9"),
        ("clip", "-1", "a number, 0 to 1000000"),
        ("batch_size", "0", "a whole number, 1 to 65536"),
        ("batch_size", "2.5", "a whole number, 1 to 65536"),
        ("batch_size", "1001", "a whole number, 1 to 1000: there are so many training samples"),
        ("seed", "1", "seed cannot be changed while a run trains"),
    ],
)
def test_a_value_that_cannot_be_is_answered_with_what_would_be_right(name: str, raw: object, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        steering.value(SGD, name, raw, samples=1000)


def test_where_the_samples_are_not_known_the_trainer_looks_again() -> None:
    assert steering.value(SGD, "batch_size", 60_000) == 60_000


@pytest.mark.parametrize("optimizer", ["adam", "adamw"])
def test_momentum_is_for_those_that_have_it(optimizer: str) -> None:
    with pytest.raises(steering.Fixed, match=f"{optimizer} has no momentum; sgd and rmsprop have"):
        steering.value(settings(optimizer=optimizer), "momentum", 0.5)
    assert steering.value(settings(optimizer="rmsprop"), "momentum", 0.5) == 0.5


def test_nesterov_needs_momentum() -> None:
    ahead = settings(optimizer="sgd", nesterov=True)
    with pytest.raises(ValueError, match="a number above 0: nesterov looks ahead along it"):
        steering.value(ahead, "momentum", 0)
    assert steering.value(ahead, "momentum", 0.5) == 0.5


def test_numbers_have_no_classes_to_smooth() -> None:
    with pytest.raises(ValueError, match="0: there are numbers to predict, and no classes"):
        steering.value(SGD, "label_smoothing", 0.1, regression=True)
    assert steering.value(SGD, "label_smoothing", 0, regression=True) == 0
