"""Random numbers for one purpose each: what is drawn for one never moves what is drawn for another."""

from __future__ import annotations

import hashlib

import torch


def number(seed: int, *parts: object) -> int:
    """A seed that follows from these and has nothing to do with that of other parts."""
    digest = hashlib.blake2b(repr((seed, *parts)).encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") >> 1


def seeded(seed: int, *parts: object) -> torch.Generator:
    """A generator on the CPU for one purpose; other parts give numbers that have nothing to do with these."""
    return torch.Generator().manual_seed(number(seed, *parts))
