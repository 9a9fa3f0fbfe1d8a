"""One file over a line that drops, lies or ends: it arrives whole and verified, or not at all."""

from __future__ import annotations

import errno
import hashlib
import os
import random
import re
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from file_server import Server, serving
from tui_trainer.engine import download, part, wire
from tui_trainer.engine.errors import TrainingError

CONTENT = random.Random(1).randbytes(300_000)
OTHER = random.Random(2).randbytes(300_000)


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(download, "PAUSE", 0.001)
    monkeypatch.setenv("no_proxy", "*")


@pytest.fixture
def server() -> Iterator[Server]:
    with serving() as state:
        state.files["a.bin"] = CONTENT
        yield state


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return tmp_path / "some" / "folder" / "a.bin"


def md5(content: bytes) -> str:
    return hashlib.md5(content, usedforsecurity=False).hexdigest()


def fetch(server: Server, place: Path, tell: download.Tell = lambda done, total: None, *more: str) -> None:
    download.fetch([server.of("a.bin"), *more], place, md5(CONTENT), tell)


def beginning(place: Path, content: bytes) -> None:
    """What an earlier try may have left."""
    place.parent.mkdir(parents=True)
    part.Part(place).append(content)


def names(place: Path) -> list[str]:
    return sorted(path.name for path in place.parent.iterdir())


def test_it_arrives_whole_with_nothing_beside_it(server: Server, place: Path) -> None:
    fetch(server, place)
    assert place.read_bytes() == CONTENT
    assert names(place) == ["a.bin"]
    assert server.sent == len(CONTENT)


@pytest.mark.parametrize("lengths", [True, False])
def test_progress_goes_up_to_the_whole(server: Server, place: Path, lengths: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire, "STEP", 0)
    server.lengths = lengths
    told: list[tuple[int, int]] = []
    fetch(server, place, lambda done, total: told.append((done, total)))
    assert [done for done, _ in told] == sorted(done for done, _ in told)
    assert told[-1] == (len(CONTENT), len(CONTENT) if lengths else 0)
    assert any(0 < done < len(CONTENT) for done, _ in told)
    assert place.read_bytes() == CONTENT


def test_a_cut_connection_is_taken_up_where_it_ended(server: Server, place: Path) -> None:
    server.cuts = [120_000, 50_000]
    fetch(server, place)
    assert place.read_bytes() == CONTENT
    assert [wanted for _, wanted in server.asked] == ["", "bytes=120000-", "bytes=170000-"]
    assert server.sent == len(CONTENT)


def test_a_body_in_pieces_that_is_cut_is_not_taken_for_whole(server: Server, place: Path) -> None:
    server.lengths, server.cuts = False, [50_000]
    fetch(server, place)
    assert place.read_bytes() == CONTENT
    assert len(server.asked) == 2


def test_a_server_without_ranges_is_asked_for_the_whole(server: Server, place: Path) -> None:
    server.ranges, server.cuts = False, [120_000]
    fetch(server, place)
    assert place.read_bytes() == CONTENT
    assert server.sent == 120_000 + len(CONTENT)


def test_given_up_in_the_middle_it_goes_on_from_there(server: Server, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire, "STEP", 0)
    gave_up = threading.Event()
    server.between = lambda sent: gave_up.wait(60) if sent >= 150_000 else None  # type: ignore[func-returns-value, assignment]  # waits

    def give_up(done: int, total: int) -> None:
        if done >= 100_000:
            gave_up.set()
            raise InterruptedError("enough")  # an OSError, which must not be taken for one of the network

    with pytest.raises(InterruptedError, match="enough"):
        fetch(server, place, give_up)
    kept = part.Part(place).size
    assert 100_000 <= kept < len(CONTENT)
    assert not place.exists()
    fetch(server, place)
    assert server.asked[-1] == ("/a.bin", f"bytes={kept}-")
    assert place.read_bytes() == CONTENT


def test_it_can_be_given_up_while_nothing_comes(server: Server, place: Path) -> None:
    hang = threading.Event()
    server.between = lambda sent: hang.wait(60) if sent >= 50_000 else None  # type: ignore[func-returns-value, assignment]  # waits
    told = []

    def tell(done: int, total: int) -> None:
        told.append(time.monotonic())
        if done >= 50_000 and len(told) > 8:
            raise KeyboardInterrupt

    try:
        with pytest.raises(KeyboardInterrupt):
            fetch(server, place, tell)
    finally:
        hang.set()
    assert part.Part(place).size == 50_000


def test_a_part_of_another_version_is_thrown_away(server: Server, place: Path) -> None:
    server.files["a.bin"], server.cuts = OTHER, [120_000, 0, 0, 0]
    with pytest.raises(download.NotFetched):
        fetch(server, place)
    assert part.Part(place).size == 120_000
    server.files["a.bin"] = CONTENT
    fetch(server, place)
    assert server.asked[-1] == ("/a.bin", "bytes=120000-")
    assert server.sent == 120_000 + len(CONTENT)  # its tag is another one, so the answer was the whole
    assert place.read_bytes() == CONTENT


@pytest.mark.parametrize("garbage", [OTHER[:120_000], OTHER, OTHER + OTHER])
def test_a_part_of_something_else_is_found_out_by_the_checksum(server: Server, place: Path, garbage: bytes) -> None:
    beginning(place, garbage)
    fetch(server, place)
    assert place.read_bytes() == CONTENT


def test_a_part_that_was_whole_when_the_process_was_killed_is_not_asked_for_again(server: Server, place: Path) -> None:
    beginning(place, b"")
    made = part.Part(place)
    made.begin((server.of("a.bin"), "", len(CONTENT)))
    made.append(CONTENT)
    fetch(server, place)
    assert server.asked == []
    assert place.read_bytes() == CONTENT


def test_a_wrong_checksum_leaves_nothing_and_says_so(server: Server, place: Path) -> None:
    server.files["a.bin"] = OTHER
    with pytest.raises(download.NotFetched, match=re.escape("127.0.0.1: what came is not the file, its checksum is another")):
        fetch(server, place)
    assert names(place) == []
    assert len(server.asked) == 1


def test_the_next_address_is_tried_and_gets_the_rest(server: Server, place: Path) -> None:
    server.files["mirror.bin"] = CONTENT
    server.cuts = [120_000]
    server.between = lambda sent: server.statuses.append(404) if sent == 120_000 else None
    fetch(server, place, lambda done, total: None, server.of("mirror.bin"))
    assert server.asked == [("/a.bin", ""), ("/a.bin", "bytes=120000-"), ("/mirror.bin", "bytes=120000-")]
    assert place.read_bytes() == CONTENT


def test_not_found_is_said_for_every_address(server: Server, place: Path) -> None:
    server.files.clear()
    with pytest.raises(download.NotFetched, match=r"127\.0\.0\.1: it answers 404, Not Found; 127\.0\.0\.1: it answers 404"):
        fetch(server, place, lambda done, total: None, server.of("b.bin"))
    assert len(server.asked) == 2


def test_a_busy_server_is_asked_again(server: Server, place: Path) -> None:
    server.statuses = [503, 429]
    fetch(server, place)
    assert place.read_bytes() == CONTENT
    server.statuses = [500] * 10
    with pytest.raises(download.NotFetched, match="it answers 500"):
        fetch(server, place.with_name("b.bin"))
    assert len(server.statuses) == 10 - 1 - download.TRIES


def test_nobody_there(place: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(download.NotFetched, match=r"127\.0\.0\.1: nobody answers there"):
        download.fetch([f"http://127.0.0.1:{port}/a.bin"], place, md5(CONTENT), lambda done, total: None)


def test_a_name_that_is_not_found(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_name(*_: object) -> object:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(wire.socket, "getaddrinfo", no_name)
    with pytest.raises(download.NotFetched, match=r"data\.invalid: its name is not found, as without a network"):
        download.fetch(["https://data.invalid/a.bin"], place, md5(CONTENT), lambda done, total: None)


def test_silence_ends_in_words(server: Server, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire, "PATIENCE", 0.1)
    monkeypatch.setattr(download, "TRIES", 0)
    silent = socket.create_server(("127.0.0.1", 0))
    with silent, pytest.raises(download.NotFetched, match="no answer for"):
        download.fetch([f"http://127.0.0.1:{silent.getsockname()[1]}/a"], place, md5(CONTENT), lambda done, total: None)


def test_a_login_page_is_not_the_file_and_costs_nothing_that_was_here(server: Server, place: Path) -> None:
    beginning(place, CONTENT[:120_000])
    server.page = True
    with pytest.raises(download.NotFetched, match="a web page came instead of the file, as from a network that wants a login"):
        fetch(server, place)
    server.page = False
    fetch(server, place)
    assert server.asked[-1] == ("/a.bin", "bytes=120000-")
    assert place.read_bytes() == CONTENT


def test_redirects_are_followed_with_their_ranges(server: Server, place: Path) -> None:
    server.files["elsewhere"] = CONTENT
    server.moved_to = server.of("elsewhere")
    beginning(place, CONTENT[:120_000])
    fetch(server, place)
    assert server.asked == [("/a.bin", "bytes=120000-"), ("/elsewhere", "bytes=120000-")]
    assert place.read_bytes() == CONTENT


def test_a_disk_that_fills_up_keeps_what_came(server: Server, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def write(descriptor: int, content: bytes) -> int:
        room = 50_000 - os.fstat(descriptor).st_size
        if not room:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return real(descriptor, content[:room])

    real = os.write
    with monkeypatch.context() as patched:
        patched.setattr(os, "write", write)
        with pytest.raises(TrainingError, match=r"the disk is full: a\.bin needs more room in .*; the next try goes on from there"):
            fetch(server, place)
    assert part.Part(place).size == 50_000
    fetch(server, place)
    assert server.asked[-1] == ("/a.bin", "bytes=50000-")
    assert place.read_bytes() == CONTENT


def test_a_disk_without_room_is_said_before_it_is_filled(server: Server, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = type("Usage", (), {"free": 1000})
    monkeypatch.setattr(part.shutil, "disk_usage", lambda folder: usage)
    with pytest.raises(TrainingError, match=r"the disk is full: a\.bin needs 300\.0 kB more in "):
        fetch(server, place)
    assert part.Part(place).size == 0


def test_a_place_that_cannot_be_written(server: Server, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(TrainingError, match="cannot be written"):
        fetch(server, tmp_path / "file" / "a.bin")
    assert server.asked == []


def test_a_damaged_file_in_the_place_is_replaced(server: Server, place: Path) -> None:
    place.parent.mkdir(parents=True)
    place.write_bytes(b"half of it")
    fetch(server, place)
    assert place.read_bytes() == CONTENT


def test_only_one_has_its_turn(tmp_path: Path) -> None:
    lock, waited = tmp_path / "home" / ".lock", []
    mine, done = threading.Event(), threading.Event()

    def other() -> None:
        with part.turn(lock, lambda: None):
            mine.set()
            done.wait(60)

    def wait() -> None:
        waited.append(True)
        if len(waited) == 3:
            done.set()

    thread = threading.Thread(target=other)
    thread.start()
    assert mine.wait(60)
    with part.turn(lock, wait):
        assert len(waited) >= 3
    thread.join()


def test_who_gives_up_waiting_for_a_turn_disturbs_nobody(tmp_path: Path) -> None:
    def give_up() -> None:
        raise KeyboardInterrupt

    with part.turn(tmp_path / ".lock", give_up):
        with pytest.raises(KeyboardInterrupt), part.turn(tmp_path / ".lock", give_up):
            pass
        with pytest.raises(KeyboardInterrupt), part.turn(tmp_path / ".lock", give_up):
            pass
    with part.turn(tmp_path / ".lock", give_up):
        pass


def test_the_line_in_steps_calls_back_while_connecting(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[float] = []

    def wait() -> None:
        calls.append(time.monotonic())
        if len(calls) == 3:
            raise KeyboardInterrupt

    silent = socket.create_server(("127.0.0.1", 0))
    with silent, pytest.raises(KeyboardInterrupt):
        wire.open_(f"http://127.0.0.1:{silent.getsockname()[1]}/", {}, wait)
    assert len(calls) == 3
