"""Samples before training: which are read, how they are laid out, and the screen that turns their pages."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from textual.pilot import Pilot

from made import app_of, opened, text_of, until
from tui_trainer import paths, session
from tui_trainer.app.screens.samples import SamplesScreen
from tui_trainer.app.widgets import samples as drawn
from tui_trainer.config import Config, read
from tui_trainer.engine import gallery
from tui_trainer.engine.digits import read as read_digits
from tui_trainer.engine.errors import TrainingError
from tui_trainer.engine.gallery import Page
from tui_trainer.session.gallery import Asked, Gallery

WITHIN = 30.0


def settings(**changes: object) -> Config:
    return read({"preset": "linear", "dataset": "digits", **changes})


def silent(what: str, done: int = 0, total: int = 0) -> None:
    """Nobody listens."""


def page(config: Config, **asked: object) -> Page:
    wanted = {"at": 0, "count": 6} | asked
    setup = session.configure({"preset": config.preset, "dataset": config.dataset, "data": config.data, "batch_size": 2})
    return gallery.page(setup.config, paths.datasets(), silent, **wanted)  # type: ignore[arg-type]  # by name


def test_a_page_has_the_pictures_of_the_first_epoch_in_its_order() -> None:
    first, second = page(settings()), page(settings(), at=6)
    assert (first.total, first.shape, len(first.pictures), second.at) == (1294, (1, 8, 8), 6, 6)
    assert first.what == "pictures"
    assert not set(first.pictures) & set(second.pictures)
    pictures, labels = read_digits()
    known = {bytes(one.flatten().tolist()): int(label) for one, label in zip(pictures, labels, strict=True)}
    assert [known[one] for one in first.pictures] == list(first.labels)
    assert len(set(first.labels)) > 1, "mixed, as in training"


def test_one_class_alone() -> None:
    found = page(settings(), only=3)
    assert set(found.labels) == {3}
    assert 100 < found.total < 200


def test_the_last_page_is_short_and_beyond_it_is_nothing() -> None:
    assert len(page(settings(), at=1290).pictures) == 4
    assert page(settings(), at=5000).pictures == ()


def test_points_and_curves_are_drawn_in_the_plane() -> None:
    points = page(settings(dataset="points", data={"kind": "xor", "size": 100}))
    assert (points.plane, points.names, points.total, points.what) == (True, ("x1", "x2"), 90, "points")
    assert all(
        (x * y > 0) == (label == 0) for (x, y), label in zip(points.rows, points.labels, strict=True) if min(abs(x), abs(y)) > 0.5
    )
    curve = page(settings(dataset="sine"))
    assert (curve.plane, curve.names, curve.total) == (True, ("x", "y"), 1000)
    assert len(curve.rows) == gallery.MOST_POINTS
    assert [row[0] for row in curve.rows] == sorted(row[0] for row in curve.rows)


def test_a_linear_system_is_a_table() -> None:
    found = page(settings(dataset="linear-system", data={"a": "1 2 3; 4 5 6", "b": "7 8"}))
    assert (found.plane, found.names) == (False, ("x1", "x2", "x3", "y"))
    assert found.rows == ((1, 2, 3, 7), (4, 5, 6, 8))


def test_what_is_not_here_is_not_fetched_unasked() -> None:
    with pytest.raises(TrainingError, match="cifar10 is not here yet: 170 MB have to be fetched; f does it now"):
        page(settings(dataset="cifar10"))


def test_changed_pictures_are_those_of_training(monkeypatch: pytest.MonkeyPatch) -> None:
    setup = session.configure({"preset": "linear", "dataset": "digits", "flip": True})
    plain = gallery.page(setup.config, paths.datasets(), silent, at=0, count=40)
    changed = gallery.page(setup.config, paths.datasets(), silent, at=0, count=40, changed=True)
    mirrored = [picture(one).flip(-1) for one in plain.pictures]
    same = [one == other for one, other in zip(plain.pictures, changed.pictures, strict=True)]
    flipped = [torch.equal(one, picture(other)) for one, other in zip(mirrored, changed.pictures, strict=True)]
    assert all(a or b for a, b in zip(same, flipped, strict=True))
    assert 5 < sum(flipped) < 35


def picture(data: bytes) -> torch.Tensor:
    return torch.tensor(list(data), dtype=torch.uint8).view(8, 8)


@pytest.mark.parametrize(
    ("width", "height", "side"), [(118, 31, 32), (78, 19, 32), (158, 45, 32), (78, 19, 8), (60, 12, 224), (20, 6, 32)]
)
def test_as_many_pictures_as_can_be_made_out(width: int, height: int, side: int) -> None:
    across, down, rows = drawn.places(width, height, side)
    assert across * (2 * rows) + (across - 1) * drawn.GAP <= width
    assert down * (rows + 2) - 1 <= height
    assert rows >= min(drawn.LEAST_ROWS, max(side // 2, drawn.LEAST_ROWS)) or across * down == 1


def eventually(true: Callable[[], bool]) -> None:
    until = time.monotonic() + WITHIN
    while not true():
        assert time.monotonic() < until, "nothing happened"
        time.sleep(0.01)


def test_the_newest_question_is_answered() -> None:
    found = Gallery()
    config = session.configure({"preset": "linear", "dataset": "digits"}).config
    for at in (0, 10, 20, 30):
        found.ask(Asked(config, at, 5, changed=False))
    eventually(lambda: found.page is not None and found.page.at == 30 and not found.busy)
    found.ask(Asked(config.but(dataset="mnist"), 0, 5, changed=False))
    eventually(lambda: "mnist is not here yet" in found.problem)
    found.close()
    assert found._thread is not None
    found._thread.join(WITHIN)
    assert not found._thread.is_alive()


def screen_of(pilot: Pilot[None]) -> SamplesScreen:
    found = app_of(pilot).screen
    assert isinstance(found, SamplesScreen)
    return found


async def looking(pilot: Pilot[None], **given: object) -> SamplesScreen:
    """The page of the dataset in the form, as `v` opens it."""
    app_of(pilot).lab.fill({"preset": "mlp", **given})
    await pilot.pause()
    await pilot.press("escape", "v")
    await until(pilot, lambda: isinstance(pilot.app.screen, SamplesScreen))
    screen = screen_of(pilot)
    await until(pilot, lambda: screen.gallery.version > 0 and not screen.gallery.busy, WITHIN)
    return screen


def shown(pilot: Pilot[None]) -> str:
    return text_of(pilot.app.screen)


async def test_the_pages_of_a_dataset_are_turned() -> None:
    async with opened() as pilot:
        screen = await looking(pilot, dataset="digits", flip=True)
        await until(pilot, lambda: "of 1 294 pictures · as they are" in shown(pilot), WITHIN)
        # the first page is read again where its pictures are of another size than was thought
        await until(pilot, lambda: (found := screen.gallery.page) and len(found.pictures) == screen.samples.room.pictures, WITHIN)
        first = screen.gallery.page
        assert first is not None
        await pilot.press("right")
        await until(pilot, lambda: screen.gallery.page is not None and screen.gallery.page.at == len(first.pictures), WITHIN)
        await pilot.press("left")
        await until(pilot, lambda: screen.gallery.page is not None and screen.gallery.page.at == 0, WITHIN)
        await pilot.press("left")
        await until(pilot, lambda: "–1 294 of 1 294" in shown(pilot), WITHIN)
        await pilot.press("right", "a")
        await until(pilot, lambda: "changed as in training" in shown(pilot), WITHIN)
        await pilot.press("c")
        await until(pilot, lambda: "of 128 pictures" in shown(pilot), WITHIN)
        await pilot.press("escape")
        await until(pilot, lambda: not isinstance(pilot.app.screen, SamplesScreen))
        assert screen.gallery._thread is not None
        await until(pilot, lambda: not screen.gallery._thread.is_alive(), WITHIN)


async def test_what_is_not_here_can_be_fetched_from_the_page() -> None:
    async with opened() as pilot:
        await looking(pilot, dataset="kmnist")
        await until(pilot, lambda: "kmnist is not here yet" in shown(pilot) and "fetch it now" in shown(pilot))


async def test_all_is_said_of_what_cannot_be_fetched() -> None:
    async with opened() as pilot:
        screen = await looking(pilot, dataset="kmnist")
        screen.samples.show(
            None, "kmnist", "no network. By hand: " + "train-images-idx3-ubyte.gz " * 20 + "into a folder", wrong=True
        )
        await until(pilot, lambda: "into a folder" in shown(pilot))


async def test_points_stand_with_their_classes_in_words_and_marks() -> None:
    async with opened() as pilot:
        await looking(pilot, dataset="points", data={"kind": "circles"})
        await until(pilot, lambda: "● outer" in shown(pilot) and "+ inner" in shown(pilot), WITHIN)


async def test_a_plane_is_one_page_and_says_how_many_of_its_points_it_shows() -> None:
    async with opened() as pilot:
        screen = await looking(pilot, dataset="sine")
        await until(pilot, lambda: "600 of 1 000 points" in shown(pilot), WITHIN)
        assert "next page" not in shown(pilot)
        version = screen.gallery.version
        await pilot.press("right", "left", "a")
        await until(pilot, lambda: "samples are trained on as they are" in shown(pilot))
        assert screen.gallery.version == version, "nothing was read again"


@pytest.mark.parametrize("plane", [True, False])
async def test_a_class_that_is_all_held_out_is_said(plane: bool) -> None:
    async with opened() as pilot:
        screen = await looking(pilot, dataset="points")
        shape = (2,) if plane else (1, 8, 8)
        screen.samples.show(Page(shape, ("a", "b"), 0, 0, False, plane=plane), "points")
        await until(pilot, lambda: "none of this class are among those to train on" in shown(pilot))


async def test_a_folder_that_went_away_is_said_in_words(tmp_path: Path) -> None:
    folder = tmp_path / "pets"
    for name in ("cat", "dog"):
        (folder / name).mkdir(parents=True)
        for number in range(10):
            (folder / name / f"{number}.png").touch()
    async with opened() as pilot:
        screen = SamplesScreen(session.configure({"preset": "mlp", "dataset": f"folder:{folder}", "batch_size": 4}))
        folder.rename(tmp_path / "elsewhere")
        await pilot.app.push_screen(screen)
        await until(pilot, lambda: "there is no folder" in shown(pilot), WITHIN)
        assert "Error" not in shown(pilot)
        assert "next page" not in shown(pilot)


async def test_nothing_opens_over_a_form_that_is_wrong() -> None:
    async with opened() as pilot:
        app_of(pilot).lab.fill({"preset": "mlp", "dataset": "digits", "lr": "x"})
        await pilot.press("escape", "v")
        await until(pilot, lambda: "rate needs a number first" in shown(pilot))
        assert pilot.app.screen is app_of(pilot).lab
