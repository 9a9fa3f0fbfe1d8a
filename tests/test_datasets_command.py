"""`tui-trainer datasets`: what is here, what it costs, one in full, and fetching ahead of a run."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

import sources
from file_server import Server, serving
from tui_trainer import datasets, paths
from tui_trainer.cli import main
from tui_trainer.console import datasets as said
from tui_trainer.console.output import Output
from tui_trainer.console.preparing import Preparing
from tui_trainer.datasets.fetched import FILES
from tui_trainer.session import datasets as outside


@pytest.fixture
def server() -> Iterator[Server]:
    with serving() as state:
        yield state


@pytest.fixture
def small(server: Server, monkeypatch: pytest.MonkeyPatch) -> datasets.Dataset:
    return sources.small("mnist", server, monkeypatch)


def printed(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    assert main(["datasets", *words]) == 0
    return capsys.readouterr().out


def refused(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    assert main(["datasets", *words]) == 2
    return capsys.readouterr().err


def test_the_list_says_what_is_here_and_what_it_costs(capsys: pytest.CaptureFixture[str]) -> None:
    lines = {line.split()[0]: line for line in printed(capsys).splitlines()}
    assert {*datasets.DATASETS} < {*lines}
    assert "in the program" in lines["digits"]
    assert "170.5 MB to fetch" in lines["cifar10"]
    assert "100 classes" in lines["cifar100"]
    assert "50 000 + 10 000" in lines["cifar100"]
    assert "regression" in lines["sine"]
    for file in FILES["cifar10"]:
        place = paths.datasets() / file.path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.touch()
    (line,) = [line for line in printed(capsys).splitlines() if line.startswith("cifar10 ")]
    assert "to fetch" not in line
    assert " here " in line


@pytest.mark.parametrize("width", [40, 70, 80, 120])
def test_the_list_fits(width: int) -> None:
    lines = said.listed(list(datasets.DATASETS.values()), width)
    assert max(map(len, lines)) <= width
    assert ("what it is" in lines[0]) == (width == 120)


def test_the_list_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    found = {one["name"]: one for one in json.loads(printed(capsys, "--json"))}
    assert set(found) == set(datasets.DATASETS)
    one = found["svhn"]
    assert (one["here"], one["bytes_left"], one["train"], one["test"]) == (False, one["fetch_bytes"], 73_257, 26_032)
    assert one["files"] == [str(paths.datasets() / name) for name in ("train_32x32.mat", "test_32x32.mat")]
    assert found["points"]["settings"]["kind"] == "moons"
    assert [one["name"] for one in json.loads(printed(capsys, "mnist", "--json"))] == ["mnist"]


@pytest.mark.parametrize("name", [*datasets.DATASETS])
@pytest.mark.parametrize("width", [50, 100])
def test_one_in_full(name: str, width: int) -> None:
    one = datasets.find(name)
    lines = list(said.in_full(one, width))
    text = " ".join(" ".join(lines).split())
    assert max(len(line) for line in lines if " " in line.strip() and "http" not in line) <= width
    assert lines[0].startswith(f"{name}: ")
    for part in (one.about, one.source, one.licence, *one.classes, *(knob.name for knob in one.knobs)):
        assert part in text
    for file in FILES.get(name, ()):
        assert Path(file.path).name in text
    if one.fetch_bytes:
        assert f"now with tui-trainer datasets fetch {name}" in text
        assert "put there by hand they are used" in text


def test_a_folder_in_full(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("cat", "\x1b[31mdog"):
        (tmp_path / "own" / name).mkdir(parents=True)
        for number in range(8):
            Image.new("L", (4, 4)).save(tmp_path / "own" / name / f"{number}.png")
    text = printed(capsys, f"folder:{tmp_path / 'own'}")
    assert "2 classes" in text
    assert "\\x1b[31mdog, cat" in text
    assert "\x1b" not in text


def test_what_means_nothing_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert "did you mean mnist?" in refused(capsys, "mnst")
    assert "did you mean mnist?" in refused(capsys, "fetch", "mnst")
    assert "tui-trainer datasets fetch cifar10" in refused(capsys, "fetch")
    assert "tui-trainer datasets fetch mnist svhn" in refused(capsys, "mnist", "svhn")
    assert "there is no folder" in refused(capsys, "folder:/nowhere")


def test_fetching_says_how_far_it_is_and_where_it_lies(
    small: datasets.Dataset, server: Server, capsys: pytest.CaptureFixture[str]
) -> None:
    assert not outside.here(small)
    lines = printed(capsys, "fetch", "digits", "mnist").splitlines()
    assert lines[0] == "digits: it comes with the program, nothing is to be fetched"
    assert lines[1].startswith("fetching mnist: 0 of 12 MB, 0 %")
    assert lines[-1].startswith("mnist is here: 14 samples, ")
    assert outside.here(small)
    asked = len(server.asked)
    assert printed(capsys, "fetch", "mnist").splitlines() == lines[-1:]
    assert len(server.asked) == asked


def test_what_cannot_be_had_is_said_and_the_others_are_fetched(
    small: datasets.Dataset, server: Server, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    sources.small("svhn", server, monkeypatch)
    del server.files["t10k-labels-idx1-ubyte.gz"]
    assert main(["datasets", "fetch", "mnist", "svhn"]) == 1
    heard = capsys.readouterr()
    assert heard.err.startswith("tui-trainer: mnist cannot be fetched (127.0.0.1: it answers 404, Not Found")
    assert (
        f"put t10k-labels-idx1-ubyte.gz (4.5 kB) from {server.of('gone/')} into {paths.datasets() / 'MNIST' / 'raw'}" in heard.err
    )
    assert "svhn is here: 14 samples" in heard.out


def test_interrupted_it_says_what_is_kept(small: datasets.Dataset, server: Server, capsys: pytest.CaptureFixture[str]) -> None:
    begun = paths.datasets() / "MNIST" / "raw" / "train-images-idx3-ubyte.gz.part"

    def interrupt(sent: int) -> None:
        end = time.monotonic() + 60
        while time.monotonic() < end and not (begun.is_file() and begun.stat().st_size == 5_000):
            time.sleep(0.01)
        server.statuses = [503] * 1000
        os.kill(os.getpid(), signal.SIGINT)

    server.between, server.cuts = interrupt, [5_000]
    assert main(["datasets", "fetch", "mnist"]) == 130
    assert "stopped; 5.0 kB of 11.6 MB of mnist are kept, and the next fetch goes on from there" in capsys.readouterr().out
    server.statuses.clear()
    server.between, server.cuts = lambda sent: None, []
    assert main(["datasets", "fetch", "mnist"]) == 0
    assert server.asked[-1][0] == "/t10k-labels-idx1-ubyte.gz"
    assert ("/train-images-idx3-ubyte.gz", "bytes=5000-") in server.asked


def test_before_anything_came_nothing_is_kept(
    small: datasets.Dataset, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(outside, "fetch", interrupt)
    assert main(["datasets", "fetch", "mnist"]) == 130
    assert "stopped; nothing of mnist was fetched yet" in capsys.readouterr().out


def test_lists_need_neither_torch_nor_torchvision(run_python: Callable[[str], str]) -> None:
    code = "import sys; from tui_trainer.cli import main; main(['datasets']); main(['datasets', 'cifar10']); "
    assert run_python(code + "print({'torch', 'torchvision', 'numpy'} & set(sys.modules))").splitlines()[-1] == "set()"


def test_a_reader_that_goes_away_ends_it(small: datasets.Dataset) -> None:
    code = "import sys; from tui_trainer.cli import main; sys.exit(main(['datasets', 'fetch', 'digits', 'digits', 'svhn']))"
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, env={**os.environ, "no_proxy": "*"}) as process:
        assert process.stdout is not None
        process.stdout.close()
        assert process.wait(60) == 141


# The line that says how far it is


class Terminal(io.StringIO):
    encoding = "utf-8"

    def isatty(self) -> bool:
        return True


def test_the_live_line_tells_the_time_that_is_left() -> None:
    terminal, now = Terminal(), 0.0
    line = Preparing(Output(terminal), clock=lambda: now)
    for now in (0.0, 1.0, 2.0, 4.0):
        line(f"fetching cifar10: {10 * now:.0f} of 100 MB", int(now * 10e6), 100_000_000)
    drawn = [one.rstrip() for one in terminal.getvalue().split("\r")]
    assert drawn[1] == "◌ fetching cifar10: 0 of 100 MB  ────────────────    0 %"
    assert drawn[-1] == "◌ fetching cifar10: 40 of 100 MB  ━━━━━━╸─────────   40 %  6.0 s left"
    line("converting cifar10")
    assert terminal.getvalue().split("\r")[-1].rstrip() == "◌ converting cifar10"


def test_a_file_gets_a_line_for_every_tenth() -> None:
    file = io.StringIO()
    line = Preparing(Output(file))
    for done in range(101):
        line(f"fetching a: {done} of 100 MB", done * 1_000_000, 100_000_000)
        line(f"fetching a: {done} of 100 MB", done * 1_000_000, 100_000_000)
    assert file.getvalue().splitlines() == [f"fetching a: {done} of 100 MB, {done} %" for done in range(0, 101, 10)]


def test_what_would_steer_a_terminal_is_shown_instead() -> None:
    odd = replace(datasets.find("sine"), about="bold \x1b[2J")
    assert "bold \\x1b[2J" in "".join(said.listed([odd], 120))
    assert "bold \\x1b[2J" in "".join(said.in_full(odd, 120))
