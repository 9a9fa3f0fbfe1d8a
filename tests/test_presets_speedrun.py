"""The sprint's own parts: components found in the first batch, steps by the nearest orthogonal matrix, mirrored trials."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from torch.nn import functional

from engine_runs import run
from tui_trainer import config, paths
from tui_trainer.config import Config
from tui_trainer.engine import model

FILE = paths.shipped_presets() / "speedrun.py"
SPEEDRUN = model.run_file(FILE, "speedrun")


def settings(**given: object) -> Config:
    return config.read(config.overlay(SPEEDRUN.DEFAULTS | {"preset": "speedrun", "dataset": "digits"}, given))


@pytest.fixture
def pictures() -> torch.Tensor:
    """Smooth ones, so that the values of a patch hang together."""
    return functional.interpolate(torch.randn(64, 3, 8, 8, generator=torch.Generator().manual_seed(0)), 32, mode="bilinear")


def test_the_stem_makes_what_comes_in_white(pictures: torch.Tensor) -> None:
    stem = SPEEDRUN.Whitening(3, 12)
    given = stem.train()(pictures)[:, :, 1:-1, 1:-1].transpose(0, 1).flatten(1)
    assert torch.allclose(given[:6], -given[6:], atol=1e-4)
    covariance = given[:6].cov()
    assert torch.allclose(covariance, torch.diag(covariance.diag()), atol=0.05)
    assert covariance[0, 0].item() == pytest.approx(1, abs=0.1)


def test_the_stem_looks_once_and_never_in_a_trial(pictures: torch.Tensor) -> None:
    stem = SPEEDRUN.Whitening(3, 12)
    assert not stem.eval()(pictures).any()
    stem.train()(pictures)
    found = stem.filters.clone()
    stem(pictures * 3)
    assert torch.equal(stem.filters, found)
    other = SPEEDRUN.Whitening(3, 12)
    other.load_state_dict(stem.state_dict())
    other.train()(pictures * 3)
    assert torch.equal(other.filters, found), "what a checkpoint brought is kept"


@pytest.mark.parametrize("shape", [(6, 20), (20, 6)])
def test_a_step_stretches_all_directions_alike(shape: tuple[int, int]) -> None:
    matrix = torch.randn(shape, generator=torch.Generator().manual_seed(1))
    matrix[0] *= 5
    values = torch.linalg.svdvals(SPEEDRUN.orthogonal(matrix, rounds=5))
    assert values.max() / values.min() < 2 < (torch.linalg.svdvals(matrix).max() / torch.linalg.svdvals(matrix).min())
    assert SPEEDRUN.orthogonal(matrix).shape == shape


def test_the_rounds_are_those_of_newton_and_schulz() -> None:
    matrix = torch.randn(5, 9, generator=torch.Generator().manual_seed(2))
    plain = matrix / matrix.norm()
    for _ in range(3):
        square = plain @ plain.T
        plain = 3.4445 * plain + (-4.7750 * square + 2.0315 * square @ square) @ plain
    assert torch.allclose(SPEEDRUN.orthogonal(matrix), plain, atol=1e-4)


def test_a_trial_looks_at_the_mirror_image_too(pictures: torch.Tensor) -> None:
    torch.manual_seed(0)
    net = SPEEDRUN.build((3, 32, 32), 5, width=8)
    net.train()(pictures)
    net.eval()
    assert torch.allclose(net(pictures), net(pictures.flip(-1)), atol=1e-5)
    plain = SPEEDRUN.Scaled(net.layers).eval()
    assert torch.allclose(net(pictures), (plain(pictures) + plain(pictures.flip(-1))) / 2, atol=1e-5)


def test_all_weights_follow_the_rate_of_the_run() -> None:
    net = SPEEDRUN.build((1, 8, 8), 10, width=8)
    optimizer = SPEEDRUN.optimizer(net, settings())
    assert sum(len(group["params"]) for group in optimizer.param_groups) == len(list(net.parameters()))
    before = [weight.detach().clone() for weight in net.parameters()]
    for group in optimizer.param_groups:
        group["lr"] = 0.0
    net.train()(torch.randn(16, 1, 8, 8)).square().sum().backward()
    optimizer.step()
    kernels = [weight.ndim == 4 for weight in net.parameters()]
    for old, new, kernel in zip(before, net.parameters(), kernels, strict=True):
        assert torch.allclose(new, old * (len(old) ** 0.5 / old.norm()) if kernel else old, atol=1e-6)


def test_it_learns_the_digits_in_a_moment(tmp_path: Path) -> None:
    done = run(settings(steps=60, threads="1"), tmp_path)
    assert done.ended.test_accuracy is not None
    assert done.ended.test_accuracy > 0.9


def test_the_same_seed_gives_the_same_run(tmp_path: Path) -> None:
    setup = settings(steps=12, knobs={"width": 8}, reproducible=True)
    assert run(setup, tmp_path / "a").losses == run(setup, tmp_path / "b").losses
