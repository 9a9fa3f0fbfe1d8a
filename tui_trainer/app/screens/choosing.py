"""What somebody chooses on Compare: axis and curve, scale and smoothing, the cut, who is shown, coloured and sorted by what."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui_trainer.app.comparing import Comparing
from tui_trainer.app.looking import Looking
from tui_trainer.app.screens.tab import Tab
from tui_trainer.app.widgets.leaderboard import Leaderboard
from tui_trainer.app.widgets.strokes import COLOURS

if TYPE_CHECKING:
    from tui_trainer.runs.compare import Comparison


class Choosing(Tab):
    """The part of the screen that answers to keys about its curves and rows."""

    def __init__(self, comparing: Comparing, board: Leaderboard) -> None:
        super().__init__()
        self.comparing, self.board = comparing, board
        self.looking = Looking()

    def draw_all(self) -> None:
        """Draw every panel that is in sight."""
        raise NotImplementedError

    @property
    def found(self) -> Comparison | None:
        """What is on the screen, cut where that was asked for; None until the records were read."""
        return self.looking.at(self.comparing.found) if self.comparing.found is not None else None

    def action_axis(self) -> None:
        self.looking.next_axis()
        self.draw_all()

    def action_curve(self) -> None:
        if self.found is not None:
            self.looking.next_curve(self.found)
            self.draw_all()

    def action_log(self) -> None:
        self.looking.logarithmic = not self.looking.logarithmic
        self.draw_all()

    def action_smooth(self, by: int) -> None:
        if self.found is not None:
            self.looking.smooth(self.found, by)
            self.draw_all()

    def action_cut(self) -> None:
        if self.comparing.found is not None:
            if problem := self.looking.toggle_cut(self.comparing.found):
                self.trainer.say(problem)
            self.draw_all()

    def action_jump_to_one(self, number: int) -> None:
        letters = self.found.letters if self.found is not None else ()
        if number <= len(letters):
            letter = letters[number - 1]
            self.looking.solo = "" if self.looking.solo == letter else letter
            rows = [one.letter for one in self.board.rows]
            if self.looking.solo and letter in rows:
                self.board.pick(rows.index(letter))
            self.draw_all()

    def action_mark(self) -> None:
        one = self.board.current
        if self.found is None or one is None or not one.letter:
            return
        if len(self.found.letters) <= len(COLOURS):
            self.trainer.say(f"up to {len(COLOURS)} settings all have their colours")
            return
        self.looking.mark(one.letter)
        self.draw_all()

    def action_sort(self) -> None:
        self.board.sort_by(self.board.next_column())

    def action_turn(self) -> None:
        self.board.turn()
