"""Steers the instant model endpoint, which runs as another process, from a test."""

import json
from dataclasses import dataclass
from urllib.request import Request, urlopen


@dataclass(frozen=True, slots=True)
class SteeredModel:
    """The endpoint at `base`."""

    base: str

    def steer(self, **wanted: float) -> int:
        """Return how many requests it had, after saying what it shall be like.

        `broken`: it answers 503; `pace_ms`: how long it takes over a token.
        """
        request = Request(
            f"{self.base}/steer",
            json.dumps(wanted).encode(),
            headers={"Content-Type": "application/json"},
        )
        with urlopen(request, timeout=5) as response:
            return int(json.load(response)["requests"])

    def answers(self) -> bool:
        """Tell whether it runs."""
        try:
            self.steer()
        except OSError:
            return False
        return True
