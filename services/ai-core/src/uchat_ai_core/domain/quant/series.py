"""Closes of several assets as one array of daily returns."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from numpy import float64
    from numpy.typing import NDArray

    Array = NDArray[float64]


def returns_of(closes: Mapping[str, Sequence[float]]) -> "Array":
    """Return simple daily returns, days by assets in the mapping's order, of their common days."""
    import numpy as np  # noqa: PLC0415 - see the package

    days = min(len(each) for each in closes.values())
    prices = np.array([list(each)[-days:] for each in closes.values()], dtype=np.float64).T
    return prices[1:] / prices[:-1] - 1
