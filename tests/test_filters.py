"""Words that choose among runs: what each of them means, what is said of wrong ones, and that typing hides nothing."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from tui_trainer import config
from tui_trainer.runs import columns, filters, quantities
from tui_trainer.runs.run import Run
from tui_trainer.runs.summaries import Summary

PLACE = Path("/runs")


def run(number: int, status: str = "finished", settings: dict[str, object] | None = None, **told: object) -> Summary:
    given = {"preset": "cnn", "dataset": "digits", **(settings or {})}
    return Summary(Run(PLACE / f"20261121-071900-x-y-{number:04x}"), status, config.read(given), time=time.time(), **told)  # type: ignore[arg-type]  # fields by name


ALL = {
    "one": run(
        0x7F3A,
        settings={"lr": 1e-3, "knobs": {"width": 32, "activation": "relu"}},
        best_accuracy=0.803,
        last_accuracy=0.79,
        test_accuracy=0.81,
        best_loss=0.611,
        epochs=20,
        steps=1760,
        seconds=552.0,
        parameters=78_042,
        speed=4812.0,
        name="Wide Net",
        note="try wider next; don't stop",
    ),
    "two": run(
        0xC07D,
        "stopped",
        {
            "preset": "mlp",
            "dataset": "cifar10",
            "lr": 1e-2,
            "optimizer": "sgd",
            "nesterov": True,
            "batch_size": 128,
            "seed": 7,
            "knobs": {"width": 64},
        },
        best_accuracy=0.546,
        best_loss=1.297,
        seconds=58.0,
        parameters=1_707_274,
        epochs=4,
    ),
    "three": run(0xBEEF, "running", {"dataset": "folder:~/my pets", "flip": True}, pid=4711, host="far-away", seconds=11.0),
    "four": run(
        0xD3F6,
        "diverged",
        {"preset": "mlp", "dataset": "sine", "lr": 2.0, "data": {"noise": 0.2, "kind": "saw"}},
        task="regression",
        best_mae=0.07,
        best_r2=0.98,
        best_loss=0.008,
    ),
}
EVERY = set(ALL)


def chosen(text: str) -> set[str]:
    found = filters.parse(text, columns.knobs(ALL.values()))
    assert found.problem == "", found.problem
    return {name for name, one in ALL.items() if found.wanted(one)}


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("", EVERY),
        ("   ", EVERY),
        ("lr>=1e-3 dataset:digits status:finished", {"one"}),
        ("lr>=1e-2", {"two", "four"}),
        ("lr>1e-2", {"four"}),
        ("rate<=0.001", {"one", "three"}),
        ("LR=0.01", {"two"}),
        ("lr!=0.01", {"one", "three", "four"}),
        ("mlp", {"two", "four"}),
        ("mlp sgd", {"two"}),
        ("preset:ml", {"two", "four"}),
        ("preset=ml", set()),
        ("preset!=mlp", {"one", "three"}),
        ("-mlp", {"one", "three"}),
        ("-preset:mlp -flip=yes", {"one"}),
        ("done", {"one"}),
        ("status:training", {"three"}),
        ("state=running", {"three"}),
        ("-status:done", {"two", "three", "four"}),
        ("7f3", {"one"}),
        ("f3a", set()),
        ("run:f3a", {"one"}),
        ("id=7f3a", {"one"}),
        ("wide", {"one"}),
        ("name:net", {"one"}),
        ('"wide net"', {"one"}),
        ('name="wide net"', {"one"}),
        ('note:"wider next"', {"one"}),
        ("don't", {"one"}),
        ('note:"wider ne', {"one"}),
        ('-note:"wider next" -sine', {"two", "three"}),
        ("val>80", {"one"}),
        ("val>0.8", {"one"}),
        ("acc<80%", {"two"}),
        ("best=80.3", {"one"}),
        ("val:80", {"one"}),
        ("test>0", {"one"}),
        ("last>=79", {"one"}),
        ("loss<0.01", {"four"}),
        ("mae<0.1", {"four"}),
        ("val>0", {"one", "two"}),
        ("time>2min", {"one"}),
        ("time<1m", {"two", "three"} | {"four"}),
        ("time>9min10s", {"one"}),
        ("took>90", {"one"}),
        ("params<100k params>0", {"one"}),
        ("parameters>=1.7M", {"two"}),
        ("speed>4k", {"one"}),
        ("samples/s>4k", {"one"}),
        ("age<2h", EVERY),
        ("age>1d", set()),
        ("epochs>=20", {"one"}),
        ("batch>32", {"two"}),
        ("batch-size=128", {"two"}),
        ("seed:7", {"two"}),
        ("width>=32", {"one", "two"}),
        ("width=64", {"two"}),
        ("width!=64 width>0", {"one"}),
        ("activation:rel", {"one"}),
        ("noise<0.3", {"four"}),
        ("kind=saw", {"four"}),
        ("saw", {"four"}),
        ("nesterov=yes", {"two"}),
        ("flip:no", {"one", "two", "four"}),
        ("momentum>=0.9", EVERY),
        ("schedule:const", EVERY),
        ("folder:~/my", {"three"}),
        ("dataset:folder:", {"three"}),
        ('dataset="folder:~/my pets"', {"three"}),
        ("far-away", {"three"}),
        ("host:far", {"three"}),
        ("process:4711", {"three"}),
        ("nonsense", set()),
    ],
)
def test_what_words_choose(text: str, names: set[str]) -> None:
    assert chosen(text) == names


@pytest.mark.parametrize(
    "text",
    [
        "lr",
        "lr>",
        "lr>=",
        "lr>1e",
        "lr>1e-",
        "lr>=.",
        "dataset:",
        'note:"',
        "-",
        "-lr>",
        '"',
        "val>-",
        "time>",
        "width>",
        "width>=1e",
    ],
)
def test_while_it_is_typed_nothing_vanishes(text: str) -> None:
    before = chosen("") if text != "lr" else set()
    assert chosen(text) == before
    assert bool(filters.parse(text).unfinished) == (text != "lr")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("lrr>=1e-3", "there is no column or knob 'lrr'; did you mean lr?"),
        ("widht>3", "there is no column or knob 'widht'; did you mean width?"),
        ("datset:digits", "did you mean dataset?"),
        ("qqqq=1", "there is no column or knob 'qqqq'"),
        ("lr>small", "rate is compared with a number, such as 1e-3 or 10k, not 'small'"),
        ("val>high", "best is compared with percent, such as 90, not 'high'"),
        ("time<2weeks!", "time is compared with a time, such as 90, 2min or 1h30min, not '2weeks!'"),
        ("width>wide", "width is compared with a number"),
        ("preset>cnn", "preset is no number: preset:cnn asks for what has that in it"),
        ("digits -lrr:3", "did you mean lr?"),
    ],
)
def test_what_means_nothing_is_said_and_holds_for_all(text: str, said: str) -> None:
    found = filters.parse(text, columns.knobs(ALL.values()))
    assert said in found.problem
    kept = filters.parse(" ".join(word for word in text.split() if word == "digits"))
    assert [found.wanted(one) for one in ALL.values()] == [kept.wanted(one) for one in ALL.values()]


def test_without_the_knobs_any_name_may_be_one() -> None:
    found = filters.parse("width>=64 hiden=3")
    assert found.problem == ""
    assert not any(found.wanted(one) for one in ALL.values())
    assert filters.parse("width>=64").wanted(ALL["two"])


def test_a_filter_says_whether_it_leaves_anything_out() -> None:
    assert not filters.parse("  lr> ")
    assert filters.parse("cnn")


def test_no_text_breaks_it() -> None:
    for text in (
        "::::",
        ">=<=",
        "-->3",
        "lr>=>=3",
        'a"b"c:"',
        "val>" + "9" * 400,
        "lr>1e999",
        "time>1e5",
        "val>%",
        "[b]:x",
        "\x1b[2J",
        "٣>2",
    ):
        found = filters.parse(text, set())
        assert {found.wanted(one) for one in ALL.values()} <= {True, False}
        assert "\n" not in found.problem


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("1e-3", "number", 1e-3),
        ("−5", "number", -5),
        ("10k", "number", 1e4),
        ("1.5M", "number", 1.5e6),
        ("90", "share", 90),
        ("90%", "share", 90),
        ("0.9", "share", 90),
        ("0.9%", "share", 0.9),
        ("90", "duration", 90),
        ("2min", "duration", 120),
        ("1h30min", "duration", 5400),
        ("1h 30m", "duration", 5400),
        ("1.5h", "duration", 5400),
        ("3d", "duration", 259_200),
    ],
)
def test_quantities_as_they_are_typed(text: str, kind: str, value: float) -> None:
    assert quantities.read(text, kind) == pytest.approx(value)


@pytest.mark.parametrize(
    ("text", "kind"),
    [("", "number"), ("ten", "number"), ("%", "share"), ("2 fortnights", "duration"), ("nan", "number"), ("nan", "share")],
)
def test_what_is_no_quantity_is_refused(text: str, kind: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        quantities.read(text, kind)
