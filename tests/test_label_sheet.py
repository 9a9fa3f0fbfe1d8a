"""The sheet for name and note of a run."""

from __future__ import annotations

import pytest

from made import opened, text_of, until, without_torch  # noqa: F401  # used by name
from tui_trainer.app.screens.label_sheet import LabelSheet


@pytest.mark.usefixtures("without_torch")
async def test_it_stays_with_what_was_typed_where_the_terminal_becomes_too_small_for_it() -> None:
    async with opened() as pilot:
        sheet = LabelSheet("Name and note of run 7f3a", ("", ""), lambda name, note: "")
        pilot.app.push_screen(sheet)
        await until(pilot, lambda: sheet.is_current and sheet.focused is not None)
        await pilot.press(*"wide")
        for rows in (5, 4, 3, 36):
            await pilot.resize_terminal(40, rows)
        await until(pilot, lambda: "wide" in text_of(sheet) and "at most 60 letters" in text_of(sheet))
