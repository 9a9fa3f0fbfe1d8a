"""The ground of every widget: what it draws fits its place, changes no more than it must, and steers no terminal."""

from __future__ import annotations

from textual.app import App, ComposeResult

from tui_trainer.app.widgets.rows import Line, Rows, clipped, line


class Said(Rows):
    """Says what it is told to."""

    DEFAULT_CSS = "Said { height: 2; }"

    def __init__(self, *texts: str) -> None:
        super().__init__()
        self.texts = texts

    def lines(self, width: int, height: int) -> list[Line]:
        return [line((text, self.ink.ink())) for text in self.texts]


class Alone(App[None]):
    def __init__(self, said: Said) -> None:
        super().__init__()
        self.said = said

    def compose(self) -> ComposeResult:
        yield self.said


async def drawn(*texts: str) -> list[str]:
    said = Said(*texts)
    async with Alone(said).run_test(size=(24, 4)):
        return [said.render_line(y).text for y in range(said.size.height)]


async def test_a_name_is_shown_and_never_obeyed() -> None:
    first, second = await drawn("cat\x1b[31m\n", "[bold]dog[/]")
    assert first.rstrip() == r"cat\x1b[31m\n"
    assert second.rstrip() == "[bold]dog[/]"


async def test_every_row_fills_its_place() -> None:
    rows = await drawn("short", "much longer than there is room for")
    assert [len(row) for row in rows] == [24, 24]
    assert rows[1] == "much longer than there i"


async def test_where_there_is_no_unicode_names_keep_their_width() -> None:
    said = Said("猫|é|😀|a", "÷ ≤ π …")
    app = Alone(said)
    app.ascii_only = True  # type: ignore[attr-defined]  # as the app has it where the locale is not of Unicode
    async with app.run_test(size=(24, 4)):
        assert said.render_line(0).text.rstrip() == "??|?|??|a"
        assert said.render_line(1).text.rstrip() == "/ < p ~"


def test_what_is_cut_says_so() -> None:
    assert clipped("heptagon", 20) == "heptagon"
    assert clipped("heptagon", 5) == "hept…"
    assert clipped("猫猫猫", 5) == "猫猫…"
    assert clipped("heptagon", 0) == ""
