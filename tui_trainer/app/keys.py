"""What stands on a key and what Textual calls it: for the footer, the help, and clicks on either."""

from __future__ import annotations

SHOWN = {
    "left": "←",
    "right": "→",
    "up": "↑",
    "down": "↓",
    "enter": "Enter",
    "escape": "Esc",
    "tab": "Tab",
    "pageup": "PgUp",
    "pagedown": "PgDn",
    "home": "Home",
    "end": "End",
    "backspace": "Backspace",
    "delete": "Del",
    "question_mark": "?",
    "full_stop": ".",
    "comma": ",",
    "slash": "/",
    "less_than_sign": "<",
    "greater_than_sign": ">",
    "left_square_bracket": "[",
    "right_square_bracket": "]",
    "plus": "+",
    "minus": "-",
    "equals_sign": "=",
    "percent_sign": "%",
    "colon": ":",
}

_NAMES = {display: name for name, display in SHOWN.items()}


def shown(key: str) -> str:
    """A key as it stands on the keyboard: `ctrl+p` becomes Ctrl+P, `question_mark` becomes ?."""
    *held, last = key.split("+")
    if last[:1] == "f" and last[1:].isdecimal():
        last = last.upper()
    if held and len(last) == 1:
        last = last.upper()
    return "+".join([*(name.capitalize() for name in held), SHOWN.get(last, last)])


def named(display: str) -> str | None:
    """Textual's name of a key shown; None for what stands for several keys, such as ←→ or `[ ]`."""
    if display in _NAMES:
        return _NAMES[display]
    if len(display) == 1 or display == "space":
        return display
    if "+" in display:
        *held, last = display.split("+")
        return "+".join([*(name.lower() for name in held), _NAMES.get(last, last.lower())])
    return display.lower() if display[:1] == "F" and display[1:].isdecimal() else None
