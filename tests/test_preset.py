"""Preset files: read without running them, and what is wrong in them said with its line."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tui_trainer import paths, preset
from tui_trainer.config import read
from tui_trainer.preset import PresetError
from tui_trainer.settings import Knob

GOOD = '''"""A first line.

The rest, in *Markdown*.
"""
raise SystemExit("nothing here may run")

DEFAULTS = {"dataset": "digits", "lr": 1e-2, "steps": 300}


def build(input_shape, num_classes, *, width: int = 16, slope: float = -0.5, bias=True, act="relu"):
    """A net.

    width: channels of the first layer,
        and of the second
    act: what bends
    """
'''


@pytest.fixture
def write(home: Path) -> Callable[..., Path]:
    """Puts a file into the user's folder of presets."""

    def put(text: str, name: str = "mine") -> Path:
        path = paths.your_presets() / f"{name}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    return put


def test_a_preset_is_read_without_running_it(write: Callable[..., Path]) -> None:
    write(GOOD)
    found = preset.find("mine")
    assert (found.problem, found.yours) == ("", True)
    assert (found.about, found.text) == ("A first line.", "The rest, in *Markdown*.")
    assert found.defaults == {"dataset": "digits", "lr": 0.01, "steps": 300}
    assert found.knobs == (
        Knob("width", 16, "channels of the first layer, and of the second"),
        Knob("slope", -0.5),
        Knob("bias", True),
        Knob("act", "relu", "what bends"),
    )
    assert preset.source(found) == GOOD


BUILD = "def build(input_shape, num_classes):\n    pass\n"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("def build(:\n", "mine.py line 1: invalid syntax"),
        ("x = 1\n\n  y = 2\n", "mine.py line 3: unexpected indent"),
        ("", "mine.py line 1: there is no function build(input_shape, num_classes, *, knob=default)"),
        ("\n\ndef build(a, b, c):\n    pass\n", "mine.py line 3: build must take two arguments and its knobs"),
        ("def build(a):\n    pass\n", "mine.py line 1: build must take two arguments"),
        ("def build(a, b, width=3):\n    pass\n", "mine.py line 1: the knobs of build stand after a star"),
        ("def build(a, b, *,\n    width):\n    pass\n", "mine.py line 2: knob 'width' has no default"),
        ("def build(a, b, *, width=2 * 8):\n    pass\n", "knob 'width' must be written out"),
        ("def build(a, b, *, sizes=(1, 2)):\n    pass\n", "knob 'sizes' must be a number, text, True or False, not (1, 2)"),
        ("def build(a, b, *, width=None):\n    pass\n", "knob 'width' must be a number, text, True or False, not None"),
        ("def build(a, b, *, width=1e999):\n    pass\n", "knob 'width' must be a number"),
        ("DEFAULTS = dict(lr=1)\n" + BUILD, "mine.py line 1: DEFAULTS must be a dict of settings"),
        ("DEFAULTS = {\n    'lr': 1e-3,\n    'epoch': 3,\n}\n" + BUILD,
         "mine.py line 3: DEFAULTS has no setting 'epoch'; did you mean epochs?"),
        ("DEFAULTS = {'preset': 'cnn'}\n" + BUILD, "DEFAULTS has no setting 'preset'"),
        ("DEFAULTS = {\n    'lr': 1e-3,\n    'batch_size': 0}\n" + BUILD,
         "mine.py line 3: DEFAULTS 'batch_size': a whole number, 1 to 65536"),
        ("DEFAULTS = {'epochs': 3, 'seconds': 5}\n" + BUILD, "give one budget"),
        ("DEFAULTS = {'lr': rate()}\n" + BUILD, "DEFAULTS 'lr' must be written out"),
        ("DEFAULTS = {lr: 3}\n" + BUILD, "the keys of DEFAULTS must be names of settings"),
        ("x = '\x00'\n", "mine.py is not Python"),
        ("x = " + "(" * 3000 + ")" * 3000, "mine.py"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_with_its_line(write: Callable[..., Path], text: str, problem: str) -> None:
    write(text)
    assert problem.lower() in preset.find("mine").problem.lower() or (
        "\x00" in text and "null bytes" in preset.find("mine").problem
    )


def test_a_file_that_is_not_text_is_a_problem_and_no_crash(write: Callable[..., Path]) -> None:
    write("").write_bytes(b"\xff\xfe\x00\x80 nonsense")
    assert preset.find("mine").problem.startswith("mine.py")


def test_yours_wins_over_the_shipped_and_a_named_folder_over_yours(write: Callable[..., Path], tmp_path: Path) -> None:
    shipped = preset.find("cnn")
    assert not shipped.yours
    write(GOOD, "cnn")
    assert preset.find("cnn").yours
    extra = tmp_path / "extra"
    extra.mkdir()
    (extra / "cnn.py").write_text(BUILD)
    assert preset.find("cnn", [extra]).path == extra / "cnn.py"
    assert [one.path for one in preset.everything([extra]) if one.name == "cnn"] == [extra / "cnn.py"]


def test_hidden_files_and_folders_are_no_presets(write: Callable[..., Path]) -> None:
    write(GOOD, "_draft")
    write(GOOD, ".hidden")
    (paths.your_presets() / "folder.py").mkdir()
    assert not {one.name for one in preset.everything()} & {"_draft", ".hidden", "folder"}


def test_a_misspelt_name_gets_the_nearest() -> None:
    with pytest.raises(PresetError, match=r"there is no preset 'cnm'; did you mean cnn\?"):
        preset.find("cnm")


def test_a_source_that_is_gone_is_said(write: Callable[..., Path]) -> None:
    path = write(GOOD)
    found = preset.find("mine")
    path.unlink()
    with pytest.raises(PresetError, match="cannot be read"):
        preset.source(found)


@pytest.mark.parametrize("name", [one.name for one in preset.everything()])
def test_the_shipped_presets_are_fine(name: str) -> None:
    found = preset.find(name)
    assert (found.problem, found.yours) == ("", False)
    assert found.about
    assert found.text
    assert all(knob.help for knob in found.knobs)
    assert "dataset" in found.defaults
    read({"preset": name, **found.defaults})


@pytest.mark.parametrize(
    ("knob", "raw", "value"),
    [
        (Knob("k", 16), "32", 32),
        (Knob("k", 16), 32.0, 32),
        (Knob("k", 0.5), "1e-3", 0.001),
        (Knob("k", 0.5), 1, 1.0),
        (Knob("k", True), "no", False),
        (Knob("k", True), False, False),
        (Knob("k", "relu"), " gelu ", "gelu"),
        (Knob("k", "a", choices=("a", "b")), "b", "b"),
    ],
)
def test_a_knob_takes_the_type_of_its_default(knob: Knob, raw: object, value: object) -> None:
    parsed = knob.parse(raw)
    assert parsed == value
    assert type(parsed) is type(knob.default)


@pytest.mark.parametrize(
    ("knob", "raw", "right"),
    [
        (Knob("k", 16), "2.5", "a whole number, such as 16"),
        (Knob("k", 16), True, "a whole number"),
        (Knob("k", 16), "many", "a whole number"),
        (Knob("k", 0.5), "nan", "a number, such as 0.5"),
        (Knob("k", True), "maybe", "yes or no, such as yes"),
        (Knob("k", "a", choices=("a", "b")), "c", "one of a, b"),
    ],
)
def test_a_knob_says_what_would_be_right(knob: Knob, raw: object, right: str) -> None:
    with pytest.raises(ValueError, match=right):
        knob.parse(raw)


def test_choices_come_from_a_literal_annotation(write: Callable[..., Path]) -> None:
    write('def build(a, b, *, act: Literal["relu", "gelu"] = "relu", wrong: int = 3):\n    pass\n')
    assert preset.find("mine").knobs == (Knob("act", "relu", choices=("relu", "gelu")), Knob("wrong", 3))
