"""How the ways to exchanges stand."""

from collections.abc import Callable, Mapping
from typing import Literal

CircuitState = Literal["closed", "half_open", "open"]
States = Callable[[], Mapping[str, CircuitState]]
"""Returns the state of each circuit, by its name."""
