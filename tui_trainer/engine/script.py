"""A run as a stand-alone PyTorch script: it reads like a tutorial, imports nothing of ours, and gives the same losses.

Made for runs on a CPU. What cannot be had this way is refused in words: a script that gives other numbers is none.
"""

from __future__ import annotations

import ast
import csv
import gzip
import hashlib
import itertools
import math
import random
import re
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from types import ModuleType, SimpleNamespace

import torch
from torch.nn import functional

from tui_trainer import datasets
from tui_trainer.config import Config
from tui_trainer.engine import checkpoint, data, digits, features, model, samples
from tui_trainer.engine import script_text as text
from tui_trainer.engine.data import Data, Say
from tui_trainer.engine.errors import TrainingError
from tui_trainer.engine.model import Built
from tui_trainer.engine.recipe import Change, Recipe
from tui_trainer.engine.script_loop import loop

__all__ = ["Change", "Recipe", "write"]

NAME = "train.py"
IMPORTED: dict[str, object] = {
    **{one.__name__: one for one in (csv, gzip, hashlib, itertools, math, random, torch)},
    "Path": Path,
    "SimpleNamespace": SimpleNamespace,
    "Tensor": torch.Tensor,
    "functional": functional,
}
"""What a script imports, and by which name."""
MOST = 1 << 30
"""Bytes of samples that are written beside a script."""


def write(recipe: Recipe, preset_file: Path, first_weights: Path, datasets_home: Path, folder: Path, say: Say) -> list[Path]:
    """The script and the files that it reads, in this folder. Raises TrainingError in words for what cannot be had, and OSError."""
    config = recipe.config.but(device="cpu")
    found = data.read(config, datasets_home, say, fetch=False)
    if found.missing:
        raise TrainingError(f"{config.dataset} is not here any more: tui-trainer datasets fetch {config.dataset}")
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(config.seed)
        random.seed(config.seed)
        preset = model.run_file(preset_file, config.preset)
        learned = features.computed(preset, preset_file, config, found, say)
        torch.manual_seed(config.seed)
        regression = learned.task == "regression"
        device = torch.device("cpu")
        built = model.build(config, preset_file, learned.shape, learned.outputs, device, regression=regression, preset=preset)
    _refuse(recipe, built)
    folder.mkdir(parents=True, exist_ok=True)
    beside = [_samples(config, found.dataset, datasets_home, folder, say)]
    if first_weights.is_file():
        beside.append(folder / "first.pt")
        checkpoint.save(checkpoint.load(first_weights)["weights"], beside[-1])
    source = preset_file.read_text(encoding="utf-8")
    path = folder / NAME
    path.write_text(_text(recipe, source, preset, found, learned, built, beside), encoding="utf-8")
    return [path, *beside]


def _refuse(recipe: Recipe, built: Built) -> None:
    """Raises TrainingError for a run that a script would not repeat."""
    config, changed = recipe.config, {one.name for one in recipe.changes}
    if config.compile:
        raise TrainingError("it was trained through torch.compile, which rounds in ways of its own")
    if not recipe.planned and config.schedule != "constant":
        raise TrainingError(f"its rate followed the clock (schedule {config.schedule} over {config.seconds:g} seconds)")
    if config.optimizer == "rmsprop" and "momentum" in changed:
        raise TrainingError("the momentum of rmsprop was changed by hand, which torch has no way for")
    if not recipe.steps:
        raise TrainingError("it has not learned from a batch yet")


def _samples(config: Config, dataset: datasets.Dataset, datasets_home: Path, folder: Path, say: Say) -> Path:
    """The samples as the script reads them, training samples first."""
    if dataset.name == "digits":
        return _digits(folder / "digits.csv.gz")
    found = samples.read(config, dataset, datasets_home, say)
    if found.inputs.nbytes > MOST:
        raise TrainingError(f"{dataset.name} takes {found.inputs.nbytes >> 20} MiB, too much to lie beside a script")
    name = "pictures" if dataset.folder is not None else dataset.name
    path = folder / f"{name}.pt"
    checkpoint.save({"inputs": found.inputs.contiguous().clone(), "targets": found.targets.clone()}, path)
    return path


def _digits(path: Path) -> Path:
    pictures, labels = digits.read()
    shades = (pictures.flatten(1).float() * (16 / 255)).round().int().tolist()
    with gzip.open(path, "wt", encoding="ascii", newline="") as file:
        csv.writer(file).writerows([*row, label] for row, label in zip(shades, labels.tolist(), strict=True))
    return path


def _text(recipe: Recipe, source: str, preset: ModuleType, found: Data, learned: Data, built: Built, beside: Sequence[Path]) -> str:
    """The whole script. The preset's own source stands in it as it is; what is ours makes way for its names."""
    future, body, taken = _parsed(source)
    clash = sorted(name for name in taken & IMPORTED.keys() if getattr(preset, name, IMPORTED[name]) is not IMPORTED[name])
    if clash:
        raise TrainingError(f"the preset has a {' and a '.join(clash)} of its own, which a script needs for something else")
    uses_features = learned.shape != found.shape
    settings = _settings(recipe, preset, source, uses_features)
    data_part = _data(recipe.config, found, learned, built, beside[0])
    training = loop(recipe, preset, learned, built, starts=len(beside) > 1)
    needed = " and torchvision" if "torchvision" in source else ""
    files = " and ".join(path.name for path in beside)
    have = "have" if len(beside) > 1 else "has"
    head = (
        f'"""{recipe.title}\n\nIt needs torch{needed}; {files} {have} to lie beside it. Start it with\n\n    python {NAME}\n"""\n'
    )
    shaped = [text.renamed(part, taken) for part in (settings, data_part, training)]
    return "".join(
        [
            head,
            f"{future}\n" if future else "",
            _imports(recipe, preset, learned, uses_features),
            shaped[0],
            _heading("The net: the preset's own source"),
            body.strip("\n") + "\n",
            _heading("The data"),
            shaped[1],
            _heading("Training"),
            shaped[2],
        ]
    )


def _heading(words: str) -> str:
    return f"\n\n# {words}\n# {'-' * len(words)}\n\n"


def _parsed(source: str) -> tuple[str, str, set[str]]:
    """The line for `__future__`, the rest of a preset, and the names at its top."""
    lines, tree = source.splitlines(), ast.parse(source)
    future, taken = "", set[str]()
    left = list(range(len(lines)))
    for number, node in enumerate(tree.body):
        is_text = number == 0 and isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        from_future = isinstance(node, ast.ImportFrom) and node.module == "__future__"
        if from_future:
            future = ast.unparse(node)
        if from_future or (isinstance(node, ast.If) and "__name__" in ast.unparse(node.test)):
            left = [at for at in left if not node.lineno - 1 <= at < (node.end_lineno or node.lineno)]
        if is_text:
            for at in range(node.lineno - 1, node.end_lineno or node.lineno):
                lines[at] = f"# {lines[at]}".replace('"""', "").rstrip()
            lines[at] = "" if lines[at] == "#" else lines[at]
        for one in ast.walk(node) if isinstance(node, ast.Assign | ast.AnnAssign | ast.If | ast.Try) else ():
            taken |= {one.id} if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store) else set()
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            taken.add(node.name)
        if isinstance(node, ast.Import | ast.ImportFrom):
            taken |= {(one.asname or one.name).partition(".")[0] for one in node.names}
    return future, "\n".join(lines[at] for at in left), taken


def _imports(recipe: Recipe, preset: ModuleType, learned: Data, uses_features: bool) -> str:
    plain = ["hashlib", "itertools"] + ["csv", "gzip"] * (learned.dataset.name == "digits") + ["random"]
    plain += ["math"] * (recipe.config.schedule in {"cosine", "one-cycle"})
    lines = [f"import {name}" for name in sorted(plain)] + ["from pathlib import Path"]
    lines += ["from types import SimpleNamespace"] * (uses_features or hasattr(preset, "optimizer"))
    return "\n".join([*lines, "", "import torch", "from torch import Tensor", "from torch.nn import functional", ""])


def _settings(recipe: Recipe, preset: ModuleType, source: str, uses_features: bool) -> str:
    config = recipe.config
    lines = ["", "HERE = Path(__file__).parent", f"SEED = {config.seed}", f"STEPS = {recipe.steps}"]
    if recipe.changes:
        lines += ["CHANGES = {"]
        for step in sorted({one.step for one in recipe.changes}):
            given = [(one.name, one.old, one.new) for one in recipe.changes if one.step == step]
            lines.append(f"    {step}: {given!r},")
        lines += ["}", '"""What became otherwise while it trained: by the first step that it counts for, what, from, to."""']
    if uses_features or hasattr(preset, "optimizer"):
        asked = {name: value for name, value in asdict(config).items() if re.search(rf"\.{name}\b", source)}
        lines += [f"SETTINGS = SimpleNamespace({', '.join(f'{name}={value!r}' for name, value in asked.items())})"]
    lines += [
        f"torch.set_num_threads({recipe.threads})  # more or fewer add up in another order, and the last digits differ",
        *("", "", text.random_numbers(), ""),
    ]
    return "\n".join(lines)


def _data(config: Config, found: Data, learned: Data, built: Built, file: Path) -> str:
    dataset, uses_features = found.dataset, learned.shape != found.shape
    parts = [text.DIGITS.strip("\n") if dataset.name == "digits" else text.TENSORS.format(file=file.name).strip("\n")]
    if uses_features:
        parts.append(text.FEATURES.strip("\n"))
    parts.append(_division(config, found))
    names = [f"{one}_inputs, {one}_targets = inputs[{one}_rows], targets[{one}_rows]" for one in ("train", "val", "test")]
    parts.append("\n".join(names))
    if learned.task == "regression":
        return "\n\n".join(parts) + "\n"
    parts.append(_normal(config, learned).strip("\n"))
    together = built.format is torch.channels_last
    layout = ".contiguous(memory_format=torch.channels_last)" if together else ""
    words = ": in memory all channels of a pixel lie together, which is faster for convolutions" if together else ""
    return "\n\n".join(parts) + "\n" + text.NORMALISE.format(layout=layout, words=words)


def _division(config: Config, found: Data) -> str:
    """Which samples are for what."""
    dataset, sizes = found.dataset, (len(found.train), len(found.val), len(found.test))
    if dataset.whole:
        return "train_rows = val_rows = test_rows = torch.arange(len(targets))"
    has_test, has_val = dataset.test_size > 0, dataset.val_size > 0
    given = sizes[0] + (0 if has_val else sizes[1]) + (0 if has_test else sizes[2])
    labels = "targets" if found.task == "classification" else "None"
    lines = [f"train_rows = torch.arange({given})"]
    if not has_test:
        share = f'divide(train_rows, {labels}, {datasets.DRAWN_TEST}, seeded(SEED, "test"))'
        lines += ["# A share of every class is put aside for the test,", f"train_rows, test_rows = {share}"]
    if not has_val:
        share = f'divide(train_rows, {labels}, {config.validation}, seeded(SEED, "validation"))'
        lines += [
            "# and a share of the rest, to see how well it does on what it does not learn from.",
            f"train_rows, val_rows = {share}",
        ]
    own = given + (sizes[1] if has_val else 0)
    lines += [f"val_rows = torch.arange({given}, {own})"] * has_val
    lines += [f"test_rows = torch.arange({own}, len(targets))"] * has_test
    helps = "" if has_test and has_val else f"\n{text.division()}\n\n\n"
    return helps + "\n".join(lines)


def _normal(config: Config, learned: Data) -> str:
    if learned.train.inputs.dtype != torch.uint8:
        return text.ROWS_STANDARD
    if config.inputs == "standard":
        return text.PICTURES_STANDARD
    low, high, words = {"unit": (0.0, 255.0, "from 0 to 1"), "centred": (127.5, 127.5, "from -1 to 1")}[config.inputs]
    return text.PICTURES_FIXED.format(range=words, mean=low, scale=high)
