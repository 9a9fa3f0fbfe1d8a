"""The trash: a run in it is gone for everybody, and comes back as it was; what went together comes back together."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from made import ended, made, started
from tui_trainer import paths
from tui_trainer.runs import labels, log, store, swept, trash
from tui_trainer.runs.store import Run, StoreError


def content(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_deleted_run_is_neither_found_nor_counted_and_comes_back_as_it_was() -> None:
    run, other = made("cnn", started(), ended()), made("mlp", ended())
    labels.write(run, name="wide net", note="keep it")
    (run.checkpoints / "best.pt").write_bytes(b"weights")
    before, told = content(run.folder), store.summary(run)
    gone = trash.put(run)
    assert not run.folder.exists()
    assert store.everything() == [other]
    for word in (run.id, run.name, str(gone.run.folder)):
        with pytest.raises(StoreError, match=f"lies in the trash: tui-trainer restore {run.id}"):
            store.find(word)
    with pytest.raises(StoreError, match="there is no run 'wide net'"):
        store.find("wide net")
    assert trash.everything() == [gone]
    assert (gone.id, gone.name, gone.run.id) == (run.id, run.name, run.id)
    assert trash.find("WIDE N") == trash.find(run.id[:3]) == trash.find(run.name) == gone
    assert trash.restore(gone) == run
    assert content(run.folder) == before
    assert store.summary(run) == told
    assert trash.everything() == []


def test_the_only_run_is_said_to_be_in_the_trash() -> None:
    run = made("cnn")
    trash.put(run)
    with pytest.raises(StoreError, match="lies in the trash"):
        store.find(run.id)
    with pytest.raises(StoreError, match="all runs lie in the trash: tui-trainer restore"):
        store.find("last")


def test_what_was_deleted_together_is_the_latest_together() -> None:
    runs = [made("cnn", ended()) for _ in range(4)]
    trash.put(runs[0])
    moment = trash.new_moment()
    for run in runs[1:3]:
        trash.put(run, moment)
    assert {one.id for one in trash.latest()} == {run.id for run in runs[1:3]}
    back, problems = trash.restore_all(trash.latest())
    assert (set(back), problems) == (set(runs[1:3]), [])
    assert [one.id for one in trash.latest()] == [runs[0].id]
    assert trash.restore(trash.latest()[0]) == runs[0]
    assert trash.latest() == []


def test_the_last_is_the_last_even_where_the_clock_goes_back(monkeypatch: pytest.MonkeyPatch) -> None:
    for now in (1_795_000_000, 1_794_000_000, 1_794_000_000):
        monkeypatch.setattr(trash.time, "time_ns", lambda now=now: now * 10**9)
        newest = trash.put(made("cnn", ended()))
        assert trash.latest() == [newest]


def test_a_name_that_was_taken_since_is_said_and_the_others_come_back() -> None:
    runs = [made("cnn", ended()), made("mlp", ended())]
    moment = trash.new_moment()
    for run in runs:
        trash.put(run, moment)
    runs[0].folder.mkdir()  # empty: a rename alone would put the run in its place
    back, problems = trash.restore_all(trash.latest())
    assert back == [runs[1]]
    assert len(problems) == 1
    assert f"run {runs[0].id} cannot be restored: there is a folder" in problems[0]
    assert [one.id for one in trash.everything()] == [runs[0].id]


def test_a_run_that_trains_stays_and_so_does_what_is_no_run(tmp_path: Path) -> None:
    run = made("cnn")
    with log.Writer(run.events), pytest.raises(StoreError, match="is being trained: stop it first"):
        trash.put(run)
    (tmp_path / "pictures").mkdir()
    with pytest.raises(StoreError, match="not the folder of a run"):
        trash.put(Run(tmp_path / "pictures"))
    assert store.everything() == [run]
    assert trash.everything() == []


@pytest.mark.parametrize(
    ("code", "said"),
    [(errno.EXDEV, "is on another disk than"), (errno.ENOSPC, "no space left on device"), (errno.EACCES, "denied")],
)
def test_what_cannot_be_moved_is_said_and_left(code: int, said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    run = made("cnn")

    def rename(path: Path, target: Path) -> None:
        raise OSError(code, os.strerror(code), str(path))

    with monkeypatch.context() as patched:
        patched.setattr(Path, "rename", rename)
        with pytest.raises(StoreError, match=f"run {run.id} cannot be moved to the trash: .*{said}"):
            trash.put(run)
    assert store.everything() == [run]


def test_emptying_removes_for_good_what_is_old_enough() -> None:
    old, new = trash.put(made("cnn", ended()), 1_700_000_000_000_000), trash.put(made("mlp", ended()))
    (paths.trash() / "holiday").mkdir()
    (paths.trash() / ".going-0123" / "checkpoints").mkdir(parents=True)  # of one that was interrupted
    assert trash.empty(older=86_400.0) == 1
    assert trash.everything() == [new]
    assert trash.empty() == 1
    assert trash.empty() == 0
    assert [path.name for path in paths.trash().iterdir()] == ["holiday"]
    with pytest.raises(StoreError, match=f"run {old.id} is not in the trash any more"):
        trash.restore(old)


def test_without_a_trash_it_is_empty() -> None:
    assert (trash.everything(), trash.latest(), trash.empty()) == ([], [], 0)
    with pytest.raises(StoreError, match="the trash is empty"):
        trash.find("7f3a")
    assert not paths.trash().exists()


def test_several_that_fit_and_none_are_said() -> None:
    for _ in range(2):
        trash.put(made("cnn", ended()))
    with pytest.raises(StoreError, match="'20' fits 2 runs in the trash"):
        trash.find("20")
    with pytest.raises(StoreError, match="there is no run 'zzzz' in the trash; there are"):
        trash.find("zzzz")


def test_the_record_of_a_sweep_has_a_run_again_that_was_restored() -> None:
    record, run = swept.begin("mine", {}), made("cnn", ended())
    record.add(("a", 0), run)
    gone = trash.put(run)
    assert record.runs() == {}
    trash.restore(gone)
    assert record.runs() == {("a", 0): run}


def test_no_new_run_gets_an_id_that_may_come_back(monkeypatch: pytest.MonkeyPatch) -> None:
    run = made("cnn", ended())
    trash.put(run)
    drawn = iter([run.id, run.id, "beef"])
    monkeypatch.setattr(store.secrets, "token_hex", lambda size: next(drawn) if size == 2 else "0" * 16)
    assert made("cnn").id == "beef"


def test_runs_that_are_a_link_to_another_place_have_their_trash_there(home: Path, tmp_path: Path) -> None:
    (tmp_path / "large").mkdir()
    home.mkdir()
    (home / "runs").symlink_to(tmp_path / "large")
    run = made("cnn", ended())
    gone = trash.put(run)
    assert gone.run.folder.resolve().is_relative_to(tmp_path / "large")
    with pytest.raises(StoreError, match="lies in the trash"):
        store.find(str(gone.run.folder.resolve()))
    assert store.everything() == []
    assert trash.restore(gone) == run
