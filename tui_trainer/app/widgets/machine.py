"""The machine: speed of training, processor, memory, and what the screen itself costs."""

from __future__ import annotations

from rich.style import Style

from tui_trainer import units
from tui_trainer.app.meter import Machine
from tui_trainer.app.widgets.bars import clear, sides
from tui_trainer.app.widgets.panel import Panel
from tui_trainer.app.widgets.rows import Line, line
from tui_trainer.app.widgets.sparkline import sparkline

LABEL = 7


class MachinePanel(Panel):
    """Shows one sample of the meter."""

    title = "Machine"

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._machine = Machine()

    def show(self, machine: Machine) -> None:
        if machine != self._machine:
            self._machine = machine
            self.draw()

    def aside(self) -> Line:
        return line(("this screen", self.ink.ink("dim"))) if self._machine.elsewhere else []

    def body(self, width: int, height: int) -> list[Line]:
        ink, machine = self.ink, self._machine
        dim, text = ink.ink("dim"), ink.ink()
        speed = f"{units.speed(machine.speed):<5} "
        spark = sparkline(machine.speeds, width - LABEL - len(speed))
        rows = [
            self._row("img/s" if machine.unit == "img/s" else "speed", speed, clear(ink), spark, dim, width),
            self._row("cpu", self._threads(), text, self._busy(), text, width),
            self._row("memory", units.size(machine.memory_bytes), text, self._whole(), dim, width),
            self._row("screen", units.percent(machine.screen_share), text, self._written(), dim, width),
        ]
        return rows[:height]

    def _row(self, label: str, left: str, left_style: Style, right: str, right_style: Style, width: int) -> Line:
        start = line((f"{label:<{LABEL}}", self.ink.ink("dim")), (left, left_style))
        return sides(start, line((right, right_style)), width, self.ink.ink())

    def _threads(self) -> str:
        threads = self._machine.threads
        return f"{threads or units.UNKNOWN} of {self._machine.cores}"

    def _busy(self) -> str:
        """How much of the threads that train is in use; of all cores while nothing trains."""
        used = self._machine.cpu_percent
        return units.UNKNOWN if used is None else f"{min(used / (self._machine.threads or self._machine.cores), 100):.0f} %"

    def _whole(self) -> str:
        whole = self._machine.memory_total
        return "" if whole is None else f"of {whole / 1e9:.0f}"

    def _written(self) -> str:
        rate = self._machine.screen_bytes_per_second
        return units.UNKNOWN if rate is None else f"{rate / 1000:.0f} kB/s"
