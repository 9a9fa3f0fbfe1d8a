"""`runs` with filters, `rename`, `note`, `delete`, `restore` and `trash`, as they are typed."""

from __future__ import annotations

import json
import sys
from dataclasses import replace

import pytest

from made import ended, evaluated, made, started
from tui_trainer.cli import main
from tui_trainer.console import card, output, record, tables
from tui_trainer.runs import labels, log, store, trash
from tui_trainer.runs.store import Run

Said = pytest.CaptureFixture[str]


@pytest.fixture
def three() -> tuple[Run, Run, Run]:
    """A wide cnn at 90 %, an mlp at 50 % and a linear net that diverged."""
    wide = made("cnn", started(), evaluated(), replace(ended(best=0.9), curve=(2.3, 0.5)), lr=1e-2, knobs={"width": 64})
    return wide, made("mlp", ended(best=0.5), lr=1e-3, knobs={"width": 16}), made("linear", ended("diverged", best=None))


def rows(said: Said) -> list[str]:
    return said.readouterr().out.splitlines()


def ids(said: Said) -> list[str]:
    return [line.split()[0] for line in rows(said)[1:]]


def test_runs_that_fit_in_the_order_of_a_column(three: tuple[Run, Run, Run], capsys: Said) -> None:
    wide, narrow, bad = (run.id for run in three)
    for words, found in (
        (["lr>=1e-3", "status:finished"], {wide, narrow}),
        (["val>80"], {wide}),
        (["val>80 cnn"], {wide}),
        (["-cnn"], {narrow, bad}),
        (["-cnn", "width>=8"], {narrow}),
        (["-done", "--sort", "age"], {bad}),
        (["-host:box", "linear", "--reverse"], {bad}),
    ):
        assert main(["runs", *words]) == 0
        assert set(ids(capsys)) == found, words
    for words, order in (
        (["--sort", "best"], [wide, narrow, bad]),
        (["--sort", "best", "--reverse"], [narrow, wide, bad]),
        (["--sort", "preset"], [wide, bad, narrow]),
    ):
        assert main(["runs", *words]) == 0
        assert ids(capsys) == order, words
    assert main(["runs"]) == 0
    newest_first = ids(capsys)
    assert main(["runs", "--reverse"]) == 0
    assert ids(capsys) == newest_first[::-1]


def test_what_runs_are_sorted_by_is_shown(three: tuple[Run, Run, Run], capsys: Said) -> None:
    assert main(["runs", "--sort", "speed"]) == 0
    heading, first, *_ = rows(capsys)
    assert "samples/s" in heading
    assert " 17  now" in first  # 1000 samples in a minute


def test_filters_hold_for_json_too_and_it_has_names_notes_and_curves(three: tuple[Run, Run, Run], capsys: Said) -> None:
    labels.write(three[0], name="wide net", note="keep")
    assert main(["runs", "cnn", "--json"]) == 0
    (one,) = json.loads(capsys.readouterr().out)
    assert (one["name"], one["note"], one["curve"], one["last_accuracy"]) == ("wide net", "keep", [2.3, 0.5], 0.9)
    assert one["samples_per_second"] == pytest.approx(1000 / 60)
    assert main(["runs", "nothing-fits", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == []
    assert main(["runs", "nothing-fits"]) == 0
    assert rows(capsys) == ["none of 3 runs fits nothing-fits"]


def test_figures_of_a_run_that_diverged_are_strict_json(capsys: Said) -> None:
    made("cnn", replace(ended("diverged"), best_loss=float("nan"), last_loss=float("inf")))
    assert main(["runs", "--json"]) == 0
    (one,) = json.loads(capsys.readouterr().out, parse_constant=pytest.fail)
    assert (one["best_loss"], one["last_loss"]) == (None, None)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["runs", "lrr>3"], "there is no column or knob 'lrr'; did you mean lr?"),
        (["runs", "lr>"], "'lr>' asks for nothing yet"),
        (["runs", "--sort", "sped"], "there is no column 'sped'; did you mean speed?"),
        (["runs", "--jsn"], "there is no option --jsn; did you mean --json?"),
        (["rename", "last"], "NAME is needed"),
        (["rename", "last", "x" * 61], "a name has at most 60 characters, this one has 61"),
        (["rename", "last", "last"], "a run cannot be called last"),
        (["restore", "zzzz"], "the trash is empty"),
        (["trash", "--older", "30d"], "--older goes with --empty"),
        (["trash", "--yes"], "--yes goes with --empty"),
        (["trash", "--empty", "--json"], "--json lists the trash"),
        (["trash", "--empty", "--older", "long"], "--older long: a time, such as 90"),
    ],
)
def test_what_is_wrong_is_said_in_a_line(words: list[str], said: str, three: tuple[Run, Run, Run], capsys: Said) -> None:
    assert main(words) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert said in told.err
    assert told.err.count("\n") == 1


def test_a_name_and_a_note_are_given_shown_and_taken_away(three: tuple[Run, Run, Run], capsys: Said) -> None:
    run = three[0]
    assert main(["rename", run.id, "wide", "[bold]net\x1b[2J"]) == 0
    assert rows(capsys) == [f"run {run.id} is called wide [bold]net[2J; tui-trainer show 'wide [bold]net[2J' finds it"]
    assert main(["note", "wide", "try", "wider", "next"]) == 0
    assert rows(capsys) == [f"run {run.id}: try wider next"]
    assert main(["note", run.id]) == 0
    assert rows(capsys) == [f"run {run.id}: try wider next"]
    assert main(["runs"]) == 0
    heading, *lines = rows(capsys)
    assert "name" in heading.split()
    assert heading.split()[-1] == "note"
    (line,) = [line for line in lines if line.startswith(run.id)]
    assert "wide [bold]net[2J" in line
    assert main(["show", "WIDE"]) == 0
    assert rows(capsys)[1:3] == ["  name    wide [bold]net[2J", "  note    try wider next"]
    said = card.lines(record.read(run), run)
    assert said[0].startswith("wide [bold]net[2J: cnn on digits")
    assert "  note      try wider next" in said
    assert main(["rename", three[1].id, "WIDE [bold]net[2J"]) == 0
    assert rows(capsys)[1] == f"{run.id} is called so too: only the id tells them apart"
    assert main(["rename", run.id, three[2].id]) == 0
    assert rows(capsys) == [f"run {run.id} is called {three[2].id}; only its id finds it"]
    assert main(["rename", run.id, ""]) == 0
    assert main(["note", run.id, ""]) == 0
    assert rows(capsys) == [f"run {run.id} has no name of its own any more", f"run {run.id} has no note"]


def test_deleted_together_restored_together(three: tuple[Run, Run, Run], capsys: Said) -> None:
    first, second, third = three
    assert main(["delete", third.id, "--yes"]) == 0
    assert main(["delete", first.id, second.id, first.name, "--yes"]) == 0
    capsys.readouterr()
    assert main(["runs"]) == 0
    assert "all runs lie in the trash" in capsys.readouterr().out
    assert main(["show", first.id]) == 2
    assert f"run {first.id} lies in the trash: tui-trainer restore {first.id} brings it back" in capsys.readouterr().err
    assert main(["trash"]) == 0
    assert {line.split()[0] for line in rows(capsys)[1:4]} == {run.id for run in three}
    assert main(["restore"]) == 0
    assert {line.split()[1] for line in rows(capsys)} == {first.id, second.id}
    assert set(store.everything()) == {first, second}
    assert main(["restore"]) == 0
    assert set(store.everything()) == set(three)
    capsys.readouterr()
    assert main(["restore"]) == 0
    assert rows(capsys) == ["the trash is empty: there is nothing to bring back"]


def test_one_of_them_can_be_restored_by_its_name(three: tuple[Run, Run, Run], capsys: Said) -> None:
    labels.write(three[0], name="wide net")
    assert main(["delete", *(run.id for run in three), "--yes"]) == 0
    assert rows(capsys)[-1] == "tui-trainer restore brings them all back; tui-trainer trash --empty frees the disk"
    assert main(["restore", "wide"]) == 0
    assert rows(capsys)[0].startswith(f"restored {three[0].id}  wide net: cnn on digits")
    assert store.everything() == [three[0]]


def test_where_one_of_them_is_being_trained_none_is_deleted(three: tuple[Run, Run, Run], capsys: Said) -> None:
    with log.Writer(three[1].events):
        assert main(["delete", *(run.id for run in three), "--yes"]) == 2
    assert f"run {three[1].id} is being trained: stop it first" in capsys.readouterr().err
    assert set(store.everything()) == set(three)


def test_one_whose_place_was_taken_stays_in_the_trash(three: tuple[Run, Run, Run], capsys: Said) -> None:
    assert main(["delete", three[0].id, three[1].id, "--yes"]) == 0
    three[0].folder.mkdir()
    assert main(["restore"]) == 2
    assert f"run {three[0].id} cannot be restored: there is a folder" in capsys.readouterr().err
    assert three[1] in store.everything()
    assert [one.id for one in trash.everything()] == [three[0].id]


def test_the_trash_is_listed_and_emptied(three: tuple[Run, Run, Run], capsys: Said) -> None:
    assert main(["trash"]) == 0
    assert main(["trash", "--json"]) == 0
    assert rows(capsys) == ["the trash is empty", "[]"]
    (three[0].checkpoints / "best.pt").write_bytes(b"x" * 2_000_000)
    assert main(["delete", three[0].id, "--yes"]) == 0
    capsys.readouterr()
    assert main(["trash"]) == 0
    heading, line, _, hint = rows(capsys)
    assert heading.split() == ["run", "what", "state", "best", "size", "deleted"]
    assert line.startswith(f"{three[0].id}  cnn on digits  ✓ finished  90.0 %  2.0 MB  ")
    assert hint == "tui-trainer restore RUN brings one back; tui-trainer trash --empty frees 2.0 MB"
    assert main(["trash", "--json"]) == 0
    (one,) = json.loads(capsys.readouterr().out)
    assert (one["run"], one["preset"], one["status"]) == (three[0].id, "cnn", "finished")
    assert one["bytes"] > 2_000_000
    assert main(["trash", "--empty", "--older", "1d", "--yes"]) == 0
    assert rows(capsys) == ["nothing has lain in the trash for so long"]
    assert main(["trash", "--empty"]) == 2
    assert "nobody here to ask, nothing was removed; --yes removes without asking" in capsys.readouterr().err
    assert main(["trash", "--empty", "--yes"]) == 0
    assert rows(capsys) == ["removed 1 run for good, 2.0 MB"]
    assert trash.everything() == []


@pytest.mark.parametrize(("answer", "code", "left"), [("y", 0, 1), ("n", 2, 3), ("", 2, 3), (None, 2, 3)])
def test_a_person_is_asked_first(
    answer: str | None, code: int, left: int, three: tuple[Run, Run, Run], monkeypatch: pytest.MonkeyPatch, capsys: Said
) -> None:
    asked: list[str] = []

    def reply(question: str) -> str:
        asked.append(question)
        if answer is None:
            raise EOFError
        return answer

    monkeypatch.setattr(sys.stdin, "isatty", lambda: True, raising=False)
    monkeypatch.setattr("builtins.input", reply)
    assert main(["delete", three[0].id, three[2].id]) == code
    assert asked == ["move these 2 runs to the trash? [y/N] "]
    assert "✕ diverged" in capsys.readouterr().out
    assert len(store.everything()) == left


def test_what_says_least_makes_way_where_there_is_no_room(three: tuple[Run, Run, Run]) -> None:
    labels.write(three[0], name="n" * 60, note="a note that is longer than any terminal is wide " * 4)
    found = [store.summary(run) for run in three]
    headings = {width: tables.runs(found, width)[0].split() for width in (60, 80, 100, 140)}
    assert "note" not in headings[80]
    assert {"state", "time", "age"} <= set(headings[80])
    assert headings[100][-1] == "note"
    assert {"epoch", "loss", "test", "note"} <= set(headings[140])
    for width in headings:
        assert all(output.columns(line) <= width for line in tables.runs(found, width))
