"""The files in the folder of a run's checkpoints, by name. What they hold, the engine alone knows."""

LAST = "last.pt"
"""Where the run goes on: its newest state."""
BEST = "best.pt"
"""The state after the best validation."""
FROM = "from.pt"
"""The weights that a run begins with, where they are those of another."""
