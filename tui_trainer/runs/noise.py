"""Whether a difference is more than noise: Welch's t-test and the test of two proportions, exact and in plain Python."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from typing import NamedTuple

ALPHA = 0.05
"""A difference that chance alone makes more seldom than this is called more than noise."""
WELCH = "Welch's t-test"
PROPORTIONS = "test of two proportions"


class Tested(NamedTuple):
    """What came of one, two-sided."""

    name: str
    statistic: float
    """t or z."""
    degrees: float | None
    """Of freedom; None where the statistic is normal."""
    p: float
    difference: float
    """First minus second."""
    error: float
    """Standard error of the difference."""
    sizes: tuple[int, int]

    @property
    def significant(self) -> bool:
        return self.p < ALPHA


def welch(one: Sequence[float], other: Sequence[float]) -> Tested | None:
    """Whether two means differ, whatever the spreads; None with fewer than two values of either, or without any spread.

    B. L. Welch, "The generalization of Student's problem when several different population variances are involved", 1947;
    the degrees of freedom are those of Welch and Satterthwaite.
    """
    if min(len(one), len(other)) < 2:
        return None
    parts = [statistics.variance(values) / len(values) for values in (one, other)]
    if not (total := sum(parts)) > 0:
        return None
    difference, error = statistics.fmean(one) - statistics.fmean(other), math.sqrt(total)
    shares = [part / total for part in parts]  # before they are squared: tiny variances would be lost
    degrees = 1 / sum(share**2 / (len(values) - 1) for share, values in zip(shares, (one, other), strict=True))
    statistic = difference / error
    return Tested(WELCH, statistic, degrees, student(statistic, degrees), difference, error, (len(one), len(other)))


def proportions(one: float, other: float, sizes: tuple[int, int]) -> Tested | None:
    """Whether two shares of so many samples differ by more than drawing the samples does: the binomial error of the
    difference, with the share of both together. None without samples, or where both are 0 or both 1.

    It takes the samples for independent: of two runs on the very same ones it is on the careful side.
    """
    if min(sizes) < 1:
        return None
    pooled = (one * sizes[0] + other * sizes[1]) / sum(sizes)
    error = math.sqrt(max(pooled * (1 - pooled), 0.0) * (1 / sizes[0] + 1 / sizes[1]))
    if not error:
        return None
    statistic = (one - other) / error
    return Tested(PROPORTIONS, statistic, None, math.erfc(abs(statistic) / math.sqrt(2)), one - other, error, sizes)


def student(statistic: float, degrees: float) -> float:
    """The chance that Student's t with so many degrees of freedom is as far from 0 as this, on either side."""
    squared = statistic * statistic
    return incomplete_beta(degrees / 2, 0.5, degrees / (degrees + squared))


def incomplete_beta(a: float, b: float, x: float) -> float:
    """The regularised incomplete beta function I_x(a, b), for a and b above 0 and x from 0 to 1.

    By its continued fraction (Abramowitz and Stegun 26.5.8), which converges fast below the mean; above it by symmetry.
    """
    if not 0 < x < 1:
        return float(x >= 1)
    if x > (a + 1) / (a + b + 2):
        return 1 - incomplete_beta(b, a, 1 - x)
    log_front = math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log1p(-x)
    return math.exp(log_front) / (a * _fraction(a, b, x))


def _fraction(a: float, b: float, x: float) -> float:
    """1 + d1/(1 + d2/(1 + …)) by the method of Lentz, as Thompson and Barnett changed it."""
    tiny = 1e-300
    value = above = 1.0
    below = 0.0
    for term in range(1, 10_000):
        m = term // 2
        if term % 2:
            step = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        else:
            step = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        below = 1 / ((1 + step * below) or tiny)
        above = (1 + step / above) or tiny
        value *= above * below
        if abs(above * below - 1) < 1e-15:
            break
    return value
