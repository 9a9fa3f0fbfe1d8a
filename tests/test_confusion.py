"""The confusion matrix: cells, list, cursor."""

from __future__ import annotations

from stage import drawn, heard, staged, style_of
from tui_trainer.app import palette as palettes
from tui_trainer.app.widgets.confusion import CellChosen, ConfusionMatrix

NAMES = ("plane", "cat", "dog")
COUNTS = ((90, 8, 2), (12, 60, 28), (1, 30, 69))


async def test_counts_stand_right_aligned_in_four_columns() -> None:
    matrix = ConfusionMatrix()
    async with staged(matrix, 38, 5):
        matrix.show(COUNTS, NAMES)
        rows = drawn(matrix)
    assert rows[0].endswith("true ↓  taken for → ─")
    assert rows[1] == "        pla cat dog"
    assert rows[2] == " plane   90   8   2"
    assert rows[3] == " cat     12  60  28"


async def test_columns_of_names_that_begin_alike_differ() -> None:
    matrix = ConfusionMatrix()
    async with staged(matrix, 38, 5):
        matrix.show(COUNTS, ("arm 1", "arm 2", "arm 3"))
        rows = drawn(matrix)
    assert rows[1] == "         …1  …2  …3"
    assert rows[2] == " arm 1   90   8   2"


async def test_heat_is_green_on_the_diagonal_and_red_beside_it() -> None:
    matrix = ConfusionMatrix()
    async with staged(matrix, 38, 5):
        matrix.show(COUNTS, NAMES)
        right, wrong, rare = (style_of(matrix, text).bgcolor for text in (" 90 ", " 30 ", "  1 "))
    ink = palettes.choose()
    assert right is not None
    assert right.get_truecolor().green > right.get_truecolor().red
    assert wrong is not None
    assert wrong.get_truecolor().red > wrong.get_truecolor().green
    assert rare == ink.ink(on="raised").bgcolor


async def test_without_tints_weight_tells_what_is_large() -> None:
    matrix = ConfusionMatrix()
    async with staged(matrix, 38, 5, depth="none"):
        matrix.show(COUNTS, NAMES)
        assert style_of(matrix, " 30 ").bold
        assert not style_of(matrix, "  1 ").bold


async def test_the_cursor_moves_and_chooses() -> None:
    matrix = ConfusionMatrix(cursor=True)
    async with staged(matrix, 38, 5, focus=True) as pilot:
        matrix.show(COUNTS, NAMES)
        assert matrix.selected == (2, 1)  # the most confused pair
        await pilot.press("up", "right", "right", "enter")
        await pilot.pause()
        chosen = [message for message in heard(pilot) if type(message) is CellChosen]
    assert [(one.true, one.taken_for) for one in chosen] == [(1, 2)]


async def test_without_a_cursor_enter_does_nothing() -> None:
    matrix = ConfusionMatrix()
    async with staged(matrix, 38, 5, focus=True) as pilot:
        matrix.show(COUNTS, NAMES)
        await pilot.press("enter", "right")
        assert heard(pilot) == []


async def test_the_selected_cell_is_violet_or_bracketed() -> None:
    matrix = ConfusionMatrix(cursor=True)
    async with staged(matrix, 38, 5):
        matrix.show(COUNTS, NAMES)
        assert style_of(matrix, " 30 ").bgcolor == palettes.choose().ink(on="you").bgcolor
    plain = ConfusionMatrix(cursor=True)
    async with staged(plain, 38, 5, depth="none"):
        plain.show(((200, 118), (3, 4)), ("cat", "dog"))
        assert drawn(plain)[2] == " cat    200[118]"


async def test_a_click_selects_and_a_second_chooses() -> None:
    matrix = ConfusionMatrix(cursor=True)
    async with staged(matrix, 38, 5) as pilot:
        matrix.show(COUNTS, NAMES)
        await pilot.click(matrix, offset=(9, 3))
        assert matrix.selected == (1, 0)
        await pilot.click(matrix, offset=(9, 3))
        await pilot.pause()
        assert [type(message) for message in heard(pilot)].count(CellChosen) == 1


async def test_over_sixteen_classes_the_pairs_are_listed() -> None:
    names = tuple(f"c{index}" for index in range(20))
    rows = [[0] * 20 for _ in names]
    for index in range(20):
        rows[index][index] = 10
    rows[3][7], rows[5][1] = 4, 2
    matrix = ConfusionMatrix(cursor=True)
    async with staged(matrix, 60, 5, focus=True) as pilot:
        matrix.show(rows, names)
        shown = drawn(matrix)
        assert shown[1].split() == ["c3", "→", "c7", "29", "%", "4", "of", "14"]
        assert shown[2].split()[:3] == ["c5", "→", "c1"]
        await pilot.press("down", "enter")
        await pilot.pause()
        assert [(one.true, one.taken_for) for one in heard(pilot) if type(one) is CellChosen] == [(5, 1)]


async def test_empty_until_the_first_evaluation() -> None:
    matrix = ConfusionMatrix()
    async with staged(matrix, 38, 5):
        matrix.show((), NAMES)
        assert drawn(matrix)[2] == " plane    ·   ·   ·"


async def test_names_that_steer_terminals_are_shown() -> None:
    matrix = ConfusionMatrix()
    async with staged(matrix, 40, 5):
        matrix.show(((1, 2), (3, 4)), ("\x1b[2J", "[b]x[/b]"))
        rows = "\n".join(drawn(matrix))
    assert "\x1b" not in rows
    assert "[b]" in rows
