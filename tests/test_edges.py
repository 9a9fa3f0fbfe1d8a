"""What the status line says of a run whose record cannot be written: in red, at every width, with how it goes."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import cast

import pytest

from made import made, started
from stage import drawn, staged, style_of
from tui_trainer.app import edges
from tui_trainer.app import palette as palettes
from tui_trainer.app.live import Live
from tui_trainer.app.widgets.form import SetupForm
from tui_trainer.app.widgets.status import StatusLine, StatusView
from tui_trainer.events import Stepped
from tui_trainer.session import Session

FULL = "record not written: no space left on device"


class Here(Session):
    """A session that this process trains, as far as one can see."""

    alive = True  # type: ignore[assignment]  # of the test's
    hosted = True  # type: ignore[assignment]
    ours = True  # type: ignore[assignment]


def view(trouble: str) -> StatusView:
    session, live = Here(made("cnn", started(), Stepped(10, 1, (0.5,) * 10, 9, 10, 1e-3, 1.0))), Live()
    live.open(session)
    live.poll()
    session.trouble = trouble
    return edges.state(live, cast(SetupForm, SimpleNamespace(problems={})), loading="", scrubbed=None)


def test_trouble_joins_what_the_run_is_doing() -> None:
    assert view("").problem == ""
    assert view(FULL) == replace(view(""), problem=FULL)


@pytest.mark.parametrize("width", [160, 120, 80, 60])
async def test_trouble_is_said_in_red_at_every_width(width: int) -> None:
    status = StatusLine()
    async with staged(status, width, 1):
        status.show(view(FULL))
        text = drawn(status)[0]
        assert FULL in text
        assert "training" in text
        assert style_of(status, FULL).color == palettes.choose().ink("worse").color
