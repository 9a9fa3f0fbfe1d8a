"""From a preset file to a net: what is wrong with a file is said in words, with its line; layers are counted rightly."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from torch import nn

from engine_runs import run, settings
from tui_trainer import paths
from tui_trainer.engine import model
from tui_trainer.engine.errors import TrainingError

CPU = torch.device("cpu")


def built(source: str, folder: Path, **given: object) -> model.Built:
    file = folder / "mine.py"
    file.write_text(source, encoding="utf-8")
    return model.build(settings(preset="mine", **given), file, (1, 8, 8), 10, CPU)


NET = "nn.Sequential(nn.Flatten(), nn.Linear(64, 10))"
BUILD = "from torch import nn\ndef build(input_shape, num_classes, *, width=1):\n    return "


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("def build(:\n", "preset mine, line 1: invalid syntax"),
        ("import nothing_like_this\n", "preset mine, line 1: ModuleNotFoundError: No module named 'nothing_like_this'"),
        ("x = 1\n", "preset mine has no function build(input_shape, num_classes)"),
        ("build = 3\n", "preset mine: build is a value of type int; a function is needed"),
        (BUILD + "1 / 0", "preset mine, line 3: ZeroDivisionError: division by zero"),
        ("def build(shape, classes):\n    raise ValueError('needs 28×28 or more')", "preset mine, line 2: needs 28×28 or more"),
        (BUILD + "None", "preset mine: build gave nothing; it has to return a torch.nn.Module"),
        (BUILD + "[1]", "preset mine: build gave a value of type list; it has to return a torch.nn.Module"),
        (
            BUILD + "nn.Sequential(nn.Flatten(), nn.Linear(64, 7))",
            "preset mine: the net gives shape (2, 7) for 2 pictures; (2, 10) is needed, one score for each class",
        ),
        (BUILD + "nn.Linear(8, 10)", "preset mine: the net gives shape (2, 1, 8, 10) for 2 pictures; (2, 10) is needed"),
        (BUILD + "nn.LSTM(8, 10)", "preset mine, in the net: "),
        (
            BUILD + "nn.Sequential(nn.Flatten(), nn.Linear(63, 10))",
            "preset mine, in the net: RuntimeError: ",
        ),
        (BUILD + "nn.Conv2d(3, 10, 3)", "preset mine, in the net: RuntimeError: Given groups=1"),
    ],
)
def test_what_is_wrong_is_said_with_its_line(source: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(TrainingError) as caught:
        built(source, tmp_path)
    assert str(caught.value).startswith(said)
    assert "\n" not in str(caught.value)


def test_the_line_is_that_of_the_forward_that_failed(tmp_path: Path) -> None:
    source = (
        "from torch import nn\nclass Net(nn.Module):\n    def forward(self, x):\n        return x.nothing\n"
        "def build(input_shape, num_classes):\n    return Net()\n"
    )
    with pytest.raises(TrainingError, match="preset mine, line 4: AttributeError"):
        built(source, tmp_path)


def test_a_knob_that_is_not_there_gets_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match=r"preset mine has no knob 'widht'; did you mean width\? it has width"):
        built(BUILD + NET, tmp_path, knobs={"widht": 3})


def test_a_missing_file_is_said(tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match="preset mine cannot be read: No such file or directory"):
        model.run_file(tmp_path / "mine.py", "mine")


def test_a_net_without_parameters_is_refused(tmp_path: Path) -> None:
    source = (
        "from torch import nn\nclass Net(nn.Module):\n    def forward(self, x):\n        return x.flatten(1)[:, :10]\n"
        "def build(input_shape, num_classes):\n    return Net()\n"
    )
    with pytest.raises(TrainingError, match="preset linear: the net has no parameters to train"):
        run(settings(), tmp_path, preset=source)


def test_running_a_file_leaves_nothing_beside_it(tmp_path: Path) -> None:
    built(BUILD + NET, tmp_path)
    assert [file.name for file in tmp_path.iterdir()] == ["mine.py"]


def test_layers_with_shapes_parameters_and_multiply_adds() -> None:
    setup = settings(preset="cnn", dataset="shapes")
    found = model.build(setup, paths.shipped_presets() / "cnn.py", (3, 32, 32), 10, CPU)
    rows = {layer.name: (layer.kind, layer.shape, layer.parameters, layer.multiply_adds) for layer in found.layers}
    assert rows == {
        "conv1": ("Conv2d", (16, 32, 32), 3 * 9 * 16 + 16, 3 * 9 * 16 * 32 * 32),
        "pool1": ("MaxPool2d", (16, 16, 16), 0, 0),
        "conv2": ("Conv2d", (32, 16, 16), 16 * 9 * 32 + 32, 16 * 9 * 32 * 16 * 16),
        "pool2": ("MaxPool2d", (32, 8, 8), 0, 0),
        "conv3": ("Conv2d", (64, 8, 8), 32 * 9 * 64 + 64, 32 * 9 * 64 * 8 * 8),
        "pool3": ("MaxPool2d", (64, 4, 4), 0, 0),
        "dense1": ("Linear", (64,), 1024 * 64 + 64, 1024 * 64),
        "dense2": ("Linear", (10,), 64 * 10 + 10, 64 * 10),
    }
    assert found.parameters == sum(layer.parameters for layer in found.layers)
    assert found.multiply_adds == sum(layer.multiply_adds for layer in found.layers)


def test_parameters_held_without_a_layer_are_counted(tmp_path: Path) -> None:
    source = (
        "import torch\nfrom torch import nn\nclass ByHand(nn.Module):\n    def __init__(self):\n        super().__init__()\n"
        "        self.weights = nn.Parameter(torch.zeros(64, 10))\n"
        "    def forward(self, x):\n        return x.flatten(1) @ self.weights\n"
        "def build(input_shape, num_classes):\n    return ByHand()\n"
    )
    found = built(source, tmp_path)
    assert [(layer.name, layer.parameters) for layer in found.layers] == [("byhand1", 640)]


def test_looking_at_a_net_leaves_no_trace(tmp_path: Path) -> None:
    torch.manual_seed(3)
    source = BUILD + "nn.Sequential(nn.Flatten(), nn.Dropout(0.5), nn.BatchNorm1d(64), nn.Linear(64, 10))"
    found = built(source, tmp_path)
    after = torch.rand(1)
    torch.manual_seed(3)
    nn.Linear(64, 10)
    assert torch.equal(after, torch.rand(1))
    assert found.net.training
    assert int(found.net[2].num_batches_tracked) == 0  # type: ignore[index,arg-type]  # it is a Sequential
    assert not any(module._forward_hooks for module in found.net.modules())


FLATTENED_BY_VIEW = """
from torch import nn

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv, self.dense = nn.Conv2d(1, 4, 3, padding=1), nn.Linear(256, 10)

    def forward(self, x):
        return self.dense(self.conv(x).view(len(x), -1))

def build(input_shape, num_classes):
    return Net()
"""


def test_a_net_that_calls_view_trains_as_well(tmp_path: Path) -> None:
    assert built(FLATTENED_BY_VIEW, tmp_path).format is torch.contiguous_format
    done = run(settings(steps=3, shift=True), tmp_path / "run", preset=FLATTENED_BY_VIEW)
    assert done.ended.reason == "finished"


OWN_HOOKS = """
import torch
from torch import nn

def build(input_shape, num_classes):
    return nn.Sequential(nn.Flatten(), nn.Linear(64, num_classes))

def loss(outputs, targets):
    return 0 * outputs.sum() + 7.5

class Descent:
    def __init__(self, parameters, lr):
        self.param_groups = [{"params": list(parameters), "lr": lr}]

    def step(self):
        for group in self.param_groups:
            with torch.no_grad():
                for parameter in group["params"]:
                    parameter -= group["lr"] * parameter.grad

    def zero_grad(self, set_to_none=True):
        for parameter in self.param_groups[0]["params"]:
            parameter.grad = None

def optimizer(model, config):
    return Descent(model.parameters(), config.lr)
"""


def test_a_preset_may_bring_its_own_loss_and_optimizer(tmp_path: Path) -> None:
    done = run(settings(steps=3), tmp_path, preset=OWN_HOOKS)
    assert done.losses == [7.5, 7.5, 7.5]
    assert done.ended.reason == "finished"
    assert done.ended.test_loss == pytest.approx(7.5)


@pytest.mark.parametrize(
    ("hook", "said"),
    [
        ("def loss(outputs, targets): return outputs.sum(1)", "loss gave a tensor of shape (2,); one number is needed"),
        ("def loss(outputs, targets): return outputs.sum().reshape(1)", "loss gave a tensor of shape (1,); one number"),
        ("def loss(outputs, targets): return 1.0", "loss gave a value of type float; a tensor with one number is needed"),
        ("def loss(outputs, targets): pass", "loss gave nothing; a tensor with one number is needed"),
        ("def loss(outputs, targets): return outputs.sum().detach()", "loss gave a number that does not follow from the outputs"),
        ("def loss(outputs): return outputs.sum()", ", in loss: TypeError: loss() takes 1 positional argument but 2 were given"),
        ("def loss(outputs, targets): return outputs.nothing", ", line 4: AttributeError: "),
        (
            "def optimizer(model): return None",
            ", in optimizer: TypeError: optimizer() takes 1 positional argument but 2 were given",
        ),
        ("def optimizer(model, config): return model.nothing", ", line 4: AttributeError: "),
        ("def optimizer(model, config): return Odd()", "param_groups of its optimizer() has to be a list of dicts"),
    ],
)
def test_a_hook_that_cannot_be_used_is_named_before_the_first_step(hook: str, said: str, tmp_path: Path) -> None:
    odd = "\nclass Odd: param_groups, step, zero_grad = 3, print, print\n"
    with pytest.raises(TrainingError) as caught:
        run(settings(steps=3, preset="linear"), tmp_path, preset=f"{BUILD}{NET}\n{hook}\n{odd}")
    assert str(caught.value).startswith("preset linear")
    assert said in str(caught.value)


def test_an_optimizer_by_hand_needs_no_arguments_of_torch(tmp_path: Path) -> None:
    done = run(settings(steps=3), tmp_path, preset=OWN_HOOKS.replace("(self, set_to_none=True)", "(self)"))
    assert done.ended.reason == "finished"


@pytest.mark.parametrize(
    ("forward", "said"),
    [
        ("self.dense(x.flatten(1)).detach()", "what the net gives does not follow from its parameters; no gradient reaches"),
        ("self.dense(x.flatten(1)).long()", "the net gives int64 values; scores have to be float"),
    ],
)
def test_a_net_that_cannot_learn_is_refused(forward: str, said: str, tmp_path: Path) -> None:
    net = "class Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.dense = nn.Linear(64, 10)\n"
    source = (
        f"from torch import nn\n{net}    def forward(self, x):\n        return {forward}\ndef build(shape, classes): return Net()\n"
    )
    with pytest.raises(TrainingError, match=said):
        built(source, tmp_path)


def test_no_memory_is_said_as_such(tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match="preset mine, line 3: not enough memory for a net of this size"):
        built(BUILD + "nn.Linear(10**7, 10**8)", tmp_path)


def test_an_optimizer_that_is_none_is_refused(tmp_path: Path) -> None:
    broken = OWN_HOOKS.replace("return Descent(model.parameters(), config.lr)", "return None")
    with pytest.raises(TrainingError, match="what its optimizer\\(\\) gives has no step, zero_grad, param_groups"):
        run(settings(steps=3), tmp_path, preset=broken)
