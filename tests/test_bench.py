"""The two loops of a bench, and `tui-trainer bench` as a person meets it, with a second or less of measuring."""

from __future__ import annotations

import copy
import json
import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import pytest
import torch
from torch import nn

from tui_trainer import paths, session
from tui_trainer.bottleneck import PARTS
from tui_trainer.cli import main
from tui_trainer.engine import anatomy, bench, loops, model
from tui_trainer.engine.loops import Ours, Theirs
from tui_trainer.engine.prepare import Ready, prepare
from tui_trainer.events import Event, Stepped

QUICK = ["--seconds", "0.6", "--threads", "1", "--device", "cpu"]


# The two loops


@pytest.fixture(scope="module")
def tutorial() -> ModuleType:
    return model.run_file(paths.tutorial(), "tutorial")


def ready(preset: str = "cnn", **given: object) -> Ready:
    asked = {"preset": preset, "dataset": "digits", "threads": "1", "device": "cpu", "schedule": "constant", "steps": 10**9}
    setup = session.configure({**asked, **given})
    return prepare(setup.config, setup.preset.path, paths.datasets(), lambda *said, **more: None)


def test_a_turn_of_the_trainer_counts_every_sample_and_reports_it(tmp_path: Path) -> None:
    events: list[Event] = []
    ours = Ours(ready("mlp"), tmp_path, events.append)
    taken = [ours.turn(0.15) for _ in range(3)]
    stepped = [event for event in events if isinstance(event, Stepped)]
    assert sum(one.samples for one in taken) == sum(event.seen for event in stepped) > 0
    assert len(ours.losses) == ours.steps == stepped[-1].step
    assert all(one.seconds >= 0.15 for one in taken)
    assert ours.losses[-1] < ours.losses[0]
    assert not list(tmp_path.iterdir())


def test_its_clock_stands_while_the_other_has_its_turn(tmp_path: Path, tutorial: ModuleType) -> None:
    made = ready("mlp")
    ours, theirs = Ours(made, tmp_path, lambda event: None), Theirs(made, tutorial, 1)
    ours.turn(0.02)
    before = ours.trainer.time.seconds()
    taken = theirs.turn(0.1)
    assert ours.trainer.time.seconds() == before
    assert taken.samples >= theirs.steps > 0
    assert 0 < theirs.input.spent < theirs.spent


def test_the_two_learn_from_weights_of_their_own(tmp_path: Path, tutorial: ModuleType) -> None:
    made = ready("mlp")
    theirs = Theirs(made, tutorial, 1)
    before = copy.deepcopy(theirs.net.state_dict())
    Ours(made, tmp_path, lambda event: None).turn(0.05)
    assert all(torch.equal(value, before[name]) for name, value in theirs.net.state_dict().items())


def test_a_loss_that_is_not_finite_is_no_end_of_it(tmp_path: Path) -> None:
    ours = Ours(ready("mlp", optimizer="sgd", lr=10.0, momentum=0.99, validation=0.1), tmp_path, lambda event: None)
    with torch.no_grad():
        ours.ready.built.net.get_parameter("1.weight")[0, 0] = float("nan")
    ours.turn(0.05)
    assert "try a rate of" in ours.diverged
    assert ours.trainer.current_rate() < 10.0
    assert ours.turn(0.05).samples > 0


def test_losses_are_compared_over_the_same_steps() -> None:
    falling = [2 - at / 100 for at in range(100)]
    found = bench.compare(falling + [9.0] * 50, falling)
    assert found is not None
    assert found.ours == found.theirs
    assert (found.steps, found.allowed > 0) == (100, True)
    assert bench.compare(falling[:10], falling) is None
    assert bench.compare([float("nan")] * 100, falling) is None


# A step, taken apart


class Softmaxed(nn.Sequential):
    """Two convolutions with ReLU before pooling, and a softmax at the end."""

    def __init__(self) -> None:
        super().__init__(
            nn.Conv2d(1, 4, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(64, 10), nn.Softmax(dim=1)
        )


def test_a_step_is_taken_apart_forward_and_backward() -> None:
    made = ready(batch_size=8)
    net = Softmaxed()
    work = anatomy.work(replace(made, built=replace(made.built, net=net)), net)
    forward = 8 * (64 * 4 * 9 + 64 * 10) * 2
    assert 2 * forward <= work.flops <= 3 * forward
    assert work.bytes > 8 * 64 * 4 * 4
    assert sum(work.shares.values()) == pytest.approx(1)
    assert {"convolutions", "dense layers", "pooling", "activations"} <= set(work.shares)
    assert (work.relu_first, work.softmax) == (1, True)
    assert 0 < work.first_share < 1
    assert all(parameter.grad is None for parameter in net.parameters())


def test_a_preset_that_pools_first_is_not_told_to() -> None:
    made = ready(batch_size=8)
    work = anatomy.work(made, copy.deepcopy(made.built.net))
    assert (work.relu_first, work.softmax) == (0, False)


def test_the_order_of_relu_and_pooling_is_changed_in_a_copy_with_the_same_result() -> None:
    torch.manual_seed(0)
    net, pictures = Softmaxed(), torch.rand(4, 1, 8, 8)
    other = copy.deepcopy(net)
    assert anatomy.pooled_first(other) == 1
    assert isinstance(other[1], nn.MaxPool2d)
    assert torch.equal(net(pictures), other(pictures))


def test_the_machine_is_measured() -> None:
    box = anatomy.box(ready(), convolves=True, largest=1 << 16, seconds=0.02)
    assert box.flops > 1e6
    assert box.bytes > 1e6
    assert box.kind == "convolutions"


def test_a_variant_begins_anew_with_one_thing_changed() -> None:
    made = ready("mlp")
    larger, other = loops.variant(made, batch=64), loops.variant(made, bf16=True, threads=2)
    assert (larger.config.batch_size, larger.threads, larger.precision) == (64, 1, "fp32")
    assert (other.config.batch_size, other.threads, other.precision) == (32, 2, "bf16")
    assert other.built.net is other.pace.forward is not made.built.net


@pytest.mark.parametrize("seconds", [0.5, 30.0, 300.0])
def test_a_plan_keeps_within_its_time(seconds: float) -> None:
    plan = bench.plan(seconds)
    assert plan.rounds >= bench.ROUNDS
    assert 2 * plan.slice * plan.rounds <= plan.enough <= plan.end <= seconds
    assert plan.slice <= 0.8


# As a person meets it


def test_bench_says_both_speeds_the_bottleneck_and_what_would_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bench", "mlp", *QUICK]) == 0
    said = " ".join(capsys.readouterr().out.split())
    for words in ("mlp on digits", "img/s", "the tutorial's loop, fp32, 1 thread", "times as fast as", "bottleneck", "would help"):
        assert words in said
    assert all(f"{part} " in said for part in PARTS)


def test_rows_are_measured_against_a_tensor_dataset(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bench", "mlp", "--dataset", "points", *QUICK]) == 0
    said = capsys.readouterr().out
    assert "rows/s" in said
    assert "TensorDataset and DataLoader" in said


def test_json_has_figures_that_add_up(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bench", "cnn", "--json", "--batch-size", "4", *QUICK]) == 0
    found = json.loads(capsys.readouterr().out, parse_constant=lambda name: pytest.fail(f"{name} is no JSON"))
    assert found["quartiles"][0] <= found["ratio"] <= found["quartiles"][1]
    assert found["ours"]["step"] == pytest.approx(1e3 * found["batch_size"] / found["ours"]["speed"])
    assert set(found["ours"]["parts"]) == set(PARTS)
    assert sum(found["tutorial"]["parts"].values()) > 0
    assert sum(found["work"]["shares"].values()) == pytest.approx(1)
    assert found["bottleneck"]["part"] in PARTS
    assert found["bottleneck"]["bound"] in {"compute", "memory", "calls"}
    assert all(one["factor"] > 0 for one in found["trials"])


def test_nothing_is_left_behind(home: Path) -> None:
    assert main(["bench", "mlp", *QUICK]) == 0
    assert not (home / "runs").exists()


BROKEN = {
    "no_build": ("x = 1", 2, "build"),
    "raises": ("def build(input_shape, num_classes):\n    raise ValueError('no such luck')", 1, "line 2: no such luck"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_preset_says_its_sentence(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source, code, words = BROKEN[name]
    (tmp_path / f"{name}.py").write_text(source, encoding="utf-8")
    asked = [name, "--dataset", "digits", "--presets", str(tmp_path)]
    assert main(["bench", *asked, *QUICK]) == code
    said = capsys.readouterr()
    assert words in said.err
    assert said.out == ""
    assert main(["train", *asked, "--epochs", "1", "-q"]) == code


@pytest.mark.parametrize(
    ("words", "right"),
    [
        (["bench", "cnn", "--seconds", "0"], "--seconds: a number above 0"),
        (["bench", "cnn", "--epochs", "3"], "there is no option --epochs"),
        (["bench", "cnnn"], "did you mean cnn"),
    ],
)
def test_wrong_words_get_the_right_ones(words: list[str], right: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(words) == 2
    assert right in capsys.readouterr().err


@pytest.mark.long
def test_an_interrupt_ends_it_cleanly(tmp_path: Path) -> None:
    words = [sys.executable, "-c", WAITING, "bench", "mlp", "--seconds", "3600", "--threads", "1", "--device", "cpu"]
    where = {**os.environ, "TMPDIR": str(tmp_path)}
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=where) as process:
        assert process.stderr is not None
        assert process.stderr.readline() == "measuring\n"
        process.send_signal(signal.SIGINT)
        try:
            out, err = process.communicate(timeout=60)
        finally:
            process.kill()
    assert process.returncode == 130
    assert out == ""
    assert "Traceback" not in err
    assert not list(tmp_path.glob("tui-trainer-bench-*"))


WAITING = """
import signal, sys
from tui_trainer.engine import bench

signal.signal(signal.SIGINT, signal.default_int_handler)  # a test run in the background ignores it, and so would this

turns = bench.Bench._turns

def told(self, *given):
    print("measuring", file=sys.stderr, flush=True)
    return turns(self, *given)

bench.Bench._turns = told
from tui_trainer.cli import main
sys.exit(main(sys.argv[1:]))
"""
