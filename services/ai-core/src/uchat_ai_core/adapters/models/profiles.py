"""Which models answer in which mode, and what they cost: named by a setting, or by a file.

The file is TOML. Each model has a name of its own; a profile is a chain of them in order, one for
each mode that wants its own, and `default`:

    [models.small]
    model = "openai-chat:qwen3"
    base_url = "http://localhost:11434/v1"
    api_key_file = "small.key"             # beside this file; absent: no key is sent
    input_price = "0.15"                   # US dollars a million tokens; absent: free
    output_price = "0.60"

    [profiles]
    default = ["small"]
    analysis = ["large", "small"]
"""

import time
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any, Final, cast

import aiohttp
from pydantic_ai.models import Model

from uchat_ai_core.adapters.models.breaker import Breaker
from uchat_ai_core.adapters.models.choose import choose_model, choose_models
from uchat_ai_core.adapters.models.openai_chat import Endpoint
from uchat_platform.errors import InvalidInputError

DEFAULT: Final = "default"
_FREE: Final = Decimal(0)
_MILLION: Final = Decimal(1_000_000)


@dataclass(frozen=True, slots=True)
class Choice:
    """A model, what it costs (US dollars a million tokens), and whether it is worth asking."""

    model: Model
    input_price: Decimal = _FREE
    output_price: Decimal = _FREE
    breaker: Breaker = field(default_factory=lambda: Breaker(time.monotonic))

    def cost(self, input_tokens: int, output_tokens: int) -> Decimal:
        """Return what so many tokens cost, in US dollars."""
        return (input_tokens * self.input_price + output_tokens * self.output_price) / _MILLION


@dataclass(frozen=True, slots=True)
class Profiles:
    """Chains of models by mode. A model that is in several has one breaker."""

    chains: Mapping[str, Sequence[Choice]]

    def of(self, mode: str) -> Sequence[Choice]:
        """Return the models of a mode in order of preference; none: the planner alone."""
        return self.chains.get(mode) or self.chains.get(DEFAULT, ())

    @property
    def names(self) -> list[str]:
        """Return the models of all chains, each once."""
        ids = [each.model.model_id for chain in self.chains.values() for each in chain]
        return list(dict.fromkeys(ids))


def profiles_of(models: Sequence[Model]) -> Profiles:
    """Return one chain for all modes."""
    return Profiles({DEFAULT: [Choice(model) for model in models]})


def load_profiles(
    path: Path | None, names: str, endpoint: Endpoint, session: aiohttp.ClientSession
) -> Profiles:
    """Return the profiles of a file, or without one the chain of a comma-separated list.

    Raises:
        InvalidInputError: the file is none, or names what cannot be served; says which and why.
    """
    if path is None:
        return profiles_of(choose_models(names, endpoint, session))
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError) as e:
        raise _invalid(path, str(e)) from e
    models, chains = data.get("models", {}), data.get("profiles", {})
    if not isinstance(models, dict) or not isinstance(chains, dict) or DEFAULT not in chains:
        raise _invalid(path, "it needs [models.<name>] and [profiles] with a default")
    choices = {
        name: _choice(path, name, cast("dict[str, Any]", entry), endpoint, session)
        for name, entry in cast("dict[str, Any]", models).items()
    }
    found: dict[str, Sequence[Choice]] = {}
    for mode, chain in cast("dict[str, list[str]]", chains).items():
        missing = [name for name in chain if name not in choices]
        if missing:
            raise _invalid(path, f"profile {mode!r} names {missing[0]!r}, which is no model there")
        found[mode] = [choices[name] for name in chain]
    return Profiles(found)


def _choice(
    path: Path, name: str, entry: Mapping[str, Any], base: Endpoint, session: aiohttp.ClientSession
) -> Choice:
    unknown = set(entry) - {"model", "base_url", "api_key_file", "input_price", "output_price"}
    if unknown or not isinstance(entry.get("model"), str):
        what = f"unknown field {min(unknown)!r}" if unknown else "no model"
        raise _invalid(path, f"model {name!r}: {what}")
    file, own = entry.get("api_key_file"), "base_url" in entry
    key = base.api_key
    if file or own:
        key = _key(path, name, str(file)) if file else ""
    endpoint = replace(base, base_url=entry.get("base_url", base.base_url), api_key=key)
    return Choice(
        choose_model(entry["model"], endpoint, session),
        _price(path, name, entry.get("input_price", "0")),
        _price(path, name, entry.get("output_price", "0")),
    )


def _key(path: Path, name: str, file: str) -> str:
    try:
        return (path.parent / file).read_text(encoding="utf-8").strip()
    except OSError as e:
        raise _invalid(path, f"model {name!r}: {e.strerror}: {file}") from e


def _price(path: Path, name: str, value: object) -> Decimal:
    try:
        price = Decimal(str(value))
    except InvalidOperation:
        price = Decimal(-1)
    if not price.is_finite() or price < 0:
        raise _invalid(path, f"model {name!r}: {value!r} is no price")
    return price


def _invalid(path: Path, why: str) -> InvalidInputError:
    return InvalidInputError(f"UCHAT_AI_PROFILES: {path.name}: {why}.", code="invalid_profiles")
