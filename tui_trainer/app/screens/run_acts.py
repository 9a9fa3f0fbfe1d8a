"""What is done to runs in the table: marked, compared, called something, deleted and brought back. Every question is a sheet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

from tui_trainer import units
from tui_trainer.app.following import Following
from tui_trainer.app.records import Records
from tui_trainer.app.screens.label_sheet import LabelSheet
from tui_trainer.app.screens.sheet import Choice, Sheet
from tui_trainer.app.screens.tab import Tab
from tui_trainer.app.widgets.run_table import RunTable
from tui_trainer.runs import labels, remarks, trash
from tui_trainer.runs.store import Run, StoreError, Summary

LONG = 15.0
"""Seconds for which a sentence stays that says how something is undone, or why it could not be done."""
NAMED = 6
"""Runs that are named in a question; of more only the count is said."""


class RunActs(Tab):
    """The part of the table's screen that acts on runs."""

    table: RunTable
    records: Records
    following: Following
    undoes = False
    """Whether something was deleted here, so that the footer offers to bring it back."""

    def draw_table(self) -> None:
        """Draw what is known by now."""
        raise NotImplementedError

    def _read_on(self) -> None:
        """Read what is to be read, in portions, and draw it."""
        raise NotImplementedError

    @property
    def marked(self) -> list[Summary]:
        """In the order they were marked, those that are still there."""
        known = self.records.known
        return [known[folder] for folder in self.trainer.looking.marked if folder in known]

    def to_export(self) -> Sequence[Run]:
        """The marked runs, or else the one under the cursor."""
        here = self.table.current
        return [one.run for one in self.marked] or ([here.run] if here is not None else [])

    # ---- marks -----------------------------------------------------------------------------------------------

    def action_mark(self) -> None:
        """Mark the run under the cursor, or take its mark away."""
        if (one := self.table.current) is None:
            return
        if why := self.trainer.looking.toggle(one, self.records.known):
            self.trainer.say(why, LONG)
        self.draw_table()

    def action_unmark(self) -> None:
        self.trainer.looking.marked.clear()
        self.draw_table()

    def action_compare(self) -> None:
        """The marked runs side by side; with one of them marked, that and the one under the cursor."""
        chosen = [one.run for one in self.marked]
        if len(chosen) == 1 and (here := self.table.current) is not None and here.run not in chosen:
            chosen.append(here.run)
        if len(chosen) < 2:
            self.trainer.say("mark two runs or more with space, then c compares them")
            return
        from tui_trainer.app.field import Marked  # all that compares is loaded when it is first wanted
        from tui_trainer.app.screens.compare import CompareScreen

        self.app.push_screen(CompareScreen(Marked(chosen)))

    # ---- one run ---------------------------------------------------------------------------------------------

    def action_again(self) -> None:
        if (one := self.table.current) is not None:
            config = asdict(one.config)
            self.trainer.fill_form({name: value for name, value in config.items() if value is not None})

    def action_resume(self) -> None:
        """Go on with the run under the cursor, here."""
        if (one := self.table.current) is not None:
            self.trainer.resume_run(one.run)

    def action_label(self, first: str) -> None:
        """Ask for name and note of the run under the cursor."""
        if (one := self.table.current) is None:
            return

        def keep(name: str, note: str) -> str:
            try:
                labels.write(one.run, name=name, note=note)
            except StoreError as error:
                return str(error)
            self.records.again(one.run)
            self.draw_table()
            return ""

        title = f"Name and note of run {one.run.id}"
        self.app.push_screen(LabelSheet(title, (one.name, one.note), keep, first=first))

    # ---- gone, and back --------------------------------------------------------------------------------------

    def action_delete(self) -> None:
        """Ask, then move what is marked to the trash, or where nothing is, the run under the cursor."""
        chosen = self.marked or [one for one in (self.table.current,) if one is not None]
        gone = [one for one in chosen if not one.alive]
        if not gone:
            for one in chosen[:1]:
                self.trainer.say(f"run {one.run.id} is being trained: stop it first")
            return
        what = f"run {gone[0].run.id}" if len(gone) == 1 else f"{len(gone)} marked runs"
        stays = len(chosen) - len(gone)
        shown = {one.run.folder for one in self.table.rows}
        hidden = sum(one.run.folder not in shown for one in gone)
        fact = about(gone) + (f" {stays} being trained stay{'s' * (stays == 1)}." if stays else "")
        fact += f" The filter hides {'all' if hidden == len(gone) else hidden} of them." if hidden else ""
        choices = [
            Choice("go on", "Keep it" if len(gone) == 1 else "Keep them", "Esc", "nothing is deleted"),
            Choice("delete", "Delete", "D", f"to the trash: u brings {_it(gone)} back"),
        ]
        runs = [one.run for one in gone]
        self.app.push_screen(
            Sheet(f"Delete {what}?", fact, choices), lambda answer: self._delete(runs) if answer == "delete" else None
        )

    def _delete(self, runs: Sequence[Run]) -> None:
        moment, gone, problems = trash.new_moment(), list[Run](), list[str]()
        for run in runs:
            try:
                trash.put(run, moment)
            except StoreError as error:
                problems.append(str(error))
            else:
                gone.append(run)
                self.records.forget(run)
                self.following.forget(run)
        self.trainer.looking.forget(run.folder for run in gone)
        self.undoes = self.undoes or bool(gone)
        self.draw_table()
        done = f"run {gone[0].id} is" if len(gone) == 1 else f"{len(gone)} runs are"
        self.trainer.say("; ".join([*([f"{done} in the trash: u brings {_it(gone)} back"] if gone else []), *problems]), LONG)

    def action_undo(self) -> None:
        """Bring back what was deleted last, be it from elsewhere."""
        found = trash.latest()
        if not found:
            self.trainer.say("there is nothing in the trash")
            return
        back, problems = trash.restore_all(found)
        self.undoes = False
        self.records.look()
        for run in back:
            self.records.again(run)
        self._read_on()  # what else that look found, as a run that trains: nobody looks again before it is read
        self.draw_table()
        if back:
            self.table.put_on(back[0])
        done = f"run {back[0].id} is back" if len(back) == 1 else f"{len(back)} runs are back"
        self.trainer.say("; ".join([*([done] if back else []), *problems]), LONG)


def _it(runs: Sequence[object]) -> str:
    return "it" if len(runs) == 1 else "them"


def about(runs: Sequence[Summary]) -> str:
    """`cnn on digits, 12 epochs, best 97.8 %.`, or of several their ids."""
    if len(runs) > 1:
        ids = ", ".join(one.run.id for one in runs[:NAMED])
        return f"{ids}{f' and {len(runs) - NAMED} more' if len(runs) > NAMED else ''}."
    one = runs[0]
    words = f"{units.plain(one.config.preset)} on {units.plain(one.config.dataset)}, {one.epochs} epoch{'s' * (one.epochs != 1)}"
    called = f"“{units.plain(one.name)}”, " if one.name else ""
    best = f", best {remarks.score(one.best_accuracy, one.best_mae)}" if one.best_loss is not None else ""
    return f"{called}{words}{best}."
