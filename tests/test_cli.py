"""The command line as a person meets it: options, help, wrong words, exit codes, signals, pipes."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from tui_trainer import __version__, config, preset
from tui_trainer.cli import COMMANDS, main, options
from tui_trainer.events import Evaluated, RunEnded, RunStarted, Stepped
from tui_trainer.runs import log, store

README = Path(__file__).parent.parent / "README.md"

SETTINGS = [
    "--dataset",
    "--optimizer",
    "--lr",
    "--momentum",
    "--nesterov",
    "--no-nesterov",
    "--weight-decay",
    "--schedule",
    "--batch-size",
    "--epochs",
    "--steps",
    "--seconds",
    "--inputs",
    "--flip",
    "--no-flip",
    "--shift",
    "--no-shift",
    "--cutout",
    "--no-cutout",
    "--jitter",
    "--no-jitter",
    "--mixup",
    "--no-mixup",
    "--label-smoothing",
    "--clip",
    "--validation",
    "--seed",
    "--device",
    "--threads",
    "--precision",
    "--reproducible",
    "--no-reproducible",
    "--compile",
    "--no-compile",
    "--from",
    "--save-every",
    "--fit-batch",
    "--no-fit-batch",
    "--image-size",
    "--set",
    "--data",
    "--presets",
]
CHANGED_LIVE = ["--lr", "--momentum", "--weight-decay", "--label-smoothing", "--batch-size", "--clip"]
LENGTH = ["--epochs", "--steps", "--seconds"]
MANNERS = ["--detach", "--json", "--quiet"]
SWEEPS = ["--seeds", "--parallel", "--halving", "--no-halving", "--again", "--csv", "--markdown"]
LOOKS = ["--theme", "--ascii", "--no-ascii"]
FROZEN = {
    "": ["--help", "--version", "--preset", "--start", *LOOKS, *SETTINGS],
    "train": ["--help", *MANNERS, *SWEEPS, "--name", *SETTINGS],
    "resume": [
        "--help",
        "--all-lost",
        "--best",
        *LENGTH,
        *CHANGED_LIVE,
        "--fit-batch",
        "--background",
        "--unended",
        "--stop-at",
        *MANNERS,
    ],
    "repeat": ["--help", "--steered", *MANNERS, *(word for word in SETTINGS if word != "--presets")],
    "attach": ["--help", *LOOKS],
    "watch": ["--help", *LOOKS],
    "send": ["--help", "--scale-rate", "--no-wait"],
    "sweep": ["--help", "--only", "--skip", "--json", "--quiet", *SWEEPS, *SETTINGS],
    "race": ["--help", "--samples", "--plain", "--json", "--quiet", *LOOKS, *(word for word in SETTINGS if word != "--epochs")],
    "bench": ["--help", "--json", *(word for word in SETTINGS if word not in {"--epochs", "--steps"})],
    "runs": ["--help", "--sort", "--reverse", "--json"],
    "show": ["--help", "--json", "--presets"],
    "compare": ["--help", "--sweep", "--by", "--cut", "--cut-at", "--json", "--csv", "--markdown"],
    "export": [
        "--help",
        "--csv",
        "--json",
        "--weights",
        "--safetensors",
        "--script",
        "--card",
        "--svg",
        "--png",
        "--tensorboard",
        "--to",
        "--size",
        "--light",
        "--presets",
    ],
    "presets": ["--help", "--presets"],
    "datasets": ["--help", "--json"],
    "devices": ["--help"],
    "rename": ["--help"],
    "note": ["--help"],
    "delete": ["--help", "--yes"],
    "restore": ["--help"],
    "trash": ["--help", "--empty", "--older", "--yes", "--json"],
}
UNASKED = {("sweep", "preset"), ("repeat", "preset"), *((name, unit) for name in ("bench", "race") for unit in config.BUDGETS)}
"""(command, setting) where the setting makes no sense."""
QUICK = ["--epochs", "1", "--threads", "1", "--device", "cpu"]


def parser_of(name: str) -> options.Parser:
    if not name:
        return options.lab_parser({})
    parser = options.Parser(name, "")
    COMMANDS[name].fill(parser)
    return parser


@pytest.mark.parametrize("name", FROZEN)
def test_no_option_goes_or_comes_unnoticed(name: str) -> None:
    found = [word for action in parser_of(name)._actions for word in action.option_strings if word.startswith("--")]
    assert sorted(found) == sorted(FROZEN[name])


def test_every_command_is_frozen_too() -> None:
    assert {"", *COMMANDS} == set(FROZEN)


@pytest.mark.parametrize("name", FROZEN)
def test_help_explains_every_option(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*([name] if name else []), "--help"]) == 0
    text = " ".join(capsys.readouterr().out.split())
    assert text.isascii()
    for action in parser_of(name)._actions:
        assert action.help
    if "--optimizer" in FROZEN[name]:
        for setting in config.SETTINGS:
            assert setting.help in text or (name, setting.name) in UNASKED
    if not name:
        assert all(command.about in text for command in COMMANDS.values())


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"tui-trainer {__version__}\n"


@pytest.mark.parametrize(
    ("words", "right"),
    [
        (["trian", "cnn"], "train"),
        (["cnn"], "tui-trainer train cnn"),
        (["train", "cnnn"], "cnn"),
        (["train", "cnn", "--dataset", "digit"], "digits"),
        (["train", "cnn", "--batch-sise", "3"], "--batch-size"),
        (["train", "cnn", "--optimizer", "adma"], "adam"),
        (["train", "cnn", "--optim", "adam"], "--optimizer"),
        (["train", "cnn", "--set", "widht=3"], "width"),
        (["--strat"], "--start"),
        (["--preset", "lenat"], "lenet"),
        (["presets", "resnet"], "resnet9"),
        (["show", "nonesuch"], "no runs yet"),
        (["delete", "--yse", "last"], "--yes"),
    ],
)
def test_a_misspelt_word_gets_the_right_one(words: list[str], right: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(words) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert right in said.err
    assert said.err.count("\n") == 1
    assert all(line.startswith("tui-trainer: ") for line in said.err.splitlines())


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["train"], "which preset? there are "),
        (["train", "cnn", "--lr", "-1e-3"], "--lr -1e-3: a number above 0"),
        (["train", "cnn", "--lr", "-inf"], "--lr -inf: a number above 0"),
        (["train", "cnn", "--momentum"], "--momentum: a value is needed"),
        (["train", "cnn", "--nesterov=yes"], "it takes no value"),
        (["train", "cnn", "--set", "width=1e12"], "--set width=1e12: a whole number of at most 9 digits"),
        (["train", "lenet", "--set", "activation=step"], "--set activation=step: one of relu, tanh"),
        (["train", "cnn", "--presets", "/nowhere/at/all"], "--presets: there is no folder /nowhere/at/all"),
        (["--presets", "/nowhere/at/all"], "--presets: there is no folder /nowhere/at/all"),
        (["help"], "tui-trainer --help"),
        (["train", "cnn", "more"], "one word too many"),
        (["train", "cnn", "--lr"], "--lr"),
        (["train", "cnn", "--batch-size", "0"], "--batch-size 0: a whole number, 1 to 65536"),
        (["train", "cnn", "--batch-size", "-5"], "--batch-size -5: a whole number"),
        (["train", "cnn", "--lr=nan"], "--lr nan: a number above 0"),
        (["train", "cnn", "--set", "width"], "--set width=64"),
        (["train", "cnn", "--set", "width=x"], "--set width=x: "),
        (["train", "mlp", "--dataset", "points", "--data", "noise=x"], "--data noise=x: a number, such as 0.1"),
        (["train", "mlp", "--dataset", "points", "--data", "noize=1"], "--data noize=1: points has no setting 'noize'; did you"),
        (["train", "mlp", "--data", "noise"], "--data noise: a setting of the dataset and its value are needed"),
        (["train", "mlp", "--dataset", "points", "--flip"], "--flip: no: points has no pictures to change"),
        (["train", "mlp", "--dataset", "digits", "--image-size", "32"], "--image-size 32: only the pictures of a folder"),
        (["train", "cnn", "--device", "gpu"], "--device gpu: auto, cpu"),
        (["train", "cnn", "--presets", "/nowhere/at/all", "--dataset", "digits", "--epochs", "none"], "--epochs none: "),
        (["--theme", "pink"], "--theme"),
        (["delete"], "RUN"),
    ],
)
def test_what_is_wrong_is_said_in_a_line(words: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(words) == 2
    assert said in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "usage"), [(["train"], "train PRESET [options]"), (["show"], "show [RUN] [options]"), ([], "tui-trainer [options]")]
)
def test_usage_shows_what_stands_where(words: list[str], usage: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*words, "--help"]) == 0
    assert usage in capsys.readouterr().out.splitlines()[0]


def test_everything_wrong_is_said_at_once(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["train", "cnn", "--lr", "0", "--seed", "-1", "--set", "nothing=1"]) == 2
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 3
    assert [any(name in line for line in lines) for name in ("--lr 0", "--seed -1", "--set nothing=1")] == [True] * 3


def test_escape_codes_are_not_said_back(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["train", "\x1b[2Jcnn"]) == 2
    assert "\x1b" not in capsys.readouterr().err


def test_the_app_needs_a_terminal_and_says_what_to_use(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    assert main(["--preset", "mlp", "--dataset", "digits"]) == 2
    assert "tui-trainer train mlp --dataset digits" in capsys.readouterr().err
    for stream in (sys.stdin, sys.stderr):
        monkeypatch.setattr(stream, "isatty", lambda: True)
    monkeypatch.setenv("TERM", "dumb")
    assert main([]) == 2
    assert "tui-trainer train cnn" in capsys.readouterr().err


def test_lists(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["presets"]) == 0
    assert {"linear", "mlp", "lenet", "cnn", "resnet9"} <= {line.split()[0] for line in capsys.readouterr().out.splitlines()}
    assert main(["presets", "cnn"]) == 0
    text = capsys.readouterr().out
    assert "width" in text
    assert "--dataset digits" in text
    assert str(preset.find("cnn").path) in text
    assert main(["datasets"]) == 0
    assert {"digits", "shapes"} <= {line.split()[0] for line in capsys.readouterr().out.splitlines()}
    assert main(["runs"]) == 0
    assert "no runs yet" in capsys.readouterr().out
    assert main(["runs", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == []


def test_devices(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["devices"]) == 0
    assert "cpu" in {line.split()[0] for line in capsys.readouterr().out.splitlines()}


def test_a_broken_preset_is_a_line_in_the_list(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "broken.py").write_text("def build(:\n")
    assert main(["presets", "--presets", str(tmp_path)]) == 0
    (line,) = [line for line in capsys.readouterr().out.splitlines() if line.startswith("broken")]
    assert "line 1" in line
    assert main(["train", "broken", "--presets", str(tmp_path), "--dataset", "digits"]) == 2
    assert "line 1" in capsys.readouterr().err


def test_a_run_from_end_to_end(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["train", "linear", "--dataset", "digits", *QUICK]) == 0
    lines = capsys.readouterr().out.splitlines()
    run = store.find("last")
    assert lines[0] == f"run {run.id}  linear on digits"
    assert any(line.startswith("epoch 1/1   loss ") for line in lines)
    assert any(line.startswith("✓ finished") for line in lines)
    (again,) = [line for line in lines if line.strip().startswith("again")]
    assert "tui-trainer train linear --dataset digits --epochs 1" in again

    assert main(["show", run.id]) == 0
    shown = capsys.readouterr().out
    assert "precision" in shown
    assert "most confused" in shown
    assert main(["show", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["status"] == "finished"
    assert main(["runs"]) == 0
    assert run.id in capsys.readouterr().out

    assert main(["delete", run.id]) == 2  # nobody to ask
    assert run.folder.exists()
    assert main(["delete", run.id, "--yes"]) == 0
    assert not run.folder.exists()


def test_json_lines_are_the_record(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["train", "linear", "--dataset", "digits", "--json", *QUICK]) == 0
    decode = log.Decoder()
    lines = capsys.readouterr().out.splitlines()
    events = [decode(line.encode()) for line in lines]
    assert all(event is not None for event in events)
    assert events == log.Tail(store.find("last").events)()
    kinds = [type(event) for event in events]
    assert kinds[-1] is RunEnded
    assert {RunStarted, Stepped, Evaluated} <= set(kinds)


def test_quiet_says_the_summary_only(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["train", "linear", "--dataset", "digits", "-q", *QUICK]) == 0
    assert capsys.readouterr().out.startswith("✓ finished")


def test_a_run_that_fails_is_exit_code_1(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "bad.py").write_text('def build(input_shape, num_classes):\n    raise RuntimeError("no net today")\n')
    assert main(["train", "bad", "--presets", str(tmp_path), "--dataset", "digits", *QUICK]) == 1
    said = capsys.readouterr()
    assert "no net today" in said.out
    assert "Traceback" not in said.out + said.err


def test_a_home_that_cannot_be_written(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    home.parent.mkdir(exist_ok=True)
    home.write_text("a file where a folder should be")
    assert main(["train", "linear", "--dataset", "digits", *QUICK]) == 1
    assert "no run can be made" in capsys.readouterr().err


def test_the_preset_of_the_readme_trains(home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (source,) = re.findall(r"```python\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)
    assert len([line for line in source.splitlines() if line]) <= 10
    (tmp_path / "patches.py").write_text(source)
    words = ["train", "patches", "--presets", str(tmp_path), "--steps", "60", "--set", "width=16", "--threads", "1", "--json"]
    assert main(words) == 0
    losses = [loss for event in log.Tail(store.find("last").events)() if isinstance(event, Stepped) for loss in event.losses]
    assert len(losses) == 60
    assert sum(losses[-10:]) < 0.5 * sum(losses[:10])
    assert main(["presets", "patches", "--presets", str(tmp_path)]) == 0
    assert "patch" in capsys.readouterr().out


def test_the_readme_names_every_command() -> None:
    text = README.read_text(encoding="utf-8")
    assert [name for name in COMMANDS if f"`tui-trainer {name}" not in text] == []
    known = {word for words in FROZEN.values() for word in words}
    assert set(re.findall(r"--[a-z][a-z-]+", text)) <= known


# With a process of its own


ALL_DAY = ["--dataset", "digits", "--seconds", "86400", "--threads", "1", "--device", "cpu"]
SLOW = """
import time
from torch import nn

class Slow(nn.Linear):
    def forward(self, x):
        time.sleep(0.02 if len(x) <= 40 else 3600)
        return super().forward(x.flatten(1))

def build(input_shape, num_classes):
    return Slow(64, num_classes)
"""


@contextmanager
def training(words: Sequence[str], **more: object) -> Iterator[subprocess.Popen[str]]:
    """A run in a process of its own that has made its first step."""
    process = start(["train", *words], **more)
    try:
        wait_for(stepped, "a first step")
        yield process
    finally:
        process.kill()
        process.communicate()


def start(words: Sequence[str], **more: object) -> subprocess.Popen[str]:
    options = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True, "preexec_fn": heed_interrupts, **more}
    return subprocess.Popen([sys.executable, "-m", "tui_trainer", *words], **options)  # type: ignore[call-overload,no-any-return]  # the options are a plain dict here


def heed_interrupts() -> None:
    """In the child: a test run started in the background ignores SIGINT, and its children would too."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def wait_for(there: Callable[[], bool], what: str, timeout: float = 120.0) -> None:
    end = time.monotonic() + timeout
    while not there():
        if time.monotonic() > end:
            pytest.fail(f"{what} did not come in {timeout:g} s")
        time.sleep(0.02)


def stepped() -> bool:
    runs = store.everything()
    return bool(runs) and any(isinstance(event, Stepped) for event in log.Tail(runs[0].events)())


def ended() -> RunEnded:
    last = log.Tail(store.find("last").events)(1 << 26)[-1]
    assert isinstance(last, RunEnded)
    return last


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_stops_cleanly(number: signal.Signals, code: int) -> None:
    with training(["linear", *ALL_DAY]) as process:
        process.send_signal(number)
        out, err = process.communicate(timeout=120)
    assert process.returncode == code
    assert err == "stopping: finishing the batch; Ctrl+C again leaves at once\n"
    assert "stopped" in out
    assert ended().reason == "stopped"
    assert list(store.find("last").checkpoints.glob("*.pt"))


def test_a_second_ctrl_c_leaves_at_once(tmp_path: Path) -> None:
    (tmp_path / "slow.py").write_text(SLOW)
    with training(["slow", "--presets", str(tmp_path), *ALL_DAY]) as process:
        assert process.stderr is not None
        process.send_signal(signal.SIGINT)
        assert process.stderr.readline().startswith("stopping")
        process.send_signal(signal.SIGINT)  # in the last batch, or in the evaluation that takes an hour
        _, err = process.communicate(timeout=120)
    assert (process.returncode, err) == (130, "")
    assert ended().reason == "abandoned"


def test_a_reader_that_goes_away_stops_the_run(home: Path) -> None:
    reader, writer = os.pipe()
    with training(["linear", *ALL_DAY], stdout=writer) as process:
        os.close(writer)
        os.close(reader)
        _, err = process.communicate(timeout=120)
    assert (process.returncode, err) == (141, "")
    assert ended().reason == "stopped"


def test_a_list_may_lose_its_reader(home: Path) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    process = start(["train", "--help"], stdout=writer)
    os.close(writer)
    _, err = process.communicate(timeout=120)
    assert (process.returncode, err) == (0, "")
