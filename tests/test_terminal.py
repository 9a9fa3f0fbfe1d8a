"""The real program in a real terminal: first frame, keys, every way out, and what it meets on the way."""

from __future__ import annotations

import shlex
import shutil
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from made import evaluated, made, started
from pty_screen import PATIENCE, PROGRAM, Terminal
from tui_trainer import paths
from tui_trainer.commands import Abandon, Continue
from tui_trainer.runs import log, store
from tui_trainer.runs.history import History

pytestmark = [pytest.mark.terminal, pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")]

LONG = ("--preset", "mlp", "--dataset", "digits", "--epochs", "100000")
LIVE = (*LONG, "--start")
WIDE = (120, 36)

GATED = """
import sys, time
from importlib.machinery import PathFinder
from pathlib import Path
class Gate:
    def find_spec(self, name, path=None, target=None):
        if name != "torch":
            return None
        spec = PathFinder.find_spec(name, path)
        load = spec.loader.exec_module
        def wait(module):
            while not Path(sys.argv[1]).exists():
                time.sleep(0.01)
            load(module)
        spec.loader.exec_module = wait
        return spec
sys.meta_path.insert(0, Gate())
from tui_trainer.cli import main
sys.exit(main(sys.argv[2:]))
"""
"""The program with a torch that cannot be imported before a file exists."""

BROKEN = """
import sys
from tui_trainer.app import app
def mistake(self):
    raise RuntimeError("a [made] mistake")
app.TrainerApp.action_help = mistake
from tui_trainer.cli import main
sys.exit(main(sys.argv[1:]))
"""

LOUD = '''"""A net whose file says and does too much."""
import os, sys, warnings
from torch import nn
DEFAULTS = {"dataset": "digits", "epochs": 100000}
print("printed-while-loading")
def build(input_shape, num_classes):
    """One layer."""
    print("printed-to-stdout")
    print("printed-to-stderr", file=sys.stderr)
    warnings.warn("a-made-warning")
    return nn.Sequential(nn.Flatten(), nn.Linear(64, num_classes))
'''
RAISING = '''"""A net that cannot be built."""
DEFAULTS = {"dataset": "digits"}
def build(input_shape, num_classes):
    """Nothing."""
    raise RuntimeError("no [red]net[/] today")
'''
EXITING = '''"""A net whose file wants to leave."""
import sys
DEFAULTS = {"dataset": "digits"}
def build(input_shape, num_classes):
    """Nothing."""
    sys.exit("leaving-now")
'''


def newest(home: Path | None = None) -> store.Run:
    return store.Run(max(((home or paths.home()) / "runs").iterdir()))


def history(home: Path | None = None) -> History:
    """What the newest run has said so far."""
    tail, seen = log.Tail(newest(home).events), History()
    while new := tail():
        seen.extend(new)
    return seen


def reason() -> str:
    """How the newest run ended, by its record."""
    ended = history().ended
    return ended.reason if ended else "not ended"


def until(true: Callable[[], object], what: str) -> None:
    """Wait without reading the terminal."""
    end = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < end, f"{what} never came to be so"
        time.sleep(0.02)


@pytest.fixture(autouse=True)
def nothing_goes_on() -> Iterator[None]:
    """What a test left to the background is ended with it."""
    yield
    for run in store.everything():
        if log.is_locked(run.events):
            log.append(run.commands, Abandon())
            until(lambda run=run: not log.is_locked(run.events), "the end of what goes on in the background")


def goes_on_in_the_background(pid: int) -> None:
    """The newest run was taken by another process, and learns on."""
    until(lambda: (found := history().hosted) is not None and found.pid != pid, "another process")
    until(lambda: (found := history()).resumed is not None or found.started is not None, "its start")
    step = history().step
    log.append(newest().commands, Continue())
    until(lambda: history().step > step, "more steps")


@pytest.fixture
def live() -> Iterator[Terminal]:
    """A long run in training."""
    with Terminal(*LIVE, size=WIDE) as terminal:
        terminal.sees("● training", "val ")
        yield terminal


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Terminal]:
    """One long run for all the tests that leave it as they found it. Its editor waits for a file called `done`."""
    home = tmp_path_factory.mktemp("shared")
    editor = home / "editor"
    editor.write_text(f'#!/bin/sh\necho "EDITING $1"\nwhile [ ! -e {home}/done ]; do sleep 0.05; done\n', encoding="utf-8")
    editor.chmod(0o755)
    with Terminal(*LIVE, env={"TUI_TRAINER_HOME": str(home), "EDITOR": str(editor)}, size=WIDE) as terminal:
        terminal.sees("● training", "val ")
        yield terminal


@pytest.fixture
def gate(tmp_path: Path) -> Path:
    return tmp_path / "gate"


def gated(gate: Path, *words: str) -> Terminal:
    return Terminal(str(gate), *words, command=script(gate.with_name("gated.py"), GATED), size=WIDE)


def script(path: Path, source: str) -> tuple[str, str]:
    """The command that runs this source."""
    path.write_text(source, encoding="utf-8")
    return sys.executable, str(path)


# ---- the first frame ---------------------------------------------------------------------------------------------


def test_the_form_is_there_and_works_before_torch_is(gate: Path) -> None:
    with gated(gate) as terminal:
        terminal.sees("Start", "cnn's own knobs", "○ not started", "loading torch", "Tab next field")
        terminal.type("\r")
        terminal.sees("◌ loading torch")
        gate.touch()
        terminal.sees("● training")


@pytest.mark.long
def test_no_row_of_the_first_frames_is_wider_than_its_place() -> None:
    """What is drawn too wide pushes the rest of the row off the screen, and stays."""
    with Terminal(size=WIDE) as terminal:
        terminal.sees("loading torch", "three conv layers", "1 797 pictures, 10 classes")
        terminal.sees("ready")
        assert terminal.screen.text().count("three conv layers") == 1
        assert terminal.screen.overflow == 0


# ---- keys --------------------------------------------------------------------------------------------------------


def test_enter_starts_and_the_keys_do_what_they_say() -> None:
    with Terminal(*LONG, size=WIDE) as terminal:
        terminal.sees("Start", "Enter, from any field")
        terminal.type("\r")
        terminal.sees("● training", "val ")
        terminal.type(" ")
        terminal.sees("‖ paused at step", "space go on")
        step = history().step
        terminal.type(".")
        terminal.sees(f"‖ paused at step {step + 1:,}".replace(",", " "))
        terminal.type("]")
        terminal.until(lambda: history().lr == 2e-3, "twice the rate")
        terminal.sees("rate 2e-3")
        terminal.type("[[")
        terminal.sees("rate 5e-4")
        terminal.type(" ")
        terminal.sees("● training")
        loss = next(row for row in terminal.screen.rows() if "─ Loss" in row)
        assert " log " in loss
        terminal.type("y")
        terminal.until(lambda: any("─ Loss" in row and " log " not in row for row in terminal.screen.rows()), "a linear scale")
        terminal.type("?")
        terminal.sees("Hold training after this batch")
        terminal.type("\x1b")
        terminal.misses("Hold training after this batch")
        terminal.type("\x10")
        terminal.sees("Search for commands")
        terminal.type("\x1b")
        terminal.misses("Search for commands")
        terminal.type("X")
        terminal.sees("stopped")
        terminal.type("q")
        assert terminal.exits() == 0
        assert terminal.restored
    assert reason() == "stopped"


# ---- leaving -----------------------------------------------------------------------------------------------------


def test_leaving_asks_while_a_run_is_live_and_the_scrollback_keeps_the_result(live: Terminal) -> None:
    live.type("q")
    live.sees("Leave tui-trainer?", "Stop and keep", "Go on")
    live.type("\x1b")
    live.misses("Leave tui-trainer?")
    step = history().step
    live.until(lambda: history().step > step, "more steps")
    live.type("q")
    live.sees("Leave tui-trainer?")
    live.type("X")
    assert live.exits() == 0
    assert live.restored
    assert reason() == "stopped"
    run = newest()
    assert "stopped" in live.screen.scrollback
    assert "tui-trainer train mlp" in live.screen.scrollback
    assert run.name in live.screen.scrollback
    assert live.screen.scrollback.splitlines()[-1].strip().startswith("again"), "something was said after the summary"


def test_ctrl_c_twice_stops_and_keeps(live: Terminal) -> None:
    live.type("\x03")
    live.sees("Leave tui-trainer?")
    live.type("\x03")
    assert live.exits() == 0
    assert live.restored
    assert reason() == "stopped"
    run = newest()
    assert (run.checkpoints / "last.pt").exists()


def test_ctrl_c_leaves_at_once_where_nothing_runs() -> None:
    with Terminal() as terminal:
        terminal.sees("not started")
        terminal.type("\x03")
        assert terminal.exits() == 0
        assert terminal.restored
        assert terminal.screen.scrollback.strip() == ""


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_a_signal_stops_the_run_and_restores_the_terminal(live: Terminal, number: int, code: int) -> None:
    live.signal(number)
    assert live.exits() == code
    assert live.restored
    assert "stopped" in live.screen.scrollback
    assert reason() == "stopped"


def test_a_hang_up_of_a_terminal_that_is_still_there_leaves_the_run_to_the_background_and_restores_it(live: Terminal) -> None:
    live.signal(signal.SIGHUP)
    assert live.exits() == 0
    assert live.restored
    assert f"tui-trainer attach {newest().id}" in live.screen.scrollback
    goes_on_in_the_background(live.pid)


def test_a_run_that_waits_for_torch_is_stopped_too(gate: Path) -> None:
    with gated(gate, *LIVE) as terminal:
        terminal.sees("◌ loading torch")
        terminal.signal(signal.SIGTERM)
        asked = newest().commands
        until(lambda: asked.exists() and b"Stop" in asked.read_bytes(), "the wish to stop")
        gate.touch()
        assert terminal.exits() == 143
    assert reason() == "stopped"


def test_a_run_that_waits_for_torch_goes_on_in_the_background_when_its_terminal_is_closed(gate: Path) -> None:
    with gated(gate, *LIVE) as terminal:
        terminal.sees("◌ loading torch")
        terminal.hang_up()
        assert terminal.exits() == 0  # before there is a torch here
        goes_on_in_the_background(terminal.pid)


def test_a_signal_ends_the_form() -> None:
    with Terminal() as terminal:
        terminal.sees("not started")
        terminal.signal(signal.SIGTERM)
        assert terminal.exits() == 143
        assert terminal.restored


@pytest.mark.long
@pytest.mark.parametrize(("ignored", "paused"), [((), False), ((signal.SIGHUP,), True)], ids=["training", "paused, unheard"])
def test_the_run_of_a_closed_terminal_goes_on_in_the_background(ignored: tuple[int, ...], paused: bool) -> None:
    with Terminal(*LIVE, size=WIDE, ignore=ignored) as terminal:
        terminal.sees("● training", "val ")
        if paused:
            terminal.type(" ")
            terminal.sees("‖ paused")
        terminal.hang_up()
        assert terminal.exits() == 0
        goes_on_in_the_background(terminal.pid)


def test_a_closed_terminal_ends_the_form_too() -> None:
    with Terminal(ignore=(signal.SIGHUP,)) as terminal:
        terminal.sees("not started")
        terminal.hang_up()
        assert terminal.exits() == 129


def test_attaching_brings_a_run_back_that_was_left_and_quitting_leaves_it_again(live: Terminal) -> None:
    live.type("d")
    assert live.exits() == 0
    assert live.restored
    run = newest()
    assert f"tui-trainer attach {run.id}" in live.screen.scrollback
    with Terminal("attach", size=WIDE) as other:
        other.sees("● attached", "val ")
        assert not other.maps("libtorch"), "who only looks does not need torch"
        other.type(" ")
        other.sees("‖ paused at step", "attached")
        with Terminal("watch", run.id, size=WIDE) as third:
            third.sees("‖ paused at step", "read-only")
            other.type("]")
            third.sees("rate 2e-3")
            other.type(" ")
            third.sees("◌ watching, read-only")
            third.type("\x03")
            assert third.exits() == 0
            assert third.restored
        other.type("q")
        assert other.exits() == 0
        assert other.restored
        assert f"tui-trainer attach {run.id}" in other.screen.scrollback
    goes_on_in_the_background(live.pid)


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130), (signal.SIGHUP, 129)])
def test_a_signal_to_who_is_attached_leaves_the_run_alone(number: int, code: int) -> None:
    run = made("linear", started(), evaluated())
    with log.Writer(run.events), Terminal("attach", run.id, size=WIDE) as terminal:
        terminal.sees("◌ preparing   attached")
        terminal.signal(number)
        assert terminal.exits() == code
        assert terminal.restored
    assert not run.commands.exists()


def test_waiting_costs_next_to_nothing(shared: Terminal) -> None:
    shared.type(" ")
    shared.sees("‖ paused")
    end = time.monotonic() + PATIENCE
    while shared.cpu_share(0.5) > 0.5:
        assert time.monotonic() < end, "a paused run keeps a core busy"
    shared.type(" ")
    shared.sees("● training")


def test_a_mistake_of_the_app_is_one_sentence_and_the_run_is_kept(tmp_path: Path) -> None:
    with Terminal(*LIVE, command=script(tmp_path / "broken.py", BROKEN), size=WIDE) as terminal:
        terminal.sees("● training", "val ")
        terminal.type("?")
        assert terminal.exits() == 1
        assert terminal.restored
        said = terminal.screen.scrollback
    assert "tui-trainer failed: a [made] mistake" in said
    assert "Traceback" not in said
    assert "in mistake" in paths.crash_log().read_text(encoding="utf-8")
    assert reason() == "stopped"


# ---- presets that misbehave --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "said"),
    [
        pytest.param(RAISING, "no [red]net[/] today", id="raises", marks=pytest.mark.long),
        pytest.param(EXITING, "leaving-now", id="calls sys.exit"),
    ],
)
def test_the_app_outlives_a_preset_that_cannot_be_built(tmp_path: Path, source: str, said: str) -> None:
    (tmp_path / "wrong.py").write_text(source, encoding="utf-8")
    with Terminal("--presets", str(tmp_path), "--preset", "wrong", "--start", size=WIDE) as terminal:
        terminal.sees("✕ failed", said)
        terminal.type("s")
        terminal.sees("Start", "Enter, from any field")
        terminal.type("\x1b")
        terminal.sees("q quit")
        terminal.type("q")
        assert terminal.exits() == 0
        assert terminal.restored
        assert "Traceback" not in terminal.screen.scrollback
    assert reason() == "failed"


def test_what_a_preset_prints_is_kept_and_never_drawn(tmp_path: Path) -> None:
    (tmp_path / "loud.py").write_text(LOUD, encoding="utf-8")
    with Terminal("--presets", str(tmp_path), "--preset", "loud", "--start", size=WIDE) as terminal:
        seen = ""
        terminal.sees("● training", "1 warning")
        seen += terminal.screen.text()
        terminal.type("q")
        terminal.sees("Leave tui-trainer?")
        terminal.type("X")
        assert terminal.exits() == 0
        seen += terminal.screen.scrollback
    assert "printed-" not in seen
    run = newest()
    kept = run.console.read_text(encoding="utf-8")
    assert "printed-to-stdout" in kept
    assert "printed-to-stderr" in kept
    assert reason() == "stopped"


# ---- terminals of all kinds --------------------------------------------------------------------------------------


def test_a_small_terminal_says_what_it_needs_and_grows_again(shared: Terminal) -> None:
    shared.resize(40, 10)
    shared.sees("needs 60×18, this is 40×10", "● training")
    shared.resize(80, 24)
    shared.sees("─ Loss", "─ Accuracy", "● training")
    shared.resize(*WIDE)
    shared.sees("─ Setup", "─ Loss", "─ Notes")
    shared.misses("needs 60×18")


@pytest.mark.parametrize("redirected", ["< /dev/null", "2> /dev/null", ""], ids=["stdin", "stderr", "dumb"])
def test_where_nothing_can_be_drawn_one_sentence_is_said(redirected: str) -> None:
    line = f"{shlex.join(PROGRAM)} {redirected.replace('/dev/null', 'nothing' if '2>' in redirected else '/dev/null')}"
    shell = ("/bin/sh", "-c", f"cd {shlex.quote(str(paths.home().parent))} && {line}")
    with Terminal(command=shell, env={} if redirected else {"TERM": "dumb"}) as terminal:
        assert terminal.exits() == 2
        said = terminal.screen.scrollback
    file = paths.home().parent / "nothing"
    said += file.read_text(encoding="utf-8") if file.exists() else ""
    assert "tui-trainer train cnn" in said
    assert len(said.strip().splitlines()) == 1
    assert "\x1b" not in said


PLAIN = {"LC_ALL": "C", "LANG": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "PYTHONIOENCODING": None}


def test_without_colours_and_unicode_grey_letters_are_sent() -> None:
    with Terminal(*LIVE, env={**PLAIN, "NO_COLOR": "1"}, size=WIDE) as terminal:
        terminal.sees("* training", "Loss", "Accuracy", "val ")
        text = terminal.screen.text()
        assert text.isascii(), {letter for letter in text if not letter.isascii()}
        assert "\\u" not in text
        assert not {colour for colour in terminal.screen.colours if len(set(colour)) > 1}
        terminal.type("\x03")
        terminal.sees("Leave tui-trainer?")
        terminal.type("\x03")
        assert terminal.exits() == 0
        assert terminal.screen.scrollback.isascii()


def test_without_colours_glyphs_stay() -> None:
    with Terminal(env={"NO_COLOR": "1"}, size=WIDE) as terminal:
        terminal.sees("━ Setup", "○ not started", "three conv layers")
        assert not {colour for colour in terminal.screen.colours if len(set(colour)) > 1}


def test_a_terminal_that_is_not_read_holds_nothing_up(shared: Terminal) -> None:
    step = history(shared.home).step
    until(lambda: history(shared.home).step > step + 3000, "three thousand steps")
    shared.type("q")
    shared.sees("Leave tui-trainer?")
    shared.type("\x1b")
    shared.misses("Leave tui-trainer?")


# ---- away and back -----------------------------------------------------------------------------------------------


def test_an_editor_gets_the_terminal_while_training_goes_on(shared: Terminal) -> None:
    shared.type("e")
    shared.sees("mlp.py", "DEFAULTS")
    shared.type("e")
    shared.until(lambda: "EDITING" in shared.screen.scrollback, "the editor")
    assert "alternate screen" not in shared.screen.on
    step = history(shared.home).step
    until(lambda: history(shared.home).step > step + 500, "steps while the editor is open")
    shared.screen.cells.clear()
    (shared.home / "done").touch()
    shared.sees("mlp.py", "DEFAULTS", "Esc back")
    shared.type("\x1b")
    shared.sees("─ Loss", "─ Accuracy", "─ Notes", "● training")


def test_suspended_and_back_the_screen_is_whole() -> None:
    if shutil.which("tmux") is None:
        pytest.skip("needs tmux, for a shell with job control")
    with Multiplexer(*WIDE) as shell:
        shell.type(f"{shlex.join(PROGRAM)} {shlex.join(LIVE)}", "Enter")
        shell.sees("● training", "─ Notes")
        shell.type("Space")
        shell.sees("‖ paused")
        shell.type("C-z")
        shell.sees("Stopped")
        shell.type("fg", "Enter")
        shell.sees("‖ paused", "─ Setup", "─ Loss", "─ Accuracy", "─ Notes", "space go on")
        shell.type("q")
        shell.sees("Leave tui-trainer?")
        shell.type("X")
        shell.sees("again   tui-trainer train mlp")
    assert reason() == "stopped"


class Multiplexer:
    """A shell with job control inside tmux, on a server of its own."""

    def __init__(self, width: int, height: int) -> None:
        self._name = f"tui-trainer-{uuid.uuid4().hex[:8]}"
        self._size = ("-x", str(width), "-y", str(height))

    def _call(self, *words: str) -> str:
        return subprocess.run(
            ["tmux", "-L", self._name, "-f", "/dev/null", *words], capture_output=True, text=True, check=True
        ).stdout

    def __enter__(self) -> Multiplexer:
        self._call("new-session", "-d", *self._size, "env", "-u", "NO_COLOR", "LC_ALL=C.UTF-8", "bash", "--norc", "--noprofile")
        return self

    def __exit__(self, *_: object) -> None:
        self._call("kill-server")

    def type(self, *keys: str) -> None:
        self._call("send-keys", *keys)

    def sees(self, *texts: str) -> None:
        end = time.monotonic() + PATIENCE
        while not all(text in (shown := self._call("capture-pane", "-p")) for text in texts):
            assert time.monotonic() < end, f"{texts!r} never came, on the screen:\n{shown}"
            time.sleep(0.05)
