"""What a run lives through on a real terminal: hang-ups, hand-overs, signals, kill -9. It ends as if nothing had happened."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from typing import Any

import pytest

from survivors import World, result, share, undisturbed, until, world
from tui_trainer.engine import state

__all__ = ["undisturbed", "world"]
pytestmark = [
    pytest.mark.terminal,
    pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="needs /proc, to find what is left over"),
    pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal"),
]

Figures = dict[str, Any]
UNHEARD = (signal.SIGHUP,)


def goes_on(world: World, first: int) -> int:
    """Until another process than the first has the run, in a session of its own; that one."""
    until(lambda: len(world.hosts()) > 1, "another process")
    heir = world.hosts()[-1]
    assert world.hosts() == [first, heir]
    assert os.getsid(heir) == heir
    return heir


def ends_as(world: World, undisturbed: Figures) -> None:
    until(lambda: world.status == "finished", "the end")
    until(lambda: not world.processes(), "the end of every process")
    assert result(world.run) == undisturbed


# ---- the line drops ----------------------------------------------------------------------------------------------


@pytest.mark.long
def test_hung_up_while_training(world: World, undisturbed: Figures) -> None:
    world.put("slowly")
    with world.app() as terminal:
        terminal.until(lambda: world.steps() > 20, "some steps")
        terminal.hang_up()
        assert terminal.exits() == 0
    heir = goes_on(world, terminal.pid)
    assert world.processes() == [heir]
    world.take("slowly")
    ends_as(world, undisturbed)


def test_hung_up_while_paused_it_rests_until_somebody_lets_it_go_on(world: World, undisturbed: Figures) -> None:
    world.put("slowly")
    with world.app(ignore=UNHEARD) as terminal:
        terminal.until(lambda: world.steps() > 20, "some steps")
        terminal.type(" ")
        terminal.sees("‖ paused")
        terminal.hang_up()
        assert terminal.exits() == 0
    heir = goes_on(world, terminal.pid)
    until(lambda: world.status == "paused" and "RunResumed" in world.kinds(), "the pause there")
    until(lambda: share(heir, 0.5) < 0.2, "a process that does not spin")
    assert world.processes() == [heir]
    world.take("slowly")
    told = world.call("send", "last", "go-on")
    assert told.returncode == 0, told.stderr
    ends_as(world, undisturbed)


@pytest.mark.long
def test_hung_up_while_loading(world: World, undisturbed: Figures) -> None:
    with world.app(ignore=UNHEARD) as terminal:
        terminal.until(lambda: "Hosted" in world.kinds(), "the beginning")
        terminal.hang_up()
        assert terminal.exits() == 0
    goes_on(world, terminal.pid)
    ends_as(world, undisturbed)


def test_hung_up_in_the_middle_of_an_evaluation(world: World, undisturbed: Figures) -> None:
    world.put("hold")
    with world.app() as terminal:
        terminal.until(lambda: world.has("held"), "the evaluation")
        terminal.hang_up()
        until(lambda: "HandOver" in world.asked(), "the wish to hand over")
        world.take("hold")
        assert terminal.exits() == 0
    goes_on(world, terminal.pid)
    ends_as(world, undisturbed)


@pytest.mark.long
def test_hung_up_with_an_editor_open_that_does_not_care(world: World, undisturbed: Figures) -> None:
    script = world.home / "editor"
    script.write_text(f"#!/bin/sh\ntrap '' HUP\necho EDITING\nwhile [ ! -e {world.home}/done ]; do sleep 0.05; done\n")
    script.chmod(0o755)
    world.put("slowly")
    with world.app(ignore=UNHEARD, env={"EDITOR": str(script)}) as terminal:
        terminal.until(lambda: world.steps() > 20, "some steps")
        terminal.type("e")
        terminal.sees("slow.py", "DEFAULTS")
        terminal.type("e")
        terminal.until(lambda: "EDITING" in terminal.screen.scrollback, "the editor")
        terminal.hang_up()
        assert terminal.exits() == 0
    goes_on(world, terminal.pid)
    world.put("done")
    world.take("slowly")
    ends_as(world, undisturbed)


def test_hung_up_without_the_screen(world: World, undisturbed: Figures) -> None:
    world.put("slowly")
    with world.on_terminal(*world.train()) as terminal:
        terminal.until(lambda: world.steps() > 10, "some steps")
        terminal.hang_up()
        assert terminal.exits() == 0
    goes_on(world, terminal.pid)
    world.take("slowly")
    ends_as(world, undisturbed)


# ---- left on purpose ---------------------------------------------------------------------------------------------


@pytest.mark.long
def test_detached_with_a_key_and_then_from_elsewhere(world: World, undisturbed: Figures) -> None:
    world.put("slowly")
    with world.app() as terminal:
        terminal.until(lambda: world.steps() > 20, "some steps")
        terminal.type("d")
        assert terminal.exits() == 0
        assert terminal.restored
        assert f"tui-trainer attach {world.run.id}" in terminal.screen.scrollback
    goes_on(world, terminal.pid)
    until(lambda: "RunResumed" in world.kinds(), "training there")
    told = world.call("send", "last", "detach")
    assert told.returncode == 0, told.stderr
    assert len(set(world.hosts())) == 3
    world.take("slowly")
    ends_as(world, undisturbed)


@pytest.mark.long
def test_detached_from_the_beginning(world: World, undisturbed: Figures) -> None:
    with world.on_terminal(*world.train("--detach")) as terminal:
        assert terminal.exits() == 0
        assert terminal.restored
        assert f"tui-trainer attach {world.run.id}" in terminal.screen.scrollback
    (pid,) = world.hosts()
    assert pid != terminal.pid
    ends_as(world, undisturbed)


def test_two_steer_and_one_watches(world: World) -> None:
    world.put("slowly")
    assert world.call(*world.train("--detach", "--epochs", "1000")).returncode == 0
    until(lambda: world.steps() > 0, "training")
    with world.on_terminal("attach") as one, world.on_terminal("attach", "last") as two, world.on_terminal("watch") as three:
        everybody = (one, two, three)
        three.sees("watching, read-only", "val ")
        for terminal in (one, two):
            terminal.sees("● attached", "val ")
        one.type("]")
        for terminal in everybody:
            terminal.sees("rate 4e-3")
        two.type(" ")
        for terminal in everybody:
            terminal.sees("‖ paused")
        asked = world.asked()
        three.type(" ].[XAdwctngr\r?")
        three.sees("Esc back")  # the help: every key before it was heard
        three.type("\x1b")
        three.sees("‖ paused")
        assert world.asked() == asked
        two.type("X")
        for terminal in everybody:
            terminal.sees("stopped")
            terminal.type("q")
            assert terminal.exits() == 0
            assert terminal.restored
    assert world.status == "stopped"


# ---- signals -----------------------------------------------------------------------------------------------------


def is_kept(world: World) -> bool:
    """Whether the run was stopped, and its weights are those of its last step."""
    return world.status == "stopped" and state.read(world.run.checkpoints / "last.pt")["step"] == world.steps() > 0


@pytest.mark.long
@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def test_a_signal_stops_and_keeps(world: World, number: int, code: int) -> None:
    """A hang-up too, where the terminal is still there: somebody sent it."""
    world.put("slowly")
    with world.on_terminal(*world.train()) as terminal:
        terminal.until(lambda: world.steps() > 10, "some steps")
        terminal.signal(number)
        assert terminal.exits() == code
        assert terminal.restored
    assert is_kept(world)


@pytest.mark.long
def test_the_screen_says_truly_what_a_second_interrupt_left(world: World) -> None:
    world.put("slowly")
    with world.app() as terminal:
        terminal.until(lambda: world.steps() > 30, "some steps")
        world.put("hold")
        terminal.signal(signal.SIGINT)
        terminal.until(lambda: world.has("held"), "the last evaluation")
        terminal.signal(signal.SIGINT)
        assert terminal.exits() == 130
        assert terminal.restored
        assert "lost" in terminal.screen.scrollback
        assert f"tui-trainer resume {world.run.id}" in terminal.screen.scrollback
    assert world.status == "lost"


# ---- killed ------------------------------------------------------------------------------------------------------


@pytest.mark.long
def test_killed_it_is_lost_until_somebody_takes_it_up(world: World, undisturbed: Figures) -> None:
    world.put("slowly")
    assert world.call(*world.train("--detach", "--save-every", "1")).returncode == 0
    with world.on_terminal("attach") as terminal:
        terminal.until(lambda: "CheckpointSaved" in world.kinds(), "a checkpoint")
        terminal.sees("● attached")
        (pid,) = world.hosts()
        refused = world.call("resume", "last")
        assert refused.returncode == 2
        assert f"is being trained by process {pid}" in refused.stderr
        os.kill(pid, signal.SIGKILL)
        terminal.sees("lost at step")
        assert "lost" in world.call("runs").stdout
        taken = world.call("resume", "--all-lost")
        assert taken.returncode == 0, taken.stdout + taken.stderr
        terminal.sees("● attached")
        goes_on(world, pid)
        world.take("slowly")
        terminal.sees("finished")
        terminal.type("q")
        assert terminal.exits() == 0
    ends_as(world, undisturbed)
