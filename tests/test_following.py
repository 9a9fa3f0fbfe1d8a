"""The record under the cursor: a portion at a time, the newest cursor alone, and nothing read twice."""

from __future__ import annotations

import pytest

from made import ended, evaluated, made, started
from tui_trainer.app import following
from tui_trainer.app.following import Following
from tui_trainer.events import Stepped
from tui_trainer.runs import log, store
from tui_trainer.runs.store import Run


def a_run(preset: str, steps: int) -> Run:
    reports = [Stepped(step, 1, (1.0 / step,), 1, 1, 1e-3, float(step)) for step in range(1, steps + 1)]
    return made(preset, started(), *reports, evaluated(), ended())


def steps(follow: Following) -> int:
    assert follow.history is not None
    return follow.history.loss.count


def test_a_record_is_read_in_portions_and_the_newest_cursor_wins(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(following, "PORTION", 1 << 11)
    long, short = store.summary(a_run("cnn", 200)), store.summary(a_run("mlp", 3))
    follow = Following()
    assert not follow.read()
    assert follow.history is None
    follow.look_at(long)
    assert follow.read()
    first, left = steps(follow), follow.behind
    assert 0 < first < 200
    assert left > 0
    follow.look_at(short)
    while follow.read():
        pass
    assert steps(follow) == 3
    assert follow.behind == 0
    follow.look_at(long)  # what was read of it is still there
    assert (steps(follow), follow.behind) == (first, left)
    while follow.read():
        pass
    assert steps(follow) == 200
    follow.look_at(None)
    assert follow.history is None


def test_a_run_that_goes_on_grows_and_only_some_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(following, "MOST", 2)
    run, others = made("cnn"), [store.summary(a_run(preset, 2)) for preset in ("mlp", "linear")]
    follow = Following()
    with log.Writer(run.events) as write:
        write(started())
        follow.look_at(store.summary(run))
        assert follow.read()
        assert not follow.read()
        write(Stepped(5, 1, (0.5,), 1, 1, 1e-3, 1.0))
        assert follow.read()
        assert steps(follow) == 1
    for one in others:
        follow.look_at(one)
    follow.look_at(store.summary(run))  # forgotten meanwhile
    assert follow.history is not None
    assert follow.history.started is None
    assert follow.read()
    follow.forget(run)
    assert follow.history is None
