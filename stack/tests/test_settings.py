"""No setting that somebody may change is found in the code alone."""

import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

from uchat_platform.settings import BaseServiceSettings

ROOT = Path(__file__).parents[2]
MODULES = (
    "uchat_ai_core.settings",
    "uchat_execution.settings",
    "uchat_execution.worker.settings",
    "uchat_gateway.settings",
    "uchat_notifier.settings",
    "uchat_sessions.settings",
    "uchat_sim_exchange.settings",
    "uchat_sim_telegram.settings",
    "uchat_telegram.settings",
)
PAGES = ("README.md", "docs/*.md", "services/*/README.md", "simulators/*/README.md")


def named_in(*patterns: str) -> set[str]:
    """Every setting that these files name in full."""
    texts = (path.read_text() for pattern in patterns for path in sorted(ROOT.glob(pattern)))
    return {name for text in texts for name in re.findall(r"UCHAT_[A-Z0-9_]+", text)}


def settings() -> Iterator[str]:
    for module in map(import_module, MODULES):
        for held in vars(module).values():
            if isinstance(held, type) and issubclass(held, BaseServiceSettings):
                yield from (f"UCHAT_{name.upper()}" for name in held.model_fields)


def test_every_setting_is_on_a_page_or_handed_out_by_the_product():
    known = named_in(*PAGES) | named_in("stack/src/**/*.py")
    # Those have names of their own, or are for negative controls alone.
    apart = re.compile("UCHAT_(UNSAFE|OPENAI)_.*")
    assert {name for name in settings() if not apart.fullmatch(name)} - known == set()


def test_no_page_names_a_setting_that_nobody_reads():
    read = set(settings()) | named_in("stack/src/**/*.py", "tests/**/*.py", "tools/**/*.py")
    whole = {name for name in named_in(*PAGES) if not name.endswith("_")}
    assert whole - read == set()
