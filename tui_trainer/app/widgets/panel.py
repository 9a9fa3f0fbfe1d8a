"""A panel: one rule on top with its name in it, and below it the content. Focus makes the rule heavy and violet."""

from __future__ import annotations

from rich.segment import Segment

from tui_trainer.app.widgets.rows import Line, Rows, clipped, line, width_of


class Panel(Rows, can_focus=True):
    """Base of every panel: subclasses give a title, what stands beside it, and the lines below."""

    title = ""

    def legend(self, width: int) -> Line:
        """What stands in the rule right after the title, within `width` columns."""
        return []

    def aside(self) -> Line:
        """What stands at the right end of the rule: the panel's own state."""
        return []

    @property
    def lit(self) -> bool:
        """Whether the rule is heavy and violet."""
        return self.has_focus

    def body(self, width: int, height: int) -> list[Line]:
        """The lines below the rule. One column is kept free at the left and the right of them by the panel."""
        raise NotImplementedError

    def lines(self, width: int, height: int) -> list[Line]:
        margin = Segment(" ", self.ink.ink())
        return [self.rule(width)] + [[margin, *one] for one in self.body(width - 2, height - 1)]

    def rule(self, width: int) -> Line:
        """`─ Loss ━ train 0.738 ──────── log ─`, exactly `width` columns."""
        ink = self.ink
        rule = ink.ink("you" if self.lit else "line")
        stroke = "━" if self.lit else "─"
        title = clipped(self.title, width - 5)
        left = line((stroke + " ", rule), (title, ink.ink("you" if self.lit else "bright", bold=True)))
        aside = self.aside()
        room = width - width_of(left) - 2
        legend = self.legend(room - 2)
        if legend and width_of(legend) + 2 <= room:
            left += line(("  ", rule), *legend)
        right: Line = []
        if aside and width_of(left) + width_of(aside) + 5 <= width:
            right = line((" ", rule), *aside, (" " + stroke, rule))
        stretch = width - width_of(left) - width_of(right) - 1
        return [*left, *line((" " + stroke * stretch, rule)), *right] if stretch > 0 else left

    def watch_has_focus(self, focused: bool) -> None:
        super().watch_has_focus(focused)
        self.draw()  # not in on_focus: that comes before `has_focus` is set
