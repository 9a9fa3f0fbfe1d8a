"""What the setup form says to whoever shows it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.message import Message

if TYPE_CHECKING:
    from tui_trainer.session import Setup


class FormSays:
    """The messages of the form, under its own name."""

    class Changed(Message, namespace="setup_form"):
        """Something was edited: what stands there, and what it makes."""

        def __init__(self, raw: dict[str, object], setup: Setup | None, problems: dict[str, str]) -> None:
            super().__init__()
            self.raw = raw
            self.setup = setup
            self.problems = problems

    class StartPressed(Message, namespace="setup_form"):
        """Start, with settings that are all valid."""

    class Refused(Message, namespace="setup_form"):
        """Start was asked for while something is wrong; `sentence` says what."""

        def __init__(self, sentence: str) -> None:
            super().__init__()
            self.sentence = sentence

    class EditPressed(Message, namespace="setup_form"):
        """The preset's file is to be opened."""

    class Left(Message, namespace="setup_form"):
        """Escape: the person is done with the field."""

    class FieldFocused(Message, namespace="setup_form"):
        """Another field has the focus, by name; empty for a button."""

        def __init__(self, name: str) -> None:
            super().__init__()
            self.name = name
