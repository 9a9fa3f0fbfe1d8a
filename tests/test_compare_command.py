"""`compare` on the command line: for a terminal of any width, as JSON, CSV and Markdown, and what it refuses."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace

import pytest

from compared import PRESET, STARTED, begun, fitted, ran
from tui_trainer import paths
from tui_trainer.cli import comparing, main
from tui_trainer.console import compare as said
from tui_trainer.console.output import Output, columns
from tui_trainer.runs import compare, side, swept
from tui_trainer.runs.store import Run


@pytest.fixture
def two() -> list[Run]:
    return [ran([0.5, 0.8, 0.7], test=0.75), ran([0.6, 0.9], lr=0.01, preset="mlp", epochs=3, reason="stopped")]


def ids(runs: list[Run]) -> list[str]:
    return [run.id for run in runs]


def printed(runs: list[Run], axis: str = "epoch", width: int = 100, *, colours: bool = False, unicode: bool = True) -> list[str]:
    return said.lines(compare.read(runs), axis, width, colours=colours, unicode=unicode)


def test_a_comparison_in_print(two: list[Run], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["compare", *ids(two)]) == 0
    out = capsys.readouterr().out
    lines = out.splitlines()
    assert lines[0] == "2 runs on digits"
    assert lines[2].split("  ")[:2] == ["", " run"]
    assert lines[3].split()[:7] == ["B", two[1].id, "mlp", "‖", "stopped", "90.0", "%"]
    assert lines[4].split()[:3] == ["A", two[0].id, "linear"]
    assert "what differs; 22 settings are the same" in lines or any(line.startswith("what differs; ") for line in lines)
    assert ["rate", "1e-3", "1e-2"] in [line.split() for line in lines]
    assert ["preset", "linear", "mlp"] in [line.split() for line in lines]
    assert ["dog", "60.0", "80.0", "20.0"] in [line.split() for line in lines]
    assert "  ! B is not finished but stopped, after 2 epochs, 20 steps of 3 epochs" in lines
    assert "  --by epoch --cut compares them cut at 2 epochs" in lines
    assert "B (90.0 %) leads A (80.0 %) by 10.0 points: more than the noise of the validation split" in " ".join(out.split())
    assert "tested: a test of two proportions" in out
    assert "validation accuracy in %" in out


@pytest.mark.parametrize("axis", side.AXES)
def test_curves_end_in_their_letters(axis: str, two: list[Run]) -> None:
    lines = printed(two, axis)
    start = lines.index("  validation accuracy in %")
    chart = lines[start + 1 : start + 17]
    assert chart[-1].strip() == axis
    assert "".join(letter for line in chart[:-1] for letter in line if letter in "AB") == "BA"
    assert "\x1b" not in "".join(chart)
    assert "\x1b[38;5;75m" in "".join(printed(two, axis, colours=True))


def test_ends_in_the_same_place_share_it() -> None:
    ends = (0.944, 0.924, 0.938, 0.944, 0.91, 0.958, 0.951)  # three of them on two rows of the chart
    crowd = printed([ran([0.77, 0.972, end], lr=10.0**-at) for at, end in enumerate(ends)])
    start = crowd.index("  validation accuracy in %")
    assert sorted(letter for line in crowd[start + 1 : start + 16] for letter in line if letter in "ABCDEFG") == list("ABCDEFG")
    assert any("ABCDEFGH" in line for line in printed([ran([0.5, 0.8], lr=10.0**-at) for at in range(8)], width=40))
    assert any("AB" in line for line in printed([ran([0.5, 0.8]), ran([0.6, 0.8], lr=0.01)]))
    long = [0.5 + 0.04 * epoch for epoch in range(9)]
    other = [value - 0.2 for value in long]
    assert "".join(printed([ran(long), ran(other, lr=0.01)])[5:23]).count("A") == 3
    assert "".join(printed([ran([0.5]), ran([0.5], lr=0.01)])).count("AB") == 1


@pytest.mark.parametrize("width", [40, 80, 120])
def test_lines_fit_the_terminal(width: int, two: list[Run]) -> None:
    runs = [*two, *(ran([0.5, 0.6], momentum=0.1 * at, preset="a-preset-of-a-long-name") for at in range(6))]
    lines = printed(runs, width=width)
    assert max(map(columns, lines)) <= width
    text = " ".join(" ".join(lines).split())
    assert "A linear; B mlp; C, D, E, F, G and H a-preset" in text or width == 120
    assert all(run.id in text for run in runs)
    assert max(map(columns, said.lines(compare.read(two), "epoch", width, colours=False))) <= width


def test_without_unicode_curves_are_drawn_with_their_letters(two: list[Run]) -> None:
    stream = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    out = Output(stream)
    out.lines(printed(two, unicode=out.unicode))
    stream.seek(0)
    text = stream.read()
    assert text.isascii()
    assert "aaa" in text
    assert "bbb" in text


def test_an_edited_preset_is_shown_as_a_diff() -> None:
    lines = printed([ran([0.5]), ran([0.6], text=PRESET.replace("8", "16"))])
    at = lines.index("the preset file of A and that of B")
    assert lines[at + 1 : at + 3] == ["--- A/linear.py", "+++ B/linear.py"]
    many = printed([ran([0.5]), ran([0.6], text=PRESET + "\n".join(f"x{at} = 0" for at in range(80)))])
    assert any(line.endswith("more lines; --json has all") for line in many)
    assert not any(line.startswith("the preset file of") for line in printed([ran([0.5]), ran([0.6], text="x = 1", preset="mlp")]))


def test_many_classes_are_cut_to_those_that_differ_most() -> None:
    started = replace(STARTED, classes=tuple(f"class-{at}" for at in range(2)))
    found = compare.read([ran([0.5], started=started), ran([0.6], lr=0.01)])
    assert found.classes == ()
    assert not any(line.startswith("classes found") for line in said.lines(found, "epoch", 80, colours=False))
    wide = replace(found, classes=tuple(compare.ClassRow(f"class {at}", (0.5, 0.6)) for at in range(20)))
    lines = said.lines(wide, "epoch", 80, colours=False)
    assert "… 8 more classes, less apart; --json has all" in lines


def test_regression_is_told_by_its_loss(capsys: pytest.CaptureFixture[str]) -> None:
    runs = [fitted([0.5, 0.2]), fitted([0.4, 0.1], lr=0.01)]
    assert main(["compare", *ids(runs)]) == 0
    out = capsys.readouterr().out
    assert "best loss" in out
    assert "MAE" in out
    assert "validation loss\n" in out
    assert "validation loss, logarithmic" in printed([fitted([5.0, 0.01]), fitted([0.4], lr=0.01)])[6]
    assert out.splitlines()[3].split()[:4] == ["B", runs[1].id, "linear,", "rate"]


def test_classification_beside_regression_shares_what_it_can(capsys: pytest.CaptureFixture[str]) -> None:
    runs = [ran([0.5]), fitted([0.4])]
    assert main(["compare", *ids(runs)]) == 0
    out = " ".join(capsys.readouterr().out.split())
    assert "tasks differ: A classification; B regression: only time, size, speed and settings stand side by side" in out
    assert "no verdict: no figure ranks classification beside regression" in out
    assert "parameters" in out
    assert "best val" not in out


def test_runs_that_have_done_nothing_yet_are_no_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["compare", *ids([begun(), begun(lr=0.1)])]) == 0
    assert "A is new, and has learned nothing yet" in capsys.readouterr().out
    same = ids([ran([0.5]), ran([0.6])])
    assert main(["compare", *same]) == 0
    assert "no setting differs; " in capsys.readouterr().out


def test_json_has_everything(two: list[Run], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["compare", *ids(two), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    one, other = found["runs"]
    assert (found["task"], found["leaderboard"]) == ("classification", ["B", "A"])
    assert (one["letter"], one["run"], one["best_accuracy"], one["best_epoch"], one["test_accuracy"]) == (
        "A",
        two[0].id,
        0.8,
        2,
        0.75,
    )
    assert (other["status"], other["test_accuracy"], other["config"]["lr"]) == ("stopped", None, 0.01)
    assert [spot["value"] for spot in one["curves"]["accuracy"]] == [0.5, 0.8, 0.7]
    assert one["curves"]["accuracy"][1] == {"step": 20, "epoch": 2.0, "seconds": 2.0, "samples": 400.0, "value": 0.8}
    assert {"setting": "lr", "values": [0.001, 0.01]} in found["differing"]
    (test,) = found["tests"]
    assert (test["ahead"], test["behind"], test["test"]["name"]) == (["B"], ["A"], "test of two proportions")
    assert test["test"]["significant"] is True
    assert found["verdicts"][0] == test["text"]
    assert found["classes"][0]["class"] == "dog"
    assert {"unfinished", "budget"} == {one["kind"] for one in found["fairness"]}


def test_json_of_what_is_not_finite_is_strict(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["compare", *ids([fitted([float("nan")]), fitted([0.4])]), "--json"]) == 0
    found = json.loads(capsys.readouterr().out, parse_constant=lambda word: pytest.fail(f"{word} is no JSON"))
    assert found["runs"][0]["best_loss"] is None


def test_csv_has_a_row_a_run(two: list[Run], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["compare", *ids(two), "--csv"]) == 0
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert [(row["letter"], row["run"], row["best_accuracy"]) for row in rows] == [("B", two[1].id, "0.9"), ("A", two[0].id, "0.8")]
    assert [row["setting lr"] for row in rows] == ["0.01", "0.001"]
    assert [row["class dog"] for row in rows] == ["0.8", "0.6"]
    assert [row["test_accuracy"] for row in rows] == ["", "0.75"]
    assert (rows[0]["mean_seeds"], rows[0]["mean_best"], rows[0]["setting"]) == ("1", "0.9", "mlp")


def test_a_letter_is_a_setting_and_every_run_is_listed(capsys: pytest.CaptureFixture[str]) -> None:
    runs = [
        ran([right], seed=seed, lr=lr, test=right)
        for lr, base in ((1e-3, 0.8), (1e-2, 0.6))
        for seed, right in enumerate((base, base + 0.02))
    ]
    assert main(["compare", *ids(runs)]) == 0
    out = capsys.readouterr().out.splitlines()
    assert out[0] == "4 runs on digits, 2 settings"
    assert out[3].split()[:8] == ["A", "2", "runs", "linear,", "rate", "1e-3", "81.0", "%"]
    assert [line.split()[:3] for line in out[8:12]] == [
        ["A", runs[0].id, "0"],
        ["A", runs[1].id, "1"],
        ["B", runs[2].id, "0"],
        ["B", runs[3].id, "1"],
    ]
    assert main(["compare", *ids(runs), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert [(one["letter"], one["seeds"], one["test"]) for one in found["settings"]] == [("A", 2, 0.81), ("B", 2, 0.61)]
    assert [one["letter"] for one in found["runs"]] == ["A", "A", "B", "B"]
    assert main(["compare", *ids(runs), "--csv"]) == 0
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert [(row["letter"], row["seed"], row["mean_best"]) for row in rows][:2] == [("A", "1", "0.81"), ("A", "0", "0.81")]
    assert main(["compare", *ids(runs), "--markdown"]) == 0
    assert f"| A | {runs[1].id} | 1 | ✓ finished | 82.0 % | 1 | 82.0 % | 1.0 s |" in capsys.readouterr().out.splitlines()


def test_runs_are_cut_where_the_shortest_ended(two: list[Run], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["compare", *ids(two), "--cut"]) == 0
    out = capsys.readouterr().out
    assert out.startswith("2 runs on digits, cut at 2 epochs\n")
    assert "cut at 2 epochs: as if every run had ended there" in out
    assert main(["compare", *ids(two), "--cut-at", "1", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["cut"] == {"axis": "epoch", "at": 1.0}
    assert [one["best"] for one in found["settings"]] == [0.6, 0.5]
    alike = ids([ran([0.5]), ran([0.6], lr=0.01)])
    assert main(["compare", *alike, "--cut"]) == 0
    assert "nothing is cut: by epoch all went as far" in capsys.readouterr().err


def test_a_sweep_is_compared_by_its_labels(capsys: pytest.CaptureFixture[str]) -> None:
    record = swept.begin("nets", {})
    for label, right in (("wide", 0.8), ("deep", 0.7)):
        for seed in (0, 1):
            record.add((label, seed), ran([right + seed / 100], seed=seed, knobs={"width": len(label) + round(right * 10)}))
    edited = ran([0.1], seed=2, knobs={"width": 1})  # of before its file was changed
    record.add(("wide", 2), Run(edited.folder.rename(paths.runs() / "20200101-000000-linear-digits-aaaa")))
    assert main(["compare", "--sweep", "nets"]) == 0
    out = capsys.readouterr().out
    assert [line.split()[:4] for line in out.splitlines()[3:5]] == [["A", "2", "runs", "wide"], ["B", "2", "runs", "deep"]]
    assert main(["compare", "--sweep", "net"]) == 2
    assert "no sweep 'net' was begun: did you mean nets?" in capsys.readouterr().err


def test_markdown_has_the_same_tables(two: list[Run], capsys: pytest.CaptureFixture[str]) -> None:
    edited = ran([0.6], text=PRESET.replace("8", "16"))
    assert main(["compare", *ids([*two, edited]), "--markdown"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "**3 runs on digits**"
    assert "| setting | A | B | C |" in lines
    assert "|---|---:|---:|---:|" in lines
    assert "| rate | 1e-3 | 1e-2 | 1e-3 |" in lines
    assert lines.count("```diff") == 1
    assert any(line.startswith("- ! B is not finished") for line in lines)
    assert any(line.startswith("- B (90.0 %) leads A (80.0 %)") for line in lines)


@pytest.mark.parametrize(
    ("words", "error"),
    [
        ([], "there are no runs yet"),
        (["{0}"], "two to 64 runs can be compared, not one"),
        (["{0}", "{0}"], "is given twice"),
        (["{0}", "zzzz"], "there is no run 'zzzz'"),
        (["{0}"] * 9, "is given twice"),
        (["{0}", "{1}", "--by", "minutes"], "--by"),
        (["{0}", "{1}", "--sweep", "nets"], "either runs or --sweep NAME can be compared, not both"),
        (["--sweep", "nets"], "no sweep 'nets' was begun: none was begun yet"),
        (["{0}", "{1}", "--cut-at", "0"], "'0' is no amount above 0"),
        (["{0}", "{1}", "--json", "--csv"], "--csv"),
    ],
)
def test_what_is_wrong_is_said_in_a_line(words: list[str], error: str, capsys: pytest.CaptureFixture[str]) -> None:
    runs = [begun(), begun()] if words else []
    assert main(["compare", *(word.format(*ids(runs)) for word in words or ["zzzz", "last"])]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert error in err
    assert err.count("\n") == 1


def test_more_than_eight_are_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["compare", *ids([begun(lr=10.0**-at) for at in range(9)])]) == 2
    assert "up to 8 settings can be compared, not 9" in capsys.readouterr().err


def test_lost_settings_are_said(two: list[Run], capsys: pytest.CaptureFixture[str]) -> None:
    two[1].config_file.write_text("{}")
    assert main(["compare", *ids(two)]) == 2
    assert f"the settings of run {two[1].id} cannot be used" in capsys.readouterr().err


def test_the_axes_of_the_option_are_those_of_the_curves() -> None:
    assert comparing.AXES == side.AXES
