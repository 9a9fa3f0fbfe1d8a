"""Looks into a net: what they show is what it does, they come as often as they should, and stay small in the record."""

from __future__ import annotations

import base64
import math
from itertools import pairwise
from pathlib import Path

import pytest
import torch
from torch import nn

from engine_runs import EACH_STEP, MOMENT, run, settings
from tui_trainer import datasets, paths
from tui_trainer.engine import data, probes
from tui_trainer.engine.prepare import prepare
from tui_trainer.events import Evaluated, Probed, RunStarted, Stepped
from tui_trainer.runs import log

CPU = torch.device("cpu")

SMALL = """
import torch
from torch import nn

class Line(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(1, width))
        self.shift = nn.Parameter(torch.tensor(0.5))

    def forward(self, x):
        return x @ self.weight.T + self.shift

def build(input_shape, outputs):
    return Line(input_shape[0])
"""
SYSTEM = {"dataset": "linear-system", "optimizer": "sgd", "momentum": 0.0, "lr": 0.1, "batch_size": 2}


def bytes_of(probed: Probed) -> torch.Tensor:
    return torch.frombuffer(bytearray(base64.b64decode(probed.data)), dtype=torch.uint8).view(probed.shape)


def test_regions_are_the_classes_that_the_net_gives(tmp_path: Path) -> None:
    setup = settings(preset="mlp", dataset="points", data={"kind": "circles"}, epochs=3, lr=0.01)
    done = run(setup, tmp_path)
    probed = done.of(Probed)[-1]
    assert (probed.probe, probed.shape) == ("regions", (probes.ROWS, probes.COLUMNS))
    regions = bytes_of(probed)
    assert set(regions.unique().tolist()) == {0, 1}
    (left, right), (low, high) = probed.facts["x"], probed.facts["y"]
    classes = datasets.find("points", setup.data).classes
    assert classes == done.of(RunStarted)[0].classes
    agreed = 0
    points = list(zip(probed.facts["points_x"], probed.facts["points_y"], probed.facts["points_class"], strict=True))
    assert len(points) == probes.POINTS
    for x, y, label in points:
        row = round((y - low) / (high - low) * (probes.ROWS - 1))
        column = round((x - left) / (right - left) * (probes.COLUMNS - 1))
        agreed += int(regions[row, column]) == label
    assert agreed / len(points) > 0.85, "the lowest row is the first, and points lie where they are drawn"
    assert sum(label for *_, label in points) == pytest.approx(150, abs=40)


def test_a_curve_is_what_the_net_predicts(tmp_path: Path) -> None:
    line = SMALL.replace("torch.zeros(1, width)", "torch.full((1, width), 0.25)")
    done = run(settings(dataset="sine", lr=1e-9, optimizer="sgd", steps=1), tmp_path, preset=line)
    probed = next(one for one in done.of(Probed) if one.probe == "curve")
    x, predicted = probed.facts["x"], probed.facts["predicted"]
    assert len(x) == probes.STEPS
    assert (x[0], x[-1]) == (0.0, pytest.approx(2 * math.pi, rel=1e-4))
    assert predicted == pytest.approx([0.25 * one + 0.5 for one in x], abs=1e-4)
    assert len(probed.facts["samples_x"]) == probes.SAMPLES
    assert list(probed.facts["samples_x"]) == sorted(probed.facts["samples_x"])
    assert list(probed.facts["samples_y"]) == pytest.approx([math.sin(one) for one in probed.facts["samples_x"]], abs=1e-3)


def test_planes_and_curves_come_twice_a_second_at_most_and_at_the_end(tmp_path: Path) -> None:
    setup = settings(preset="mlp", dataset="points", data={"size": 60}, batch_size=54, epochs=40)
    done = run(setup, tmp_path, tick=0.01)
    seconds = {one.step: one.seconds for one in done.of(Evaluated)}
    looks = [probed.step for probed in done.of(Probed)]
    assert 1 < len(looks) < 20
    assert looks[-1] == 40
    assert all(seconds[later] - seconds[sooner] >= 0.4 for sooner, later in pairwise(looks[:-1]))


def test_looks_become_rarer_as_a_run_grows_long(tmp_path: Path) -> None:
    setup = settings(preset="mlp", dataset="points", data={"size": 60}, batch_size=54, epochs=60)
    done = run(setup, tmp_path, tick=5.0)  # a run of hours
    seconds = {one.step: one.seconds for one in done.of(Evaluated)}
    looks = [seconds[probed.step] for probed in done.of(Probed)]
    assert all(later - sooner >= 0.9 * sooner / 200 for sooner, later in pairwise(looks[:-1]))


def test_parameters_with_value_and_gradient_at_each_step(tmp_path: Path) -> None:
    done = run(settings(**SYSTEM, steps=5), tmp_path, preset=SMALL, tick=MOMENT)
    looks = done.of(Probed)
    assert [probed.step for probed in looks] == [1, 2, 3, 4, 5]
    assert list(looks[0].facts) == ["weight[0,0]", "weight[0,1]", "shift"]
    weight, shift = torch.zeros(1, 2), torch.tensor(0.5)
    rows, targets = torch.tensor([[0.0, 1.0], [1.0, 0.0]]), torch.ones(2, 1)
    for probed in looks:
        weight, shift = weight.requires_grad_(), shift.requires_grad_()
        slopes = torch.autograd.grad(((rows @ weight.T + shift - targets) ** 2).mean(), [weight, shift])
        weight, shift = (weight - 0.1 * slopes[0]).detach(), (shift - 0.1 * slopes[1]).detach()
        expected = [(float(weight[0, 0]), float(slopes[0][0, 0])), (float(weight[0, 1]), float(slopes[0][0, 1]))]
        for (value, slope), found in zip([*expected, (float(shift), float(slopes[1]))], probed.facts.values(), strict=True):
            assert found == (pytest.approx(value, abs=1e-5), pytest.approx(slope, abs=1e-5))


@pytest.mark.parametrize("tick", [MOMENT, 0.01, EACH_STEP])
def test_the_first_hundred_steps_then_each_report_and_the_last(tick: float, tmp_path: Path) -> None:
    done = run(settings(**SYSTEM, steps=307), tmp_path, preset=SMALL, tick=tick)
    looks = [probed.step for probed in done.of(Probed) if probed.probe == "parameters"]
    assert looks[:100] == list(range(1, 101))
    assert looks[-1] == 307
    assert looks[100:] == [report.step for report in done.of(Stepped) if report.step > 100]
    steps = [event.step for event in done.events if isinstance(event, Stepped | Probed)]
    assert steps == sorted(steps)


def test_the_gradient_is_that_of_the_step_also_where_the_optimizer_changes_it(tmp_path: Path) -> None:
    clipping = SMALL + (
        "\nclass Clipped:\n"
        "    def __init__(self, parameters, lr):\n"
        "        self.param_groups = [{'params': list(parameters), 'lr': lr}]\n"
        "    def step(self):\n"
        "        for one in self.param_groups[0]['params']:\n"
        "            one.grad.zero_()\n"
        "    def zero_grad(self):\n"
        "        for one in self.param_groups[0]['params']:\n"
        "            one.grad.zero_()\n"
        "def optimizer(model, config):\n"
        "    return Clipped(model.parameters(), config.lr)\n"
    )
    done = run(settings(**SYSTEM, steps=2), tmp_path, preset=clipping)
    assert [probed.facts["shift"] for probed in done.of(Probed)] == [(0.5, -1.0), (0.5, -1.0)]


def test_nets_of_more_than_twenty_have_no_table() -> None:
    assert probes.Parameters.of(nn.Linear(19, 1)) is not None
    assert probes.Parameters.of(nn.Linear(20, 1)) is None
    assert probes.Parameters.of(nn.Flatten()) is None


def test_the_record_gives_each_look_back_and_stays_small(tmp_path: Path) -> None:
    plane = prepare(settings(preset="mlp", dataset="points"), paths.shipped_presets() / "mlp.py", paths.datasets(), print)
    regions = probes.Regions(plane.data)(plane.built.net, plane.cast, 7, 1)
    samples = data.load(settings(dataset="sine"), paths.datasets(), print, CPU)
    curve = probes.Curve(samples)(nn.Linear(1, 1), plane.cast, 8, 1)
    small = probes.Parameters(nn.Linear(3, 1))
    small.keep(9)
    parameters = small.probed(9, 1)
    assert parameters is not None
    file = tmp_path / "events.jsonl"
    with log.Writer(file) as write:
        for event in (regions, curve, parameters):
            write(event)
    assert log.Tail(file)(1 << 30) == [regions, curve, parameters]
    sizes = [len(line) for line in file.read_text().splitlines()]
    assert sizes[0] < 6_000
    assert sizes[1] < 6_000
    assert sizes[2] < 250


def test_looking_at_a_net_changes_nothing_in_it() -> None:
    ready = prepare(settings(preset="mlp", dataset="points"), paths.shipped_presets() / "mlp.py", paths.datasets(), print)
    state = torch.get_rng_state()
    probes.Regions(ready.data)(ready.built.net, ready.cast, 1, 1)
    assert torch.equal(torch.get_rng_state(), state)
    assert ready.built.net.training
