"""A trial before a run tells the truth about it and leaves no trace."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from engine_runs import run, settings
from tui_trainer import paths
from tui_trainer.config import Config
from tui_trainer.engine import preflight
from tui_trainer.events import RunStarted
from tui_trainer.measured import Measured


def measure(setup: Config, **given: object) -> Measured:
    file = paths.shipped_presets() / f"{setup.preset}.py"
    return preflight.measure(setup, preset_file=file, datasets_home=paths.datasets(), **given)  # type: ignore[arg-type]  # as given


def test_it_says_what_the_run_will_say(tmp_path: Path) -> None:
    setup = settings(preset="cnn", steps=1)
    measured, started = measure(setup), run(setup, tmp_path).of(RunStarted)[0]
    for name in ("parameters", "layers", "input_shape", "device", "device_name", "threads", "precision", "steps_per_epoch"):
        assert getattr(measured, name) == getattr(started, name), name
    for name in ("train_size", "val_size", "test_size"):
        assert getattr(measured, name) == getattr(started, name), name
    assert measured.key is setup
    assert measured.problem == ""


def test_times_and_sizes_hang_together() -> None:
    measured = measure(settings(preset="mlp"))
    assert measured.batches == preflight.BATCHES
    assert measured.samples_per_second > 0
    assert measured.epoch_seconds > measured.steps_per_epoch * 32 / measured.samples_per_second
    assert measured.weight_bytes == 4 * measured.parameters
    resident = 1797 * (64 + 8)
    assert measured.memory > resident + 4 * measured.weight_bytes  # weights, gradients, two moments of adam
    assert measured.multiply_adds == 64 * 128 + 128 * 128 + 128 * 10


def test_memory_grows_with_the_batch() -> None:
    small, large = (measure(settings(preset="cnn", batch_size=size)).memory for size in (8, 512))
    assert large > small + 400 * 64 * 16 * 4  # what the first layer alone keeps


def test_a_dataset_smaller_than_the_trial_is_gone_through_again() -> None:
    assert measure(settings(batch_size=1294)).batches == preflight.BATCHES


def test_it_leaves_no_trace(tmp_path: Path) -> None:
    setup = settings(preset="mlp", knobs={"dropout": 0.5}, steps=20)
    before = run(setup, tmp_path / "a").losses
    torch.manual_seed(11)
    expected = torch.rand(3)
    torch.manual_seed(11)
    measure(setup)
    assert torch.equal(torch.rand(3), expected)
    assert run(setup, tmp_path / "b").losses == before
    assert not paths.home().exists()


def test_it_tells_what_it_does() -> None:
    said: list[str] = []
    measure(settings(), say=lambda what, done, total: said.append(what))
    assert said == ["reading digits", "building linear", "first batch", "timing 8 batches"]


@pytest.mark.parametrize("looks", [1, 3, 5, 9])
def test_it_ends_soon_after_it_is_cancelled(looks: int) -> None:
    asked = 0

    def cancelled() -> bool:
        nonlocal asked
        asked += 1
        return asked >= looks

    with pytest.raises(preflight.Cancel):
        measure(settings(), cancelled=cancelled)
    assert asked == looks


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"device": "cuda:63"}, "device cuda:63 is not there; this machine has"),
        ({"batch_size": 5000}, "batch 5000 is larger than the 1294 training samples"),
        ({"knobs": {"bais": 1}}, "preset linear has no knob 'bais'; did you mean bias?"),
        ({"dataset": "digit"}, "there is no dataset 'digit'; did you mean digits?"),
    ],
)
def test_what_cannot_train_is_a_problem_in_words(given: dict[str, object], said: str) -> None:
    setup = settings(**given)
    measured = measure(setup)
    assert measured.problem.startswith(said)
    assert measured.key is setup
    assert measured.parameters == 0


def test_a_dataset_that_is_not_here_is_not_fetched_for_a_trial() -> None:
    measured = measure(settings(preset="cnn", dataset="cifar10"))
    assert "cifar10 is not here yet: the run fetches 170.5 MB first" in measured.notes
    assert (measured.problem, measured.batches) == ("", preflight.BATCHES)
    assert [layer.name for layer in measured.layers][:3] == ["conv1", "pool1", "conv2"]
    assert (measured.train_size, measured.val_size, measured.test_size) == (45_000, 5_000, 10_000)
    assert measured.input_shape == (3, 32, 32)
    assert measured.memory > 60_000 * 3072
    assert not paths.datasets().exists()
