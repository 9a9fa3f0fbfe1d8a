"""What is said of a bench's figures: where time goes, what it waits for, and advice where it was measured, nowhere else."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

import pytest

from tui_trainer.bottleneck import (
    PARTS,
    Benched,
    Box,
    Loop,
    Trial,
    Work,
    advice,
    bottleneck,
    bound,
    is_noisy,
    largest,
    same_recipe,
    share,
)

QUIET_PARTS = {"input": 0.3, "forward": 2.0, "backward": 4.0, "optimizer": 0.6, "report": 0.05}
MANY_CONVS = {"convolutions": 0.7, "pooling": 0.3}
MADE = Benched(
    preset="cnn",
    dataset="digits",
    device="cpu",
    device_name="a cpu",
    threads=1,
    tutorial_threads=2,
    precision="fp32",
    batch_size=32,
    shape=(3, 32, 32),
    changes=(),
    ours=Loop(4600.0, 6.95, QUIET_PARTS),
    tutorial=Loop(2300.0, 13.9, {"input": 9.0, "the rest": 4.9}),
    ratio=2.0,
    quartiles=(1.9, 2.1),
    rounds=6,
    repeated=0,
    noisy=0,
    others=0.01,
    work=Work(flops=0.6e9, bytes=60e6, calls=60, shares=MANY_CONVS),
    box=Box(240e9, 20e9, "convolutions"),
)


def made(**changes: object) -> Benched:
    return dataclasses.replace(MADE, **changes)  # type: ignore[arg-type]  # whatever the test says


def with_parts(**parts: float) -> Benched:
    return made(ours=MADE.ours._replace(parts={**QUIET_PARTS, **parts}))


def with_work(**changes: object) -> Benched:
    return made(work=dataclasses.replace(MADE.work, **changes))  # type: ignore[arg-type]  # likewise


def test_the_shares_of_a_step_are_the_whole_of_it() -> None:
    assert sum(share(MADE, part) for part in PARTS) == pytest.approx(1)
    assert largest(MADE) == "backward"


@pytest.mark.parametrize(
    ("part", "words"), [("input", "the inputs"), ("optimizer", "optimizer"), ("report", "the screen"), ("forward", "forward pass")]
)
def test_the_bottleneck_is_the_part_that_takes_most(part: str, words: str) -> None:
    found = with_parts(**{part: 10.0})
    assert largest(found) == part
    assert words in bottleneck(found)
    assert ("bound" in bottleneck(found)) == (part == "forward")


@pytest.mark.parametrize(
    ("shares", "calls", "flops", "waits"),
    [
        (MANY_CONVS, 60, 0.6e9, "compute"),
        ({"pooling": 0.6, "convolutions": 0.4}, 60, 0.6e9, "memory"),
        (MANY_CONVS, 60, 0.01e9, "memory"),
        (MANY_CONVS, 1000, 0.6e9, "calls"),
    ],
)
def test_what_a_step_waits_for(shares: Mapping[str, float], calls: int, flops: float, waits: str) -> None:
    found = with_work(shares=shares, calls=calls, flops=flops)
    assert bound(found) == waits
    assert {"compute": "compute-bound", "memory": "memory-bound", "calls": "small operations"}[waits] in bottleneck(found)
    assert "240.0 GFLOP/s" in bottleneck(found)


def test_nothing_is_advised_where_nothing_was_found() -> None:
    assert advice(MADE) == ()


@pytest.mark.parametrize(
    ("trial", "words"),
    [
        (Trial("batch", "128", 2.0, 1.9), "--batch-size 128: 2.00 times"),
        (Trial("precision", "bf16", 1.5, 1.4), "--precision bf16: 1.50 times"),
        (Trial("threads", "2", 1.4, 1.3), "--threads 2: 1.40 times"),
        (Trial("order", "pool, then ReLU", 1.2, 1.1), "the ReLU after the max pooling instead of before it: 1.20 times"),
    ],
)
def test_a_trial_is_advised_where_it_was_faster_for_sure(trial: Trial, words: str) -> None:
    (said,) = advice(made(trials=(trial,)))
    assert words in said
    assert "measured" in said
    assert advice(made(trials=(trial._replace(factor=1.01),))) == ()
    assert advice(made(trials=(trial._replace(least=0.9),))) == ()


def test_small_batches_are_told_so() -> None:
    found = made(batch_size=4, trials=(Trial("batch", "16", 3.0, 2.8),))
    assert advice(found)[0].startswith("a batch of 4 keeps this machine waiting: --batch-size 16: 3.00 times")
    assert "keeps" not in advice(dataclasses.replace(found, batch_size=64))[0]


def test_what_helps_most_comes_first() -> None:
    tried = (Trial("precision", "bf16", 1.2, 1.1), Trial("batch", "128", 2.0, 1.9))
    assert [said.partition(" ")[0] for said in advice(made(trials=tried))] == ["--batch-size", "--precision"]


@pytest.mark.parametrize(
    ("work", "words"),
    [
        ({"relu_first": 3}, "ReLU stands before a max pooling"),
        ({"first_share": 0.45}, "the conv layer on the picture itself (3×32×32) takes 45.0 %"),
        ({"softmax": True}, "ends in a softmax"),
    ],
)
def test_what_was_detected_is_advised(work: dict[str, object], words: str) -> None:
    (said,) = advice(with_work(**work))
    assert words in said


def test_small_pictures_are_left_at_full_size() -> None:
    assert advice(dataclasses.replace(with_work(first_share=0.45), shape=(1, 8, 8))) == ()


def test_an_order_that_was_tried_is_not_advised_unmeasured() -> None:
    found = dataclasses.replace(with_work(relu_first=3), trials=(Trial("order", "pool, then ReLU", 1.0, 0.9),))
    assert advice(found) == ()


def test_input_is_spoken_of_where_it_takes_long() -> None:
    assert advice(with_parts(input=5.0)) == ()
    changed = dataclasses.replace(with_parts(input=5.0), changes=("flip", "shift"))
    assert "with flip, shift" in advice(changed)[0]
    assert "do not fit" in advice(dataclasses.replace(changed, streamed=True))[0]


def test_reports_are_spoken_of_where_they_take_long() -> None:
    (said,) = advice(with_parts(report=1.0))
    assert said.startswith("reporting takes 12.7 % of a step")


def test_losses_are_alike_within_what_chance_allows() -> None:
    assert same_recipe(MADE) is None
    assert same_recipe(made(losses=(1.00, 1.02), allowed=0.05)) is True
    assert same_recipe(made(losses=(1.00, 1.2), allowed=0.05)) is False


def test_a_busy_machine_is_known_by_half_of_its_slices() -> None:
    assert not is_noisy(MADE)
    assert is_noisy(made(noisy=6))
