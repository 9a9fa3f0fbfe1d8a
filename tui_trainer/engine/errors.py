"""The one error the engine raises on purpose."""

from __future__ import annotations


class TrainingError(ValueError):
    """Why this run cannot go on, in a sentence for the person who started it."""
