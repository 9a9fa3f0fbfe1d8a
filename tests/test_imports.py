"""What stays out of the process until it is needed, and which way the arrows between the parts point."""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import tui_trainer
from tui_trainer import paths

PACKAGE = Path(tui_trainer.__file__).parent
HEAVY = ("torch", "torchvision", "numpy", "plotext", "textual")


def loaded(run_python: Callable[[str], str], code: str, names: tuple[str, ...]) -> list[str]:
    """Which of these modules a fresh interpreter holds after this code."""
    ask = f"import sys; {code}; print('loaded:', *(name for name in {names!r} if name in sys.modules))"
    return run_python(ask).rpartition("loaded:")[2].split()


@pytest.mark.parametrize("module", ["cli", "session", "console.train", "console.record", "runs.store", "preset", "datasets"])
def test_nothing_heavy_comes_with(module: str, run_python: Callable[[str], str]) -> None:
    assert loaded(run_python, f"import tui_trainer.{module}", HEAVY) == []


@pytest.mark.parametrize(
    "words", [["--help"], ["train", "--help"], ["runs"], ["presets"], ["presets", "cnn"], ["datasets"], ["sweep"]]
)
def test_the_light_commands_load_nothing_heavy(words: list[str], run_python: Callable[[str], str]) -> None:
    code = f"from tui_trainer.cli import main; assert main({words!r}) == 0"
    assert loaded(run_python, code, (*HEAVY, "tui_trainer.engine.trainer", "asyncio")) == []


def test_the_app_comes_without_torch(run_python: Callable[[str], str]) -> None:
    names = ("torch", "torchvision", "numpy", "plotext", "tui_trainer.engine.trainer", "tui_trainer.engine.preflight")
    assert loaded(run_python, "import tui_trainer.app.app", names) == []


def test_asking_for_the_app_without_a_terminal_does_not_load_it(run_python: Callable[[str], str]) -> None:
    assert loaded(run_python, "from tui_trainer.cli import main; assert main([]) == 2", HEAVY) == []


def imports(folder: Path) -> Iterator[tuple[str, str]]:
    """(file, module) for every import anywhere in the Python files of a folder."""
    for path in sorted(folder.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                yield from ((path.name, alias.name) for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                yield from ((path.name, f"{node.module}.{alias.name}") for alias in node.names)


def meets(module: str, forbidden: tuple[str, ...]) -> bool:
    return any(module == name or module.startswith(f"{name}.") for name in forbidden)


UPWARD = ("tui_trainer.session", "tui_trainer.app", "tui_trainer.console", "tui_trainer.cli")
TORCH = ("torch", "torchvision", "numpy")
SCREEN = ("textual", "rich")


@pytest.mark.parametrize(
    ("part", "forbidden"),
    [
        ("engine", (*SCREEN, *UPWARD, "threading", "multiprocessing", "subprocess", "tui_trainer.runs")),
        ("runs", (*SCREEN, *UPWARD, *TORCH, "tui_trainer.engine", "threading", "plotext")),
        ("console", (*SCREEN, *TORCH, "tui_trainer.engine", "tui_trainer.app", "tui_trainer.cli", "threading")),
        ("cli", (*SCREEN, *TORCH, "tui_trainer.engine", "threading")),
        ("app", (*TORCH, "tui_trainer.engine", "tui_trainer.cli", "multiprocessing")),
    ],
)
def test_arrows_point_down(part: str, forbidden: tuple[str, ...]) -> None:
    found = list(imports(PACKAGE / part))
    assert found
    assert [(file, module) for file, module in found if meets(module, forbidden)] == []


def test_presets_import_torch_and_the_standard_library_only() -> None:
    allowed = {"torch", "torchvision", *sys.stdlib_module_names}
    found = list(imports(paths.shipped_presets()))
    assert {module.partition(".")[0] for _, module in found} <= allowed
    assert any(meets(module, ("torch",)) for _, module in found)


def test_only_paths_reads_the_environment() -> None:
    readers = {
        path.relative_to(PACKAGE).as_posix()
        for path in PACKAGE.rglob("*.py")
        if any(word in path.read_text(encoding="utf-8") for word in ("os.environ", "os.getenv", "import environ"))
    }
    assert readers == {"paths.py"}
