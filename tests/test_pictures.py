"""Half-block pictures and the strip of mistakes."""

from __future__ import annotations

import base64

import pytest
from rich.color import Color
from textual.pilot import Pilot

from stage import drawn, staged, style_of
from tui_trainer.app import palette as palettes
from tui_trainer.app.views.mistakes import MistakeStrip, shared
from tui_trainer.app.widgets.pictures import halfblocks, resampled
from tui_trainer.app.widgets.rows import width_of
from tui_trainer.events import Probed

INK = palettes.choose()


def test_two_pixels_stand_in_one_cell() -> None:
    (row,) = halfblocks(bytes([255, 255, 0, 0]), (1, 2, 2), 2, 1, INK)
    assert [(one.text, one.style.color, one.style.bgcolor) for one in row if one.style] == [
        ("▀▀", Color.from_rgb(255, 255, 255), Color.from_rgb(0, 0, 0))
    ]


def test_channels_are_red_green_blue() -> None:
    (row,) = halfblocks(bytes([200, 200, 100, 100, 50, 50]), (3, 2, 1), 1, 1, INK)
    assert row[0].style
    assert row[0].style.color == Color.from_rgb(200, 100, 50)


def test_a_smaller_picture_is_the_mean_of_its_boxes() -> None:
    data = bytes([0, 100, 10, 20, 100, 200, 30, 40])
    assert resampled(data, (1, 2, 4), 2, 1) == [[(100,) * 3, (25,) * 3]]


def test_a_larger_picture_repeats_its_pixels() -> None:
    assert resampled(bytes([7, 9]), (1, 1, 2), 4, 2) == [[(7,) * 3, (7,) * 3, (9,) * 3, (9,) * 3]] * 2


@pytest.mark.parametrize("size", [(5, 3), (16, 8), (7, 7), (28, 14), (1, 1)])
def test_any_size_is_exactly_filled_and_keeps_the_mean(size: tuple[int, int]) -> None:
    columns, rows = size
    lines = halfblocks(bytes([90] * 28 * 28), (1, 28, 28), columns, rows, INK)
    assert [width_of(one) for one in lines] == [columns] * rows
    pixels = resampled(bytes([90] * 28 * 28), (1, 28, 28), columns, 2 * rows)
    assert {pixel for row in pixels for pixel in row} == {(90, 90, 90)}


def test_fewer_bits_make_longer_runs() -> None:
    data = bytes(range(100, 108)) * 2
    assert len(halfblocks(data, (1, 2, 8), 8, 1, INK)[0]) == 8
    assert len(halfblocks(data, (1, 2, 8), 8, 1, INK, bits=3)[0]) == 1


@pytest.mark.parametrize("depth", ["16", "none"])
def test_characters_where_colours_are_few(depth: str) -> None:
    rows = halfblocks(bytes([0, 128, 255] * 2), (1, 2, 3), 3, 1, palettes.choose(depth=depth))
    assert rows[0][0].text in {" =@", " +@"}


def test_wrong_shapes_are_refused_in_words() -> None:
    with pytest.raises(ValueError, match="5 bytes are not a picture of 1×2×2"):
        halfblocks(bytes(5), (1, 2, 2), 2, 1, INK)


def test_the_longer_name_is_cut_first() -> None:
    assert shared(4, 5, 8) == (4, 4)
    assert shared(3, 12, 8) == (3, 5)
    assert shared(12, 3, 8) == (5, 3)
    assert shared(9, 9, 8) == (4, 4)
    assert shared(2, 3, 8) == (2, 3)


def probed(count: int, size: int = 8) -> Probed:
    data = bytes(40 * (picture % 6) for picture in range(count) for _ in range(size * size))
    facts = {
        "index": tuple(map(float, range(count))),
        "true": (0.0,) * count,
        "taken_for": (1.0,) * count,
        "confidence": tuple(0.97 - 0.01 * at for at in range(count)),
    }
    return Probed(10, 5, "mistakes", (count, 1, size, size), base64.b64encode(data).decode(), facts)


async def shown_within(strip: MistakeStrip, text: str, pilot: Pilot[None], pauses: int = 50) -> list[str]:
    """What is drawn once `text` is there: pictures come a few a draw."""
    for _ in range(pauses):
        if any(text in row for row in drawn(strip)):
            break
        await pilot.pause()
    return drawn(strip)


async def test_as_many_pictures_as_fit_with_their_captions() -> None:
    strip = MistakeStrip()
    async with staged(strip, 60, 10) as pilot:
        strip.show(probed(9), ("cat", "dog"), 129)
        rows = await shown_within(strip, "95%", pilot)
        assert rows[0].startswith("─ Mistakes  most certain first, epoch 5 ─")
        assert rows[9] == " cat → dog    97%  cat → dog    96%  cat → dog    95%"
        assert rows[1] == " " + "  ".join(["▀" * 16] * 3)
        assert style_of(strip, "dog").color == INK.ink("worse").color


async def test_words_where_there_is_nothing_to_show() -> None:
    strip = MistakeStrip()
    async with staged(strip, 60, 10):
        strip.show(None, ("cat", "dog"))
        assert drawn(strip)[1] == " after the first evaluation"
        strip.show(Probed(10, 5, "mistakes", (0, 1, 8, 8), ""), ("cat", "dog"), 129)
        assert drawn(strip)[1] == " no mistakes in 129 validation pictures"
        strip.show(Probed(10, 5, "mistakes", (2, 1, 8, 8), "AAAA"), ("cat", "dog"), 129)
        assert drawn(strip)[1] == " these pictures cannot be read"


async def test_long_names_and_escape_codes_stay_in_their_caption() -> None:
    strip = MistakeStrip()
    async with staged(strip, 40, 10) as pilot:
        strip.show(probed(1), ("automobile", "\x1b[31mtruck"), 9)
        rows = await shown_within(strip, "97%", pilot)
    assert len(rows[9]) == 17
    assert "\x1b" not in rows[9]
    assert rows[9].startswith(" aut… → \\x1b… 97%")


async def test_ascii_draws_no_blocks() -> None:
    strip = MistakeStrip()
    async with staged(strip, 40, 10, ascii_only=True) as pilot:
        strip.show(probed(2), ("cat", "dog"), 9)
        rows = await shown_within(strip, "97%", pilot)
    assert "".join(rows).isascii()
