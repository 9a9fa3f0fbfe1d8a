"""What differs between settings."""

from __future__ import annotations

from textual.app import App, ComposeResult

import compared
from tui_trainer.app.widgets.differing_table import DifferingTable, counted, edited
from tui_trainer.runs import compare

EDITED = compared.PRESET.replace("width: int = 8", "width: int = 16")


class Alone(App[None]):
    CSS = "DifferingTable { height: 6; }"

    def compose(self) -> ComposeResult:
        yield DifferingTable(id="differs")


def test_only_edits_of_one_preset_are_counted() -> None:
    found = compare.read([compared.ran([0.5]), compared.ran([0.6], text=EDITED), compared.ran([0.7], preset="cnn", text="x = 1\n")])
    assert [counted(one) for one in edited(found.diffs)] == [(1, 1)]
    assert len(found.diffs) == 2


async def test_letters_that_have_no_room_are_reached_with_the_arrows() -> None:
    found = compare.read([compared.ran([0.5], lr=0.1 + at, preset=f"convnet-{at}") for at in range(8)])
    app = Alone()
    async with app.run_test(size=(60, 6)) as pilot:
        table = app.query_one(DifferingTable)
        table.show(found, {})
        await pilot.pause()

        def head() -> list[str]:
            return "".join(part.text for part in table._lines[1]).replace("…", "").split()

        assert head() == ["A", "B", "C", "D"]
        assert "settings are the same" in "".join(part.text for part in table._lines[0])
        table.focus()
        await pilot.press("right", "right")
        assert head() == ["C", "D", "E", "F"]
        await pilot.press(*["right"] * 9)
        assert head() == ["H"]
