"""What the environment says."""

from __future__ import annotations

from pathlib import Path

import pytest

from tui_trainer import paths


@pytest.mark.parametrize(
    ("locale", "plain"),
    [
        ({}, False),
        ({"LANG": "C"}, True),
        ({"LANG": "C", "LC_CTYPE": "C.UTF-8"}, True),  # what Python itself makes of LANG=C
        ({"LC_ALL": "POSIX", "LANG": "de_DE.UTF-8"}, True),
        ({"LANG": "de_DE.ISO-8859-1"}, True),
        ({"LANG": "de_DE.utf8"}, False),
        ({"LANG": "C.UTF-8"}, False),
    ],
)
def test_only_a_locale_that_is_set_without_utf8_is_plain(
    locale: dict[str, str], plain: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("LC_ALL", "LC_CTYPE", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in locale.items():
        monkeypatch.setenv(name, value)
    assert paths.plain_locale() is plain


@pytest.mark.parametrize(
    ("environment", "depth"),
    [
        ({"TERM": "xterm"}, "16"),
        ({"TERM": "xterm-256color"}, "full"),
        ({"TERM": "linux", "COLORTERM": "truecolor"}, "full"),
        ({"TERM": "xterm-256color", "COLORTERM": "truecolor", "NO_COLOR": "1"}, "none"),
    ],
)
def test_colours_are_what_the_terminal_says(environment: dict[str, str], depth: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("TERM", "COLORTERM", "NO_COLOR"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert paths.colours() == depth


def test_everything_lies_below_one_home(home: Path) -> None:
    assert paths.runs().parent == paths.datasets().parent == paths.your_presets().parent == home
    assert (paths.shipped_presets() / "cnn.py").is_file()


def test_a_path_is_shown_as_a_person_types_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    assert paths.short(tmp_path / "runs" / "a") == "~/runs/a"
    assert paths.short(Path("/elsewhere/a")) == "/elsewhere/a"
