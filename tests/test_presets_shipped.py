"""The presets that come with the program: each reads as a lesson, builds for every dataset, and learns."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest
import torch

from engine_runs import run, settings
from tui_trainer import config, paths
from tui_trainer.config import Config
from tui_trainer.engine import model
from tui_trainer.engine.errors import TrainingError

FILES = sorted(paths.shipped_presets().glob("*.py"))
NAMES = [file.stem for file in FILES]
SHAPES = [(1, 8, 8), (3, 8, 8), (1, 28, 28), (3, 32, 32), (1, 32, 32)]


def defaults(name: str) -> Config:
    preset = model.run_file(paths.shipped_presets() / f"{name}.py", name)
    return config.read(config.overlay(preset.DEFAULTS, {"preset": name}))


def test_the_five_are_there() -> None:
    assert {"linear", "mlp", "lenet", "cnn", "resnet9"} <= set(NAMES)


@pytest.mark.parametrize("file", FILES, ids=NAMES)
def test_each_reads_like_a_lesson(file: Path) -> None:
    tree = ast.parse(file.read_text(encoding="utf-8"))
    text = ast.get_docstring(tree) or ""
    about, _, rest = text.partition("\n")
    assert 10 < len(about) <= 80
    assert about.endswith(".")
    assert "**Try:**" in rest
    imported = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    imported |= {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    assert all(name is not None and (name.partition(".")[0] in {"torch", *sys.stdlib_module_names}) for name in imported)


@pytest.mark.parametrize("file", FILES, ids=NAMES)
def test_each_knob_has_its_line(file: Path) -> None:
    tree = ast.parse(file.read_text(encoding="utf-8"))
    build = next(node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == "build")
    lines = [line.strip() for line in (ast.get_docstring(build) or "").splitlines()]
    for knob, default in zip(build.args.kwonlyargs, build.args.kw_defaults, strict=True):
        assert isinstance(default, ast.Constant)
        assert any(line.startswith(f"{knob.arg}: ") for line in lines), knob.arg


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("name", NAMES)
def test_each_builds_for_every_size(name: str, shape: tuple[int, ...]) -> None:
    built = model.build(defaults(name), paths.shipped_presets() / f"{name}.py", shape, 7, torch.device("cpu"))
    outputs = built.net(torch.randn(4, *shape).contiguous(memory_format=built.format))
    assert outputs.shape == (4, 7)
    outputs.sum().backward()
    assert all(parameter.grad is not None for parameter in built.net.parameters())


@pytest.mark.parametrize("name", ["cnn", "lenet", "resnet9"])
def test_pictures_that_are_too_small_are_refused_in_words(name: str) -> None:
    with pytest.raises(TrainingError, match="need pictures of 8×8 or more; these are 4×4"):
        model.build(defaults(name), paths.shipped_presets() / f"{name}.py", (1, 4, 4), 10, torch.device("cpu"))


@pytest.mark.parametrize("name", ["cnn", "lenet", "mlp", "resnet9"])
@pytest.mark.parametrize("width", [0, -1])
def test_a_width_that_is_none_is_refused_in_words(name: str, width: int) -> None:
    setup = settings(preset=name, knobs={"width": width})
    with pytest.raises(TrainingError, match=f"1 or more.*, not {width}"):
        model.build(setup, paths.shipped_presets() / f"{name}.py", (1, 8, 8), 10, torch.device("cpu"))


def test_a_choice_that_is_none_is_refused_in_words() -> None:
    setup = settings(preset="lenet", knobs={"activation": "step"})
    with pytest.raises(TrainingError, match="activation is relu or tanh, not step"):
        model.build(setup, paths.shipped_presets() / "lenet.py", (1, 8, 8), 10, torch.device("cpu"))


@pytest.mark.parametrize(("name", "least"), [("linear", 0.93), ("mlp", 0.96), ("lenet", 0.96)])
def test_each_learns_the_digits_as_it_comes(name: str, least: float, tmp_path: Path) -> None:
    done = run(defaults(name), tmp_path)
    assert done.ended.reason == "finished"
    assert (done.ended.best_accuracy or 0) >= least


def test_the_first_thing_a_person_starts_reaches_97_percent(tmp_path: Path) -> None:
    done = run(defaults("cnn"), tmp_path)
    assert (done.ended.best_accuracy or 0) >= 0.97
    assert (done.ended.test_accuracy or 0) >= 0.95


def test_pooling_before_relu_is_the_same_to_the_bit() -> None:
    inputs = torch.randn(8, 16, 9, 9, requires_grad=True)
    first = torch.relu(torch.max_pool2d(inputs, 2))
    (gradient,) = torch.autograd.grad(first.square().sum(), inputs)
    second = torch.max_pool2d(torch.relu(inputs), 2)
    (other,) = torch.autograd.grad(second.square().sum(), inputs)
    assert torch.equal(first, second)
    assert torch.equal(gradient, other)
