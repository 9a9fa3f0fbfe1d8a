"""The class board over a real history."""

from __future__ import annotations

from stage import drawn, staged, style_of
from tui_trainer.app.widgets.classes import ClassBoard
from tui_trainer.events import Evaluated, RunStarted
from tui_trainer.runs.history import History


def started(names: tuple[str, ...]) -> RunStarted:
    return RunStarted({}, "cpu", "cpu", 1, "fp32", 10, (), (1, 8, 8), names, 90, 10, 10, 5, 50)


def evaluated(epoch: int, confusion: tuple[tuple[int, ...], ...]) -> Evaluated:
    return Evaluated(epoch * 5, epoch, "val", 1.0, 0.5, confusion, float(epoch), 0.1, epoch_took=1.0)


def history(names: tuple[str, ...], *found: tuple[int, ...], of: int = 100) -> History:
    """One evaluation for each tuple of how many of each class were found; the others were taken for the next class."""
    made = History()
    made.apply(started(names))
    for epoch, hits in enumerate(found, 1):
        rows = [[0] * len(names) for _ in names]
        for index, hit in enumerate(hits):
            rows[index][index] = hit
            rows[index][(index + 1) % len(names)] = of - hit
        made.apply(evaluated(epoch, tuple(map(tuple, rows))))
    return made


def show(board: ClassBoard, made: History) -> None:
    board.show(made.board(), made.classes)


async def test_worst_class_is_on_top_with_its_change() -> None:
    board = ClassBoard()
    async with staged(board, 48, 5):
        show(board, history(("cat", "dog", "plane"), (53, 60, 74), (51, 62, 74)))
        rows = drawn(board)
    assert rows[0].startswith("─ Classes ──")
    assert rows[0].endswith("worst first ─")
    assert rows[1].split() == ["cat", "━" * 13 + "─" * 12, "51.0", "▼", "2.0"]
    assert rows[2].split()[0] == "dog"
    assert rows[2].split()[2:] == ["62.0", "▲", "2.0"]
    assert rows[3].split()[2:] == ["74.0", "·"]


async def test_long_names_that_begin_alike_are_told_apart() -> None:
    board = ClassBoard()
    async with staged(board, 48, 5):
        show(board, history(("class number 0017", "class number 0600", "class number 0999"), (53, 60, 74)))
        assert [row.split()[0] for row in drawn(board)[1:4]] == ["…0017", "…0600", "…0999"]


async def test_columns_stand_where_they_stood_at_a_hundred_percent() -> None:
    board = ClassBoard()
    async with staged(board, 48, 4):
        show(board, history(("a", "b"), (51, 100), (99, 100)))
        before = drawn(board)[1:3]
    assert before[0].index("99.0") + 4 == before[1].index("100") + 3
    assert len(before[0]) <= 46
    assert before[0].endswith("▲  48")


async def test_names_alone_before_the_first_evaluation() -> None:
    board = ClassBoard()
    async with staged(board, 40, 4):
        show(board, history(("cat", "dog")))
        rows = drawn(board)
    assert "worst" not in rows[0]
    assert rows[1].startswith(" cat")
    assert rows[1].endswith("·")


async def test_nothing_known_is_a_dot() -> None:
    board = ClassBoard()
    async with staged(board, 40, 4):
        assert drawn(board)[1] == " ·"


async def test_more_classes_than_rows_are_scrolled_by_keys() -> None:
    board = ClassBoard()
    names = tuple(f"class{index}" for index in range(20))
    async with staged(board, 48, 6, focus=True) as pilot:
        show(board, history(names, tuple(range(20, 40))))
        assert "worst 5 of 20" in drawn(board)[0]
        assert drawn(board)[1].split()[0] == "class0"
        await pilot.press("j", "down")
        assert drawn(board)[1].split()[0] == "class2"
        assert "3–7 of 20" in drawn(board)[0]
        await pilot.press("end", "down")
        assert drawn(board)[5].split()[0] == "class19"
        await pilot.press("pageup", "home", "k")
        assert drawn(board)[1].split()[0] == "class0"


async def test_names_with_markup_and_escape_codes_are_shown_as_they_are() -> None:
    board = ClassBoard()
    async with staged(board, 60, 4):
        show(board, history(("[red]x[/]", "\x1b[31m!"), (10, 20)))
        rows = "\n".join(drawn(board))
    assert "[red]x[/]" in rows
    assert "\x1b" not in rows
    assert "\\x1b[31m!" in rows or "\\x1b[31m…" in rows or "\\x1b[3…" in rows


async def test_a_class_without_a_sample_has_no_share() -> None:
    board = ClassBoard()
    made = History()
    made.apply(started(("cat", "dog")))
    made.apply(evaluated(1, ((3, 1), (0, 0))))
    async with staged(board, 48, 4):
        show(board, made)
        assert drawn(board)[2].split() == ["dog", "─" * 25, "·", "·"]


async def test_support_stands_where_there_is_room() -> None:
    board = ClassBoard()
    async with staged(board, 70, 4):
        show(board, history(("cat", "dog"), (10, 20), of=1200))
        assert drawn(board)[1].endswith("1 200")


async def test_the_worst_are_bright_and_the_same_history_draws_nothing() -> None:
    board = ClassBoard()
    async with staged(board, 48, 8) as pilot:
        made = history(("a1", "b1", "c1", "d1"), (1, 2, 3, 4))
        show(board, made)
        assert style_of(board, "c1").bold
        assert not style_of(board, "d1").bold
        await pilot.pause()
        before = board._lines
        show(board, made)
        assert board._lines is before
