"""Weights of assets from their returns: risk parity, minimum variance, hierarchical risk parity."""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Final, Literal

from uchat_ai_core.domain.quant.series import returns_of

if TYPE_CHECKING:
    from uchat_ai_core.domain.quant.series import Array

Method = Literal["hrp", "risk_parity", "minimum_variance"]
LEAST_DAYS: Final = 20
_ROUNDS: Final = 200
_CLOSE: Final = 1e-10


def weights(
    method: Method, closes: Mapping[str, Sequence[float]], *, cap: float, invested: float
) -> dict[str, float]:
    """Return each asset's weight, at least 0 and at most `cap`, together `invested` or less."""
    moves = returns_of(closes)
    raw = _METHODS[method](moves)
    return capped(dict(zip(closes, map(float, raw), strict=True)), cap=cap, invested=invested)


def capped(raw: Mapping[str, float], *, cap: float, invested: float) -> dict[str, float]:
    """Scale weights to a sum; what is above the cap goes to the others in proportion."""
    found: dict[str, float] = {}
    free, left = {name: max(value, 0.0) for name, value in raw.items()}, invested
    while free:
        total = sum(free.values())
        if total <= 0:
            found.update(dict.fromkeys(free, 0.0))
            break
        above = [name for name, value in free.items() if value / total * left > cap + _CLOSE]
        if not above:
            found.update({name: value / total * left for name, value in free.items()})
            break
        for name in above:
            found[name] = cap
            left -= cap
            del free[name]
    return {name: found[name] for name in raw}


def shrunk(moves: "Array") -> "Array":
    """Return the covariance of returns (days by assets), shrunk towards a multiple of the identity.

    Source: Ledoit and Wolf, A well-conditioned estimator for large-dimensional covariance
    matrices, Journal of Multivariate Analysis 88 (2004).
    """
    import numpy as np  # noqa: PLC0415 - see the package

    days, assets = moves.shape
    centred = moves - moves.mean(axis=0)
    sample = centred.T @ centred / days
    mean = np.trace(sample) / assets
    target = mean * np.eye(assets)
    distance = ((sample - target) ** 2).sum() / assets
    noise = (np.square(centred).T @ np.square(centred) / days - sample**2).sum() / (assets * days)
    intensity = min(noise, distance) / distance if distance else 0.0
    return intensity * target + (1 - intensity) * sample


def risk_parity(moves: "Array") -> "Array":
    """Return weights by which every asset brings the same part of the variance.

    Cyclical coordinate descent: Griveau-Billion, Richard and Roncalli, A Fast Algorithm for
    Computing High-dimensional Risk Parity Portfolios (2013).
    """
    import numpy as np  # noqa: PLC0415 - see the package

    covariance = shrunk(moves)
    assets = len(covariance)
    budget = 1.0 / assets
    found = 1 / np.sqrt(np.diag(covariance))
    for _ in range(_ROUNDS):
        before = found.copy()
        for place in range(assets):
            own = covariance[place, place]
            others = covariance[place] @ found - own * found[place]
            deviation = np.sqrt(found @ covariance @ found)
            root = np.sqrt(others**2 + 4 * own * budget * deviation)
            found[place] = (root - others) / (2 * own)
        if np.abs(found - before).max() < _CLOSE * np.abs(found).max():
            break
    return found / found.sum()


def minimum_variance(moves: "Array") -> "Array":
    """Return the weights, none below zero, whose variance is least: active set on the solution."""
    import numpy as np  # noqa: PLC0415 - see the package

    covariance = shrunk(moves)
    kept = list(range(len(covariance)))
    found = np.zeros(len(covariance))
    while kept:
        part = np.linalg.solve(covariance[np.ix_(kept, kept)], np.ones(len(kept)))
        part /= part.sum()
        if part.min() >= 0:
            found[kept] = part
            break
        kept = [name for name, value in zip(kept, part, strict=True) if value > 0]
    return found


def hierarchical(moves: "Array") -> "Array":
    """Return the weights of hierarchical risk parity, single linkage on correlation distances.

    Source: López de Prado, Building Diversified Portfolios that Outperform Out of Sample, Journal
    of Portfolio Management 42 (2016). The distance is sqrt((1 - correlation) / 2) itself.
    """
    import numpy as np  # noqa: PLC0415 - see the package

    covariance = shrunk(moves)
    deviations = np.sqrt(np.diag(covariance))
    correlation = covariance / np.outer(deviations, deviations)
    distance = np.sqrt(np.clip((1 - correlation) / 2, 0, 1))
    found = np.ones(len(covariance))
    groups = [_leaves_in_order(distance)]
    while groups:
        groups = [
            half
            for group in groups
            for half in (group[: len(group) // 2], group[len(group) // 2 :])
            if len(group) > 1
        ]
        for left, right in zip(groups[::2], groups[1::2], strict=True):
            of_left, of_right = _variance(covariance, left), _variance(covariance, right)
            share = of_right / (of_left + of_right)
            found[left] *= share
            found[right] *= 1 - share
    return found / found.sum()


def _variance(covariance: "Array", group: Sequence[int]) -> float:
    import numpy as np  # noqa: PLC0415 - see the package

    part = covariance[np.ix_(group, group)]
    inverse = 1 / np.diag(part)
    inverse /= inverse.sum()
    return float(inverse @ part @ inverse)


def _leaves_in_order(distance: "Array") -> list[int]:
    """Join the nearest clusters until one is left; return its leaves as the tree has them."""
    clusters = [[place] for place in range(len(distance))]
    while len(clusters) > 1:
        pairs = [(a, b) for a in range(len(clusters)) for b in range(a + 1, len(clusters))]
        first, second = min(
            pairs, key=lambda pair: _nearest(distance, clusters[pair[0]], clusters[pair[1]])
        )
        joined = clusters[first] + clusters[second]
        clusters = [each for place, each in enumerate(clusters) if place not in (first, second)] + [
            joined
        ]
    return clusters[0]


def _nearest(distance: "Array", left: Sequence[int], right: Sequence[int]) -> float:
    return min(float(distance[a, b]) for a in left for b in right)


_METHODS: Final[Mapping[Method, Callable[["Array"], "Array"]]] = {
    "hrp": hierarchical,
    "risk_parity": risk_parity,
    "minimum_variance": minimum_variance,
}
