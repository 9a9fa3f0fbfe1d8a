"""tui-trainer: a neural-network lab that lives in a terminal."""

__version__ = "0.1.0"
