"""The models that a deployment names, in order of preference."""

from typing import Final

import aiohttp
from pydantic_ai.exceptions import UserError
from pydantic_ai.models import Model, infer_model

from uchat_ai_core.adapters.models.openai_chat import CoalescingChatModel, Endpoint
from uchat_ai_core.adapters.models.planner import NAME as PLANNER
from uchat_platform.errors import InvalidInputError

OPENAI_URL: Final = "https://api.openai.com/v1"
_OURS: Final = "openai-chat:"
_SUPPORTED: Final = (
    "Supported: openai-chat:<model>, which reaches any OpenAI-compatible server by OPENAI_BASE_URL "
    "and OPENAI_API_KEY; other pydantic-ai names only where their provider's package is installed. "
    "Nothing at all means the rule-based planner alone."
)


def choose_models(names: str, endpoint: Endpoint, session: aiohttp.ClientSession) -> list[Model]:
    """Return the models named in a comma-separated list; the planner is never one of them.

    Raises:
        InvalidInputError: a name that this installation cannot serve, with what it can.
    """
    named = (each.strip() for each in names.split(","))
    return [choose_model(name, endpoint, session) for name in named if name and name != PLANNER]


def choose_model(name: str, endpoint: Endpoint, session: aiohttp.ClientSession) -> Model:
    """Return a model by its name.

    Raises:
        InvalidInputError: this installation cannot serve it, with what it can.
    """
    if name.startswith(_OURS) and len(name) > len(_OURS):
        return _ours(name.removeprefix(_OURS), endpoint, session)
    return _theirs(name)


def _ours(name: str, endpoint: Endpoint, session: aiohttp.ClientSession) -> Model:
    if not endpoint.api_key and endpoint.base_url == OPENAI_URL:
        raise InvalidInputError(
            f"UCHAT_AI_MODELS names {_OURS + name!r}, but OPENAI_API_KEY is empty. {_SUPPORTED}"
        )
    return CoalescingChatModel(name, endpoint, session)


def _theirs(name: str) -> Model:
    try:
        return infer_model(name)
    except (ImportError, UserError, ValueError) as e:
        reason = str(e).splitlines()[0] if str(e) else type(e).__name__
        raise InvalidInputError(
            f"UCHAT_AI_MODELS names {name!r}, which cannot be used here ({reason}). {_SUPPORTED}",
            code="model_not_supported",
        ) from e
