"""Every version of every event that was ever published still decodes."""

import json
from pathlib import Path

import pytest

from uchat_contracts.events import REGISTRY

GOLDEN = sorted((Path(__file__).parent / "golden").glob("*.json"))
MODELS = {str(item.event.model_fields["type"].default): item.event for item in REGISTRY}


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.stem)
def test_a_golden_sample_decodes_and_encodes_to_itself(path):
    sample = json.loads(path.read_text())
    event = MODELS[path.stem].model_validate_json(path.read_bytes())
    assert json.loads(event.json_bytes()) == sample


def test_every_registered_event_has_a_golden_sample():
    assert {path.stem for path in GOLDEN} >= set(MODELS)


def test_an_unknown_field_is_ignored():
    path = GOLDEN[0]
    sample = json.loads(path.read_text()) | {"added_later": 1}
    assert json.loads(MODELS[path.stem].model_validate(sample).json_bytes()) == json.loads(
        path.read_text()
    )
