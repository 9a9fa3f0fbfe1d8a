"""The presets that come with the program: each reads as a lesson, builds for what it says it takes, and learns."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest
import torch
from torch import nn

from engine_runs import run
from tui_trainer import config, datasets, paths
from tui_trainer.config import Config
from tui_trainer.engine import model
from tui_trainer.engine.errors import TrainingError
from tui_trainer.preset import read

FILES = sorted(paths.shipped_presets().glob("*.py"))
NAMES = [file.stem for file in FILES]
SOLVERS = {"least_squares", "sine_fit"}
"""They take rows of numbers and give one number."""
ROWS = {"linear", "mlp", "svm", "two_layer"}
"""They take rows of numbers as well as pictures."""
CLASSIFIERS = sorted(set(NAMES) - SOLVERS)
TORCHVISION = {"resnet18"}
SHAPES = [(1, 8, 8), (3, 8, 8), (1, 28, 28), (3, 32, 32), (1, 32, 32)]
SHAPES_OF = {"resnet18": [(1, 8, 8)]}
"""Fewer for what takes seconds to build."""


def defaults(name: str) -> Config:
    preset = model.run_file(paths.shipped_presets() / f"{name}.py", name)
    return config.read(config.overlay(preset.DEFAULTS, {"preset": name}))


def build(name: str, shape: tuple[int, ...], outputs: int = 7, **knobs: object) -> model.Built:
    setup = defaults(name).but(knobs=knobs)
    return model.build(setup, paths.shipped_presets() / f"{name}.py", shape, outputs, torch.device("cpu"))


def test_all_are_there() -> None:
    ours = {"linear", "mlp", "lenet", "cnn", "resnet9", "resnet18", "vit", "mixer"}
    sources = {"svm", "two_layer", "convbn", "barebones", "three_layer", "three_layer_sequential", "least_squares", "sine_fit"}
    assert ours | sources <= set(NAMES)


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
    allowed = {"torch", *sys.stdlib_module_names} | ({"torchvision"} if file.stem in TORCHVISION else set())
    assert all(name is not None and name.partition(".")[0] in allowed for name in imported)


@pytest.mark.parametrize("file", FILES, ids=NAMES)
def test_each_can_be_read_without_being_run(file: Path) -> None:
    assert read(file).problem == ""


@pytest.mark.parametrize("name", NAMES)
def test_each_starts_with_a_dataset_that_comes_with_the_program(name: str) -> None:
    assert datasets.find(defaults(name).dataset).bundled


@pytest.mark.parametrize("file", FILES, ids=NAMES)
def test_each_knob_has_its_line(file: Path) -> None:
    tree = ast.parse(file.read_text(encoding="utf-8"))
    build = next(node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == "build")
    lines = [line.strip() for line in (ast.get_docstring(build) or "").splitlines()]
    for knob, default in zip(build.args.kwonlyargs, build.args.kw_defaults, strict=True):
        assert isinstance(default, ast.Constant)
        assert any(line.startswith(f"{knob.arg}: ") for line in lines), knob.arg


@pytest.mark.parametrize(
    ("name", "shape"), [(name, shape) for name in CLASSIFIERS for shape in SHAPES_OF.get(name, SHAPES)], ids=str
)
def test_each_builds_for_every_size(name: str, shape: tuple[int, ...]) -> None:
    built = build(name, shape)
    outputs = built.net(torch.randn(4, *shape).contiguous(memory_format=built.format))
    assert outputs.shape == (4, 7)
    outputs.sum().backward()
    assert all(parameter.grad is not None for parameter in built.net.parameters())


@pytest.mark.parametrize("name", CLASSIFIERS)
def test_each_takes_channels_last_and_bf16(name: str) -> None:
    net = build(name, (3, 8, 8)).net
    pictures = torch.randn(4, 3, 8, 8).contiguous(memory_format=torch.channels_last)
    with torch.autocast("cpu", torch.bfloat16):
        outputs = net(pictures)
    assert outputs.shape == (4, 7)
    outputs.float().square().sum().backward()
    assert all(parameter.grad is not None and parameter.grad.isfinite().all() for parameter in net.parameters())


@pytest.mark.parametrize(("name", "outputs"), [*((name, 3) for name in sorted(ROWS)), ("linear", 1), ("mlp", 1)])
def test_dense_nets_take_rows_of_numbers(name: str, outputs: int) -> None:
    assert build(name, (2,), outputs).net(torch.randn(5, 2)).shape == (5, outputs)


@pytest.mark.parametrize("name", sorted(set(CLASSIFIERS) - ROWS))
def test_nets_that_look_at_pictures_refuse_rows_in_words(name: str) -> None:
    with pytest.raises(TrainingError, match="linear and mlp take rows of numbers"):
        build(name, (2,))


@pytest.mark.parametrize(("name", "other"), [("least_squares", "linear-system"), ("sine_fit", "sine")])
def test_nets_that_solve_refuse_pictures_in_words(name: str, other: str) -> None:
    with pytest.raises(TrainingError, match=other):
        build(name, (1, 8, 8), 10)


@pytest.mark.parametrize("name", ["cnn", "convbn", "lenet", "resnet9", "resnet18"])
def test_pictures_that_are_too_small_are_refused_in_words(name: str) -> None:
    with pytest.raises(TrainingError, match="need pictures of 8×8 or more; these are 4×4"):
        build(name, (1, 4, 4))


@pytest.mark.parametrize("name", ["vit", "mixer"])
def test_pictures_that_cannot_be_cut_into_patches_are_refused_in_words(name: str) -> None:
    with pytest.raises(TrainingError, match="8×8 cannot be cut into patches of 3×3; give patch a divisor"):
        build(name, (1, 8, 8), patch=3)


SIZES = [
    ("cnn", "width"),
    ("convbn", "width"),
    ("lenet", "width"),
    ("mlp", "width"),
    ("resnet9", "width"),
    ("two_layer", "hidden"),
    ("barebones", "first"),
    ("three_layer", "first"),
    ("three_layer_sequential", "first"),
    ("vit", "patch"),
    ("mixer", "patch"),
]


@pytest.mark.parametrize(("name", "knob"), SIZES)
@pytest.mark.parametrize("size", [0, -1])
def test_a_size_that_is_none_is_refused_in_words(name: str, knob: str, size: int) -> None:
    with pytest.raises(TrainingError, match=f"1 or more.*, not {size}"):
        build(name, (1, 8, 8), **{knob: size})


WRONG = [
    ("vit", {"dim": 63}, "dim is a multiple of heads"),
    ("convbn", {"convs": 6}, "convs is 5, 7 or 9, not 6"),
    ("convbn", {"width": 64, "widest": 32}, "widest at least width"),
    ("lenet", {"activation": "step"}, "activation is relu or tanh, not step"),
    ("mlp", {"init": "zero"}, "init is torch or uniform, not zero"),
]


@pytest.mark.parametrize(("name", "knobs", "told"), WRONG, ids=str)
def test_knobs_that_do_not_fit_are_refused_in_words(name: str, knobs: dict[str, object], told: str) -> None:
    with pytest.raises(TrainingError, match=told):
        build(name, (1, 8, 8), **knobs)


def test_a_softmax_of_one_number_is_refused_in_words() -> None:
    with pytest.raises(TrainingError, match="set softmax to no"):
        build("mlp", (1,), 1, softmax=True)


def test_resnet18_keeps_small_pictures_whole_until_its_second_stage() -> None:
    layers = build("resnet18", (3, 32, 32)).layers
    assert layers[0].shape == (64, 32, 32)
    assert [layer.shape for layer in layers if layer.kind == "Conv2d"][-1] == (512, 4, 4)


def test_resnet18_says_what_it_needs_where_torchvision_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torchvision.models", None)
    with pytest.raises(TrainingError, match="needs a torchvision that fits the torch here"):
        build("resnet18", (1, 8, 8))


def test_the_attention_of_vit_is_that_of_torch() -> None:
    preset = model.run_file(paths.shipped_presets() / "vit.py", "vit")
    own, theirs = preset.Attention(12, 3), nn.MultiheadAttention(12, 3, batch_first=True)
    with torch.no_grad():
        theirs.in_proj_weight.copy_(own.asked.weight)
        theirs.in_proj_bias.copy_(own.asked.bias)
        theirs.out_proj.weight.copy_(own.joined.weight)
        theirs.out_proj.bias.copy_(own.joined.bias)
    rows = torch.randn(2, 5, 12)
    torch.testing.assert_close(own(rows), theirs(rows, rows, rows)[0])


@pytest.mark.parametrize(("name", "least"), [("linear", 0.93), ("mlp", 0.96), ("lenet", 0.96), ("svm", 0.93)])
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
