"""What a wheel and a source archive hold, and that what is in the wheel can be used."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from tui_trainer import __version__

ROOT = Path(__file__).parent.parent
PRESETS = sorted(path.name for path in (ROOT / "presets").glob("*.py"))
SWEEPS = sorted(path.name for path in (ROOT / "presets" / "sweeps").glob("*.toml"))

pytestmark = [
    pytest.mark.packaging,
    pytest.mark.skipif(importlib.util.find_spec("hatchling") is None, reason="hatchling is not installed; '.[test]' brings it"),
]


def build(kind: str, source: Path, target: Path) -> Path:
    """The archive that hatchling makes of this source, without a network."""
    words = [sys.executable, "-m", "hatchling", "build", "-t", kind, "-d", str(target)]
    done = subprocess.run(words, cwd=source, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    (made,) = [path for path in target.iterdir() if path.suffix in {".whl", ".gz"}]
    return made


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build("wheel", ROOT, tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def sdist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build("sdist", ROOT, tmp_path_factory.mktemp("sdist"))


def holds(wheel: Path) -> set[str]:
    return set(zipfile.ZipFile(wheel).namelist())


def test_the_wheel_holds_what_runs(wheel: Path) -> None:
    names = holds(wheel)
    assert PRESETS
    assert {f"tui_trainer/presets/{name}" for name in PRESETS} <= names
    assert SWEEPS
    assert {f"tui_trainer/presets/sweeps/{name}" for name in SWEEPS} <= names
    assert {"tui_trainer/cli/__init__.py", "tui_trainer/data/digits.gz", "tui_trainer/app/app.tcss"} <= names
    assert zipfile.ZipFile(wheel).read("tui_trainer/tutorial.py") == (ROOT / "tests" / "bench" / "tutorial.py").read_bytes()
    (entry,) = [name for name in names if name.endswith("entry_points.txt")]
    assert "tui-trainer = tui_trainer.cli:main" in zipfile.ZipFile(wheel).read(entry).decode()


def test_the_wheel_holds_nothing_else(wheel: Path) -> None:
    tops = {name.split("/")[0] for name in holds(wheel)}
    assert tops == {"tui_trainer", f"tui_trainer-{__version__}.dist-info"}
    assert not [name for name in holds(wheel) if "test" in Path(name).name or "__pycache__" in name]


def test_the_source_archive_makes_the_same_wheel(sdist: Path, wheel: Path, tmp_path: Path) -> None:
    with tarfile.open(sdist) as archive:
        assert not [name for name in archive.getnames() if "__pycache__" in name]
        archive.extractall(tmp_path, filter="data")
    (source,) = tmp_path.iterdir()
    (tmp_path / "again").mkdir()
    assert holds(build("wheel", source, tmp_path / "again")) == holds(wheel)


def test_presets_digits_and_the_tutorial_are_found_in_an_unpacked_wheel(wheel: Path, tmp_path: Path) -> None:
    zipfile.ZipFile(wheel).extractall(tmp_path / "site")
    code = f"""
import sys; sys.path.insert(0, {str(tmp_path / "site")!r})
from tui_trainer.cli import main
from tui_trainer import paths; print(paths.tutorial())
sys.exit(main(["presets", "cnn"]))
"""
    done = subprocess.run([sys.executable, "-P", "-c", code], capture_output=True, text=True, check=False, cwd=tmp_path, timeout=60)
    assert done.returncode == 0, done.stderr
    assert str(tmp_path / "site" / "tui_trainer" / "presets" / "cnn.py") in done.stdout
    assert str(tmp_path / "site" / "tui_trainer" / "tutorial.py") in done.stdout
