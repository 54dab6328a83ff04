"""Figures of a bench run: repeated, beside a floor and a target, as a table and as JSON."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

Better = Literal["lower", "higher"]


@dataclass(frozen=True, slots=True)
class Repeated:
    """One value per repetition: the median counts, min and max tell the machine's noise."""

    values: tuple[float, ...]

    @property
    def median(self) -> float:
        """Return the value that counts."""
        return statistics.median(self.values)

    def as_json(self) -> dict[str, Any]:
        """Return median, min, max and all values."""
        return {
            "median": round(self.median, 3),
            "min": round(min(self.values), 3),
            "max": round(max(self.values), 3),
            "values": [round(value, 3) for value in self.values],
        }


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure. `floor` is what bare parts need for the same, `floor_is` says which parts."""

    name: str
    unit: str
    value: Repeated
    target: float | None = None
    better: Better = "lower"
    floor: Repeated | None = None
    floor_is: str = ""
    note: str = ""

    @property
    def passed(self) -> bool | None:
        """Tell whether the target is met (None: there is no target)."""
        if self.target is None:
            return None
        median = self.value.median
        return median <= self.target if self.better == "lower" else median >= self.target

    def as_json(self) -> dict[str, Any]:
        """Return the figure with its floor and its target."""
        return {
            "name": self.name,
            "unit": self.unit,
            "value": self.value.as_json(),
            "target": self.target,
            "better": self.better,
            "passed": self.passed,
            "floor": None if self.floor is None else self.floor.as_json(),
            "floor_is": self.floor_is,
            "note": self.note,
        }


def quantile(values: Sequence[float], share: float) -> float:
    """Return the value below which a share (0 to 1) of all values lies, by nearest rank."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def total(parts: Sequence[Repeated]) -> Repeated:
    """Return the sum of several figures of equally many repetitions, repetition by repetition."""
    return Repeated(tuple(sum(values) for values in zip(*(p.values for p in parts), strict=True)))


def table(figures: Sequence[Figure]) -> str:
    """Return all figures as a table for a terminal."""
    rows = [("figure", "value", "min-max", "target", "floor", "x floor", "")]
    for figure in figures:
        value, floor = figure.value, figure.floor
        sign = "<=" if figure.better == "lower" else ">="
        ratio = f"{value.median / floor.median:.1f}" if floor and floor.median else ""
        rows.append(
            (
                figure.name,
                f"{value.median:.2f} {figure.unit}",
                f"{min(value.values):.2f}-{max(value.values):.2f}",
                "" if figure.target is None else f"{sign} {figure.target:g}",
                f"{floor.median:.2f}" if floor else "",
                ratio,
                {True: "ok", False: "MISSED", None: ""}[figure.passed],
            )
        )
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = ["  ".join(c.ljust(w) for c, w in zip(row, widths, strict=True)) for row in rows]
    return "\n".join(line.rstrip() for line in [lines[0], "-" * len(lines[0]), *lines[1:]])
