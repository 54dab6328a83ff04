"""Our own model class by itself: no bus, no database, no other process but the endpoint."""

import aiohttp
from pydantic_ai.messages import InstructionPart, ModelRequest, TextPart, UserPromptPart
from pydantic_ai.models import ModelRequestParameters

from tests.load.figures import Repeated
from tests.load.floors import cpu_ms
from tests.support.instant_model import WORDS
from uchat_ai_core.adapters.models.openai_chat import CoalescingChatModel, Endpoint
from uchat_ai_core.adapters.prompts import prompt
from uchat_ai_core.adapters.run import Toolbox
from uchat_ai_core.adapters.tools import TOOLS


async def answer_cpu_ms(
    http: aiohttp.ClientSession, base: str, repetitions: int, times: int
) -> Repeated:
    """Return the CPU of one streamed answer through the class, with the product's tools and prompt.

    Raises:
        ValueError: an answer was not what the endpoint says.
    """
    model = CoalescingChatModel("instant", Endpoint(base, "none"), http)
    toolbox: Toolbox[object] = Toolbox(TOOLS)
    parameters = ModelRequestParameters(
        function_tools=toolbox.definitions,
        instruction_parts=[InstructionPart(prompt("assistant"))],
    )

    async def step() -> None:
        asked = [ModelRequest(parts=[UserPromptPart(content="hello")])]
        async with model.request_stream(list(asked), None, parameters) as stream:
            async for _ in stream:
                pass
            said = stream.get().parts
        text = "".join(part.content for part in said if isinstance(part, TextPart))
        if text != "".join(WORDS):
            raise ValueError(f"Expected the endpoint's {len(WORDS)} words, found {text!r}")

    return await cpu_ms(step, repetitions=repetitions, times=times)
