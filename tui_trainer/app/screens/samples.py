"""What a dataset looks like, before anything is trained: pages of its training samples over the screen they were called from."""

from __future__ import annotations

from textual.binding import Binding

from tui_trainer.app.screens.layer import Layer
from tui_trainer.app.screens.tab import Keys
from tui_trainer.app.widgets.samples import SamplesPanel
from tui_trainer.session import Gallery, Setup
from tui_trainer.session.gallery import Asked

LOOK = 0.1
"""Seconds between two looks at what was read."""


class SamplesScreen(Layer[None]):
    """Pages of samples; `a` shows them as an epoch of training sees them, `c` keeps to one class after the other."""

    BINDINGS = [
        Binding("right,space,pagedown,l,n", "turn(1)", "next page", key_display="→", tooltip="The next samples", id="next-page"),
        Binding("left,pageup,h", "turn(-1)", "page before", key_display="←", tooltip="The samples before", id="page-before"),
        Binding("a", "change", "as trained on", tooltip="With flips, shifts and all that the form has on, or as they are", id="a"),
        Binding("c", "one_class(1)", "class", tooltip="Only the next class; after the last, all of them", id="class"),
        Binding("C", "one_class(-1)", "class before", tooltip="Only the class before", id="class-before"),
        Binding("f", "fetch", "fetch", tooltip="Fetch the dataset, where it is not here yet", id="fetch"),
        Binding("escape,q,v", "back", "back", key_display="Esc", tooltip="To the screen below", id="back"),
    ]

    def __init__(self, setup: Setup) -> None:
        self.samples = SamplesPanel(id="samples")
        super().__init__(self.samples)
        self.setup, self.gallery = setup, Gallery()
        self.at, self.changed, self.fetching = 0, False, False
        self.only: int | None = None
        self._seen = (-1, "", 0, 0)
        self._asked_for = 0

    def on_mount(self) -> None:
        self.set_interval(LOOK, self._look)
        self.call_after_refresh(self._ask)

    def on_unmount(self) -> None:
        self.gallery.close()

    def lay_out(self) -> None:
        super().lay_out()
        if self._asked_for and self.samples.room.pictures != self._asked_for:
            self.call_after_refresh(self._ask)

    def keys(self) -> Keys:
        if self._absent:
            return [("f", "fetch it now"), ("Esc", "back")]
        changes = [("a", "as they are" if self.changed else "as trained on")] if self.setup.config.changes else []
        classes = [("c", "all classes" if self.only == len(self.setup.dataset.classes) - 1 else "next class")]
        pages = [("→", "next page"), ("←", "before")] if self._turns else []
        return [*pages, *changes, *(classes if self.setup.dataset.classes else []), ("Esc", "back")]

    @property
    def _turns(self) -> bool:
        """Whether there are samples that the page does not show: those of a plane are one page."""
        page = self.gallery.page
        return page is not None and page.shown < page.total and not page.plane

    @property
    def _absent(self) -> bool:
        """Whether there is nothing to look at before it was fetched."""
        return bool(self.gallery.problem and self.setup.dataset.fetch_bytes and not self.gallery.busy)

    def _ask(self) -> None:
        self._asked_for = self.samples.room.pictures
        asked = Asked(self.setup.config, self.at, self._asked_for, self.changed, self.only, self.fetching)
        self.gallery.ask(asked)

    def _look(self) -> None:
        found = self.gallery
        seen = (found.version, found.busy, found.done, found.total)
        if seen == self._seen:
            return
        self._seen = seen
        said = f"{found.busy} …" if found.busy else found.problem
        share = found.done / found.total if found.busy and found.total else None
        page = found.page if not found.problem else None
        self.samples.show(
            page, self.setup.dataset.name, said, share, wrong=not found.busy and bool(found.problem) and not self._absent
        )
        self.footer.show(self.keys())
        if page is not None and not found.busy and self.samples.room.pictures != self._asked_for and page.pictures:
            self._ask()  # its pictures turned out to be of another size than was thought

    def action_turn(self, by: int) -> None:
        page = self.gallery.page
        if page is None or not self._turns:
            return
        count = max(page.shown, 1)
        to = self.at + by * count
        if to >= page.total:
            to = 0
        elif to < 0:  # from the first page to the last one
            to = 0 if self.at else max(page.total - 1, 0) // count * count
        self.at = to
        self._ask()

    def action_change(self) -> None:
        if self.setup.config.changes:
            self.changed = not self.changed
            self._ask()
        else:
            what = "pictures" if self.setup.dataset.pictures else "samples"
            self.trainer.say(f"augment is none: {what} are trained on as they are")

    def action_one_class(self, by: int) -> None:
        """Through all, the first class, and so on to the last, and all again."""
        if count := len(self.setup.dataset.classes):
            now = -1 if self.only is None else self.only
            now = (now + 1 + by) % (count + 1) - 1
            self.only, self.at = (None if now < 0 else now), 0
            self._ask()

    def action_fetch(self) -> None:
        if self._absent:
            self.fetching = True
            self._ask()

    def action_back(self) -> None:
        self.dismiss(None)
