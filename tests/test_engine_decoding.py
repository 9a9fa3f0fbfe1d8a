"""Pictures of every mode and format that can be written here, upright, in bytes, on white; and files that give none."""

from __future__ import annotations

import contextlib
import io
import random
import struct
import zlib

import pytest
from PIL import Image, ImageChops, ImageOps, ImageStat

from tui_trainer.engine import decoding

KNOWN = decoding.formats()
RED, BLUE = (200, 40, 60), (20, 90, 220)


@pytest.fixture(autouse=True)
def quiet() -> None:
    """As in a run, where nothing that a reader complains of is shown: pytest forgets that before each test."""
    decoding.formats()


def saved(picture: Image.Image, name: str, **how: object) -> bytes:
    file = io.BytesIO()
    picture.save(file, name, **how)
    return file.getvalue()


def decoded(content: bytes, side: int | None = None) -> Image.Image:
    return decoding.decode(content, side, KNOWN)


def two() -> Image.Image:
    """Red at the left, blue at the right, 32×16."""
    picture = Image.new("RGB", (32, 16), RED)
    picture.paste(BLUE, (16, 0, 32, 16))
    return picture


def near(one: object, other: tuple[int, ...], by: int = 0) -> bool:
    values = one if isinstance(one, tuple) else (one,)
    return len(values) == len(other) and all(abs(a - b) <= by for a, b in zip(values, other, strict=True))


@pytest.mark.parametrize(
    ("name", "by"),
    [(name, 0) for name in ("PNG", "BMP", "DIB", "TIFF", "TGA", "PPM", "PCX", "SGI", "GIF", "IM", "DDS", "QOI")]
    + [("WEBP", 25), ("JPEG", 25), ("JPEG2000", 25), ("AVIF", 40), ("MPO", 25)],
)
def test_formats_in_colour(name: str, by: int) -> None:
    if name not in Image.SAVE:
        pytest.skip(f"Pillow was built without {name}")
    picture = decoded(saved(two(), name))
    assert (picture.mode, picture.size) == ("RGB", (32, 16))
    assert near(picture.getpixel((4, 8)), RED, by)
    assert near(picture.getpixel((28, 8)), BLUE, by)


@pytest.mark.parametrize("name", ["PNG", "BMP", "TIFF", "TGA", "PPM", "PCX", "SGI", "GIF", "IM", "JPEG", "JPEG2000"])
def test_formats_in_grey(name: str) -> None:
    picture = decoded(saved(two().convert("L"), name))
    assert picture.mode == "L"
    assert near(picture.getpixel((4, 8)), (90,), 4)


@pytest.mark.parametrize("name", ["PNG", "TIFF", "MSP", "PPM", "XBM", "BMP"])
def test_black_and_white(name: str) -> None:
    picture = decoded(saved(Image.new("L", (16, 8), 255).convert("1"), name))
    assert (picture.mode, picture.getextrema()) == ("L", (255, 255))


@pytest.mark.parametrize(
    ("mode", "name"), [("CMYK", "JPEG"), ("CMYK", "TIFF"), ("YCbCr", "JPEG"), ("YCbCr", "TIFF"), ("LAB", "TIFF")]
)
def test_other_ways_to_say_a_colour(mode: str, name: str) -> None:
    if mode == "LAB":
        source = Image.new("LAB", (8, 8), (128, 128, 128))
        assert near(decoded(saved(source, name)).getpixel((4, 4)), (119, 119, 119), 12)
        return
    picture = decoded(saved(two().convert(mode), name))
    assert picture.mode == "RGB"
    assert near(picture.getpixel((4, 8)), RED, 25)


@pytest.mark.parametrize(("alpha", "wanted"), [(255, RED), (0, (255, 255, 255)), (128, (227, 147, 157))])
@pytest.mark.parametrize("name", ["PNG", "TIFF", "TGA", "WEBP"])
def test_what_is_transparent_lies_on_white(name: str, alpha: int, wanted: tuple[int, ...]) -> None:
    picture = two().convert("RGBA")
    picture.putalpha(alpha)
    how = {"lossless": True, "exact": True} if name == "WEBP" else {}
    assert near(decoded(saved(picture, name, **how)).getpixel((4, 8)), wanted, 2)


def test_grey_and_transparent() -> None:
    picture = decoded(saved(Image.new("LA", (8, 8), (0, 64)), "PNG"))
    assert picture.mode == "L"
    assert near(picture.getpixel((0, 0)), (191,), 1)
    bright = decoded(saved(Image.new("L", (8, 8), 7), "PNG", transparency=7))
    assert (bright.mode, bright.getpixel((0, 0))) == ("L", 255)


def test_palettes() -> None:
    colours = two().quantize(4)
    assert near(decoded(saved(colours, "PNG")).getpixel((4, 8)), RED)
    assert near(decoded(saved(colours, "GIF")).getpixel((28, 8)), BLUE)
    clear = decoded(saved(colours, "PNG", transparency=colours.getpixel((4, 8))))
    assert near(clear.getpixel((4, 8)), (255, 255, 255))
    assert near(clear.getpixel((28, 8)), BLUE)
    shades = Image.new("P", (8, 8), 1)
    shades.putpalette([0, 0, 0, 77, 77, 77])
    grey = decoded(saved(shades, "PNG"))
    assert (grey.mode, grey.getpixel((0, 0))) == ("L", 77)


@pytest.mark.parametrize("name", ["PNG", "TIFF", "PPM"])
def test_16_bits_become_8(name: str) -> None:
    picture = Image.new("I;16", (3, 1))
    for place, value in enumerate((0, 200 * 257, 65535)):
        picture.putpixel((place, 0), value)
    found = decoded(saved(picture, name))
    assert (found.mode, [found.getpixel((place, 0)) for place in range(3)]) == ("L", [0, 200, 255])


def test_16_bits_in_the_other_order() -> None:
    header = b"MM\0*\0\0\0\x08"
    fields = [(256, 2), (257, 1), (258, 16), (259, 1), (262, 1), (273, 200), (277, 1), (278, 1), (279, 4)]
    entries = b"".join(struct.pack(">HHII", tag, 4, 1, value) for tag, value in fields)
    content = (header + struct.pack(">H", len(fields)) + entries + bytes(4)).ljust(200, b"\0") + struct.pack(
        ">HH", 100 * 257, 65535
    )
    found = decoded(content)
    assert (found.mode, found.getpixel((0, 0)), found.getpixel((1, 0))) == ("L", 100, 255)


@pytest.mark.parametrize(
    ("values", "wanted"),
    [
        ((0.0, 0.5, 1.0), [0, 128, 255]),
        ((0.0, 100.0, 200.0), [0, 100, 200]),
        ((0.0, 32768.0, 65535.0), [0, 128, 255]),
        ((-1.0, 0.0, 1.0), [0, 128, 255]),
        ((0.0, 1e6, 2e6), [0, 128, 255]),
        ((-3.0, -3.0, -3.0), [0, 0, 0]),
    ],
)
def test_floats(values: tuple[float, ...], wanted: list[int]) -> None:
    picture = Image.new("F", (3, 1))
    for place, value in enumerate(values):
        picture.putpixel((place, 0), value)
    found = decoded(saved(picture, "TIFF"))
    assert (found.mode, [found.getpixel((place, 0)) for place in range(3)]) == ("L", wanted)


def test_whole_numbers_of_32_bits() -> None:
    picture = Image.new("I", (2, 1), 0)
    picture.putpixel((1, 0), 65535)
    assert decoded(saved(picture, "TIFF")).getpixel((1, 0)) == 255
    picture.putpixel((1, 0), 1_000_000)
    assert decoded(saved(picture, "TIFF")).getpixel((1, 0)) == 255


def test_of_several_pictures_the_first() -> None:
    rest = [Image.new("RGB", (32, 16), (0, 255, 0))] * 2
    for name in ("GIF", "TIFF", "WEBP", "PNG"):
        found = decoded(saved(two(), name, save_all=True, append_images=rest, **({"lossless": True} if name == "WEBP" else {})))
        assert near(found.getpixel((4, 8)), RED, 2), name


@pytest.mark.parametrize("turned", range(1, 9))
@pytest.mark.parametrize("name", ["JPEG", "PNG", "TIFF", "WEBP"])
@pytest.mark.parametrize("side", [None, 12])
def test_exif_says_what_is_up(name: str, turned: int, side: int | None) -> None:
    exif = Image.Exif()
    exif[0x0112] = turned
    source = two()
    source.paste((0, 0, 0), (0, 0, 8, 8))  # no two ways to turn it look the same
    content = saved(
        source, name, exif=exif, **({"lossless": True} if name == "WEBP" else {"quality": 95} if name == "JPEG" else {})
    )
    found = decoded(content, side)
    source.info["exif"] = exif.tobytes()
    wanted = ImageOps.exif_transpose(source)
    if side is None:
        assert found.size == wanted.size == ((16, 32) if turned > 4 else (32, 16))
    else:
        wanted = ImageOps.fit(wanted, (side, side), Image.Resampling.BICUBIC)
    for place in ((2, 2), (9, 2), (2, 9), (9, 9)):
        assert near(found.getpixel(place), wanted.getpixel(place), 60), place


def test_notes_that_are_damaged_cost_no_picture() -> None:
    content = saved(two(), "JPEG", exif=b"Exif\0\0MM\0*\0\0\0\x08\xff\xff" + b"\x12" * 20)
    assert decoded(content).size == (32, 16)


def test_the_shorter_side_is_resized_and_the_middle_is_taken() -> None:
    picture = Image.new("RGB", (90, 30), (0, 0, 0))
    picture.paste(RED, (30, 0, 60, 30))
    for turned in (picture, picture.rotate(90, expand=True)):
        found = decoded(saved(turned, "PNG"), 10)
        assert found.size == (10, 10)
        assert all(near(found.getpixel((x, y)), RED, 2) for x in range(1, 9) for y in range(1, 9))
    assert decoded(saved(picture.crop((30, 0, 60, 30)), "PNG"), 50).size == (50, 50)
    assert decoded(saved(Image.new("L", (500, 1), 9), "PNG"), 8).getextrema() == (9, 9)


@pytest.mark.parametrize("mode", ["L", "1", "RGB", "P"])
def test_what_shrinks_is_smoothed(mode: str) -> None:
    board = Image.new("L", (128, 128))
    board.putdata([255 * ((x + y) % 2) for y in range(128) for x in range(128)])
    found = decoded(saved(board.convert(mode), "PNG"), 16).convert("L")
    low, high = found.getextrema()
    assert 120 <= low <= high <= 136


def test_a_large_photo_looks_the_same_as_one_decoded_whole() -> None:
    photo = Image.radial_gradient("L").resize((900, 700))
    photo = Image.merge("RGB", (photo, photo.rotate(90), photo.rotate(180)))
    content = saved(photo, "JPEG", quality=90)
    fast = decoded(content, 24)
    whole = ImageOps.fit(Image.open(io.BytesIO(content)), (24, 24), Image.Resampling.BICUBIC)
    apart = ImageStat.Stat(ImageChops.difference(fast, whole))
    assert max(apart.mean) < 4


def bomb() -> bytes:
    """A PNG that says it is 60,000 pixels wide and high."""

    def chunk(name: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))

    size = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", size) + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "not a picture"),
        (b"hello, I am a text", "not a picture"),
        (saved(two(), "JPEG")[:-80], "(?i)truncated"),
        (saved(two(), "PNG")[:60], "(?i)truncated"),
        (saved(two(), "TIFF")[:-300], "."),
        (saved(two(), "GIF")[:30], "."),
        (bomb(), "too large"),
        (saved(two(), "EPS"), "not a picture"),
        (saved(two(), "PDF"), "not a picture"),
    ],
    ids=["empty", "text", "jpeg", "png", "tiff", "gif", "bomb", "eps", "pdf"],
)
def test_files_that_give_no_picture(content: bytes, said: str, capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(decoding.Damaged, match=said) as raised:
        decoded(content)
    assert str(raised.value)
    assert capfd.readouterr() == ("", "")


def test_values_that_are_no_numbers() -> None:
    with pytest.raises(decoding.Damaged, match="no numbers"):
        decoded(saved(Image.new("F", (3, 1), float("nan")), "TIFF"))


def test_no_byte_changed_at_random_escapes(capfd: pytest.CaptureFixture[str]) -> None:
    dice = random.Random(1)
    kinds = (("PNG", "P"), ("TIFF", "RGB"), ("GIF", "P"), ("JPEG", "L"), ("WEBP", "RGB"), ("BMP", "RGB"))
    whole = [saved(two().convert(mode), name) for name, mode in kinds]
    found = 0
    for number in range(600):
        content = bytearray(whole[number % len(whole)])
        for _ in range(dice.randint(1, 6)):
            content[dice.randrange(min(len(content), 150))] = dice.randrange(256)
        with contextlib.suppress(decoding.Damaged):
            assert decoded(bytes(content), 8).size == (8, 8)
            found += 1
    assert 0 < found < 600
    assert capfd.readouterr() == ("", "")
