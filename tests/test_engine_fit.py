"""The search for a batch that fits: by halving, honest about batch norm and optimizers, and without a trace in the run."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from engine_runs import settings
from tui_trainer import paths
from tui_trainer.engine import devices, fit, model, prepare
from tui_trainer.engine.prepare import Ready

CPU = torch.device("cpu")
CANNOT = (
    "[enforce fail at alloc_cpu.cpp:121] err == 0. DefaultCPUAllocator: can't allocate memory: you tried to allocate 4096 bytes."
)

NET = '''"""A net whose memory is short from so many samples on, where the knob says: forward or backward."""
import torch
from torch import nn


class Short(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, limit, where):
        ctx.short = where == "backward" and len(x) > limit
        if where == "forward" and len(x) > limit:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB.")
        return x.clone()

    @staticmethod
    def backward(ctx, gradient):
        if ctx.short:
            raise RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 8 bytes. Error code 12")
        return gradient, None, None


class Net(nn.Module):
    def __init__(self, outputs, limit, where, norm):
        super().__init__()
        self.first = nn.Linear(64, 16)
        self.norm = nn.BatchNorm1d(16) if norm else nn.Identity()
        self.drop = nn.Dropout(0.5)
        self.last = nn.Linear(16, outputs)
        self.limit, self.where = limit, where

    def forward(self, x):
        x = self.drop(self.norm(self.first(x.flatten(1))))
        return self.last(Short.apply(x, self.limit, self.where) if self.training else x)


def build(input_shape, num_classes, *, limit: int = 20, where: str = "forward", norm: int = 1):
    return Net(num_classes, limit, where, norm)
'''


@pytest.fixture(autouse=True)
def no_collecting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Among thousands of tests there is much to look through for circles, and none of these nets makes one."""
    monkeypatch.setattr(fit.gc, "collect", lambda: 0)


def ready(folder: Path, *, batch_size: int = 128, **given: Any) -> Ready:
    file = folder / "short.py"
    folder.mkdir(parents=True, exist_ok=True)
    file.write_text(NET, encoding="utf-8")
    knobs = {name: given.pop(name) for name in ("limit", "where", "norm") if name in given}
    setup = settings(batch_size=batch_size, optimizer="adam", **given).but(knobs=knobs)
    return prepare.prepare(setup, file, paths.datasets(), lambda what, done=0, total=0: None)


def learn(made: Ready) -> None:
    inputs, targets = next(made.data.batches(1, 16))
    made.loss(made.built.net(inputs), targets).backward()  # type: ignore[no-untyped-call]  # torch does not say its type
    made.optimizer.step()
    made.optimizer.zero_grad()


def traces(made: Ready) -> list[bytes]:
    """All that a search could leave behind, to the bit."""
    tensors = [*made.built.net.parameters(), *made.built.net.buffers(), torch.get_rng_state()]
    tensors += [part for state in made.optimizer.state.values() for part in state.values() if isinstance(part, Tensor)]
    return [tensor.detach().clone().contiguous().flatten().view(torch.uint8).numpy().tobytes() for tensor in tensors]


@pytest.mark.parametrize(("limit", "fits"), [(127, 64), (64, 64), (63, 32), (20, 16), (2, 2), (1, 0), (0, 0)])
@pytest.mark.parametrize("where", ["forward", "backward"])
def test_the_largest_is_found_by_halving(where: str, limit: int, fits: int, tmp_path: Path) -> None:
    assert fit.largest(ready(tmp_path, limit=limit, where=where)) == fits


@pytest.mark.parametrize(("norm", "fits"), [(0, 1), (1, 0)])
def test_one_sample_will_do_where_there_is_no_batch_norm(norm: int, fits: int, tmp_path: Path) -> None:
    made = ready(tmp_path, limit=1, norm=norm)
    assert fit.least(made.built.net) == 2 - fits
    assert fit.largest(made) == fits


def test_batch_norm_that_is_frozen_needs_no_second_sample(tmp_path: Path) -> None:
    net = ready(tmp_path).built.net
    for module in net.modules():
        if isinstance(module, nn.BatchNorm1d):
            module.eval()
    assert fit.least(net) == 1


@pytest.mark.parametrize("where", ["forward", "backward"])
@pytest.mark.parametrize("steps", [0, 2])
def test_a_search_leaves_no_trace(steps: int, where: str, tmp_path: Path) -> None:
    made = ready(tmp_path, limit=20, where=where)
    for _ in range(steps):
        learn(made)
    random.seed(4)
    python, before, objects = random.getstate(), traces(made), [id(one) for one in made.built.net.buffers()]
    assert fit.largest(made) == 16
    assert traces(made) == before
    assert random.getstate() == python
    assert [id(one) for one in made.built.net.buffers()] == objects
    assert made.built.net.training
    assert all(parameter.grad is None for parameter in made.built.net.parameters())
    assert bool(made.optimizer.state) == bool(steps), "no step of the optimizer"


def test_what_the_optimizer_will_keep_is_counted_before_its_first_step(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made, asked = ready(tmp_path, limit=128), []
    real = torch.empty_like

    def counted(tensor: Tensor, **given: Any) -> Tensor:
        asked.append(tensor.numel())
        return real(tensor, **given)

    monkeypatch.setattr(torch, "empty_like", counted)
    assert fit.largest(made) == 64
    assert sum(asked) == 2 * made.built.parameters, "Adam keeps two numbers for each weight"
    asked.clear()
    learn(made)
    assert fit.largest(made) == 64
    assert asked == [], "they are there by now"


@pytest.mark.parametrize(
    ("name", "more", "copies"), [("sgd", {"momentum": 0}, 0), ("sgd", {}, 1), ("adamw", {}, 2), ("rmsprop", {}, 2)]
)
def test_copies_are_those_that_the_optimizer_makes(name: str, more: dict[str, Any], copies: int) -> None:
    weight = nn.Parameter(torch.ones(3))
    kind = {"sgd": torch.optim.SGD, "adamw": torch.optim.AdamW, "rmsprop": torch.optim.RMSprop}[name]
    optimizer = kind([weight], lr=0.1, **({"momentum": 0.9} | more if name != "adamw" else {}))
    assert fit._copies(optimizer) == copies
    weight.grad = torch.ones(3)
    optimizer.step()
    kept = [part for part in optimizer.state[weight].values() if isinstance(part, Tensor) and part.shape == weight.shape]
    assert len(kept) == copies


class Held:
    """Stands for an activation: whether it was let go of can be told."""

    alive = 0

    def __init__(self) -> None:
        Held.alive += 1

    def __del__(self) -> None:
        Held.alive -= 1


def test_what_the_failed_batch_held_is_let_go_of() -> None:
    def forward() -> None:
        activation = Held()
        raise RuntimeError(f"{CANNOT} {activation}")

    try:
        forward()
    except RuntimeError as error:
        assert Held.alive == 1
        fit.let_go(error, CPU)
        assert Held.alive == 0


GIB = 1 << 30
CUDA = (
    "CUDA out of memory. Tried to allocate 2.00 GiB. GPU 0 has a total capacity of 139.80 GiB of which 1.50 GiB is free. "
    "Including non-PyTorch memory, this process has 138.29 GiB memory in use."
)
MPS = (
    "MPS backend out of memory (MPS allocated: 5.00 GiB, other allocations: 1.00 GiB, max allowed: 9.00 GiB). "
    "Tried to allocate 4.00 GiB on private pool."
)


@pytest.mark.parametrize(
    ("said", "asked", "free"),
    [
        (CUDA, 2 * GIB, 3 * GIB // 2),
        (MPS, 4 * GIB, 3 * GIB),
        (CANNOT, 4096, 77),
        ("Unable to allocate 1.50 GiB for an array", 3 * GIB // 2, 77),
    ],
)
def test_figures_are_those_of_the_allocator(said: str, asked: int, free: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(devices, "cpu_memory", lambda: (77, 100))
    assert fit.figures(RuntimeError(said), CPU) == (asked, free)


def test_what_torch_really_says_is_understood() -> None:
    with pytest.raises(RuntimeError) as caught:
        torch.empty(1 << 60, dtype=torch.uint8)
    assert model.is_memory(caught.value)
    asked, free = fit.figures(caught.value, CPU)
    assert asked == 1 << 60
    assert free == pytest.approx(devices.cpu_memory()[0], rel=0.5)


@pytest.mark.parametrize(
    ("short", "said"),
    [
        (fit.Short(128, 64, 2_000_000_000, 1_500_000_000), "asked 2.0 GB where 1.5 GB were free; batches of 64 fit, 128 do not"),
        (fit.Short(128, 64, 2_000_000_000), "not enough memory: asked 2.0 GB; batches of 64 fit, 128 do not"),
        (fit.Short(128, 64), "not enough memory; batches of 64 fit, 128 do not"),
        (fit.Short(128, 0, least=2), "batches of 128 do not fit, nor do those of 2; a smaller net is needed"),
        (fit.Short(2, 0, least=2), "batches of 2 are the smallest, and do not fit; a smaller net is needed"),
    ],
)
def test_the_sentence_says_what_fits(short: fit.Short, said: str) -> None:
    assert short.sentence.endswith(said)


@pytest.mark.parametrize(
    ("error", "is_one"),
    [
        (torch.OutOfMemoryError("x"), True),
        (MemoryError(), True),
        (RuntimeError(CANNOT), True),
        (RuntimeError(MPS), True),
        (RuntimeError("CUDA error: out of memory"), True),
        (RuntimeError("CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`"), True),
        (RuntimeError("mat1 and mat2 shapes cannot be multiplied"), False),
        (ValueError("out of memory"), False),
    ],
)
def test_what_counts_as_short_memory(error: Exception, is_one: bool) -> None:
    assert model.is_memory(error) is is_one
