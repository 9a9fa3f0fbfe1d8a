"""Edges and hues as features of a picture: counted pixel by pixel, the same in both presets that have them."""

from __future__ import annotations

import ast
import colorsys
import math
from collections.abc import Callable
from fractions import Fraction

import pytest
import torch
from torch import Tensor

from engine_runs import settings
from tui_trainer import paths
from tui_trainer.config import Config
from tui_trainer.engine import model

NAMES = ("svm", "two_layer")


def features(name: str) -> Callable[[Tensor, Config], Tensor]:
    hook: Callable[[Tensor, Config], Tensor] = model.run_file(paths.shipped_presets() / f"{name}.py", name).features
    return hook


def hog(pictures: Tensor, name: str = "svm") -> Tensor:
    return features(name)(pictures, settings(preset=name, knobs={"features": "hog"}))


def some(*shape: int) -> Tensor:
    return torch.randint(256, shape, dtype=torch.uint8, generator=torch.Generator().manual_seed(7))


def naive(picture: list[list[list[int]]]) -> list[float]:
    """Of one picture [C][H][W], pixel by pixel: direction by direction the means of its cells, then the shares of hues."""
    height, width = len(picture[0]), len(picture[0][0])

    def grey(y: int, x: int) -> float:
        if len(picture) == 1:
            return picture[0][y][x]
        return 0.299 * picture[0][y][x] + 0.587 * picture[1][y][x] + 0.114 * picture[2][y][x]

    down_cells, across_cells = height // 8, width // 8
    votes = [[[0.0] * across_cells for _ in range(down_cells)] for _ in range(9)]
    hues = [0.0] * 10
    for y in range(height):
        for x in range(width):
            right = grey(y, x + 1) - grey(y, x) if x + 1 < width else 0.0
            down = grey(y + 1, x) - grey(y, x) if y + 1 < height else 0.0
            degrees = math.degrees(math.atan2(down, right)) % 180
            if y // 8 < down_cells and x // 8 < across_cells:
                votes[min(8, int(degrees / 20))][y // 8][x // 8] += math.hypot(right, down) / 64
            if len(picture) == 3:
                hues[int(10 * hue(picture[0][y][x], picture[1][y][x], picture[2][y][x]))] += 1 / (height * width)
    cells = [value for rows in votes for row in rows for value in row]
    return cells + (hues if len(picture) == 3 else [])


def hue(red: int, green: int, blue: int) -> Fraction:
    """As colorsys has it, but exact: what lies on the border of a bin must not depend on how fractions are rounded."""
    most, least = max(red, green, blue), min(red, green, blue)
    if most == least:
        return Fraction(0)
    ahead = {red: (0, green - blue), green: (2, blue - red), blue: (4, red - green)}[most]
    exact = (ahead[0] + Fraction(ahead[1], most - least)) / 6 % 1
    assert math.isclose(exact, colorsys.rgb_to_hsv(red / 255, green / 255, blue / 255)[0], abs_tol=1e-12)
    return exact


@pytest.mark.parametrize("shape", [(3, 32, 32), (1, 8, 8), (1, 28, 20), (3, 8, 16)], ids=str)
def test_features_are_those_counted_pixel_by_pixel(shape: tuple[int, ...]) -> None:
    pictures = some(4, *shape)
    expected = torch.tensor([naive(picture) for picture in pictures.tolist()])
    torch.testing.assert_close(hog(pictures), expected, atol=1e-3, rtol=1e-4)


def test_a_picture_of_cifar_gives_144_edges_and_10_hues() -> None:
    given = hog(some(2, 3, 32, 32))
    assert given.shape == (2, 154)
    assert given.dtype == torch.float32
    torch.testing.assert_close(given[:, 144:].sum(1), torch.ones(2))
    assert hog(some(2, 1, 32, 32)).shape == (2, 144)


def test_an_edge_counts_alike_from_dark_to_bright_and_back() -> None:
    pictures = some(3, 3, 16, 16)
    torch.testing.assert_close(hog(255 - pictures)[:, :36], hog(pictures)[:, :36], atol=1e-3, rtol=1e-4)


def test_an_upright_edge_is_in_the_first_bin_and_a_level_one_in_the_middle() -> None:
    upright = torch.zeros(1, 1, 8, 8, dtype=torch.uint8)
    upright[..., 4:] = 200
    assert hog(upright)[0].tolist() == [200 / 8, *[0.0] * 8]
    assert hog(upright.transpose(2, 3))[0].tolist() == [*[0.0] * 4, 200 / 8, *[0.0] * 4]


@pytest.mark.parametrize(
    ("colour", "place"), [((255, 0, 0), 0), ((0, 255, 0), 3), ((0, 0, 255), 6), ((255, 0, 30), 9), ((9, 9, 9), 0)]
)
def test_one_colour_is_one_hue(colour: tuple[int, int, int], place: int) -> None:
    picture = torch.tensor(colour, dtype=torch.uint8).view(1, 3, 1, 1).expand(1, 3, 8, 8)
    shares = hog(picture)[0, 9:].tolist()
    assert shares[place] == 1
    assert sum(shares) == 1


def test_parts_of_the_data_give_what_the_whole_gives() -> None:
    pictures = some(7, 3, 16, 16)
    assert torch.equal(torch.cat([hog(part) for part in pictures.split(3)]), hog(pictures))


@pytest.mark.parametrize("name", NAMES)
def test_with_pixels_pictures_stay_as_they_are(name: str) -> None:
    pictures = some(2, 3, 8, 8)
    assert features(name)(pictures, settings(preset=name)) is pictures
    assert features(name)(pictures, settings(preset=name, knobs={"features": "pixels"})) is pictures


@pytest.mark.parametrize("shape", [(3, 7, 32), (5,)], ids=str)
def test_what_has_no_cell_is_refused_in_words(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="pictures of 8×8 or more; set features to pixels"):
        hog(some(2, *shape))


def test_both_presets_count_the_same_way() -> None:
    sources = []
    for name in NAMES:
        tree = ast.parse((paths.shipped_presets() / f"{name}.py").read_text(encoding="utf-8"))
        sources.append({node.name: ast.unparse(node) for node in tree.body if isinstance(node, ast.FunctionDef)})
    for function in ("features", "edges", "hues"):
        assert sources[0][function] == sources[1][function]
    pictures = some(3, 3, 16, 16)
    assert torch.equal(hog(pictures, "svm"), hog(pictures, "two_layer"))
