from decimal import Decimal

import aiohttp
import pytest
from account_world import Account
from brain_world import Market, listen, turn_in
from openai_server import SIXTY, OpenAiServer

from uchat_ai_core.adapters.brain import PydanticBrain
from uchat_ai_core.adapters.models.openai_chat import Endpoint
from uchat_ai_core.adapters.models.profiles import load_profiles
from uchat_ai_core.adapters.prompts import NAMES, prompt, version
from uchat_platform.errors import InvalidInputError

BASE = Endpoint("http://127.0.0.1:9/v1", "base-key")
FILE = """
[models.small]
model = "openai-chat:little"
base_url = "{url}"
api_key_file = "small.key"
input_price = "0.15"
output_price = 0.60

[models.large]
model = "openai-chat:big"
base_url = "{url}"

[profiles]
default = ["small"]
analysis = ["large", "small"]
"""


DEFAULT = "\n[profiles]\ndefault = ['a']"


@pytest.fixture
async def load(tmp_path):
    async with aiohttp.ClientSession() as session:

        def loaded(text):
            path = tmp_path / "models.toml"
            path.write_text(text)
            (tmp_path / "small.key").write_text("secret-1\n")
            return load_profiles(path, "", BASE, session)

        yield loaded


async def test_each_mode_has_its_chain_its_servers_and_its_keys(load):
    server = OpenAiServer()
    server.script = [SIXTY]
    async with server.running() as url:
        profiles = load(FILE.format(url=url))
        brain = PydanticBrain(profiles, Market(), Account())
        for mode in ("quick", "analysis"):
            await listen(brain, turn_in("tell me a story", mode=mode))
    assert [each["model"] for each in server.requests] == ["little", "big"]
    assert server.headers[0]["Authorization"] == "Bearer secret-1"
    assert "Authorization" not in server.headers[1]
    assert profiles.of("analysis")[1] is profiles.of("trading")[0]
    assert profiles.names == ["openai-chat:little", "openai-chat:big"]


async def test_a_model_costs_what_its_prices_say(load):
    choice = load(FILE.format(url="http://127.0.0.1:9/v1")).of("quick")[0]
    assert choice.cost(1_000_000, 500_000) == Decimal("0.45")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("nonsense", "models.toml"),
        ("[models.a]\nmodel = 'openai-chat:x'", "default"),
        ("[profiles]\ndefault = ['b']", "'b'"),
        ("[models.a]\nmodle = 'x'\n[profiles]\ndefault = ['a']", "'modle'"),
        ("[models.a]\nmodel = 'openai-chat:x'\ninput_price = -1", "price"),
        ("[models.a]\nmodel = 'openai-chat:x'\napi_key_file = 'no.key'", "no.key"),
        ("[models.a]\nmodel = 'nothing:x'\n[profiles]\ndefault = ['a']", "openai-chat:<model>"),
    ],
)  # fmt: skip
async def test_a_file_that_cannot_be_used_is_refused_with_the_reason(load, text, why):
    with pytest.raises(InvalidInputError) as refused:
        load(text if "[profiles]" in text or why == "default" else text + DEFAULT)
    assert why in refused.value.detail


def test_prompts_are_versioned_files_and_the_newest_counts():
    assert all(prompt(name) and version(name).startswith("v") for name in NAMES)
    assert prompt("nothing") == version("nothing") == ""
