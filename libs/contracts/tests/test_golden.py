"""Every version of every event that was ever published still decodes."""

import json
from pathlib import Path

import pytest

from uchat_contracts.events import REGISTRY

GOLDEN = sorted((Path(__file__).parent / "golden").glob("*.json"))
MODELS = {str(item.event.model_fields["type"].default): item.event for item in REGISTRY}


def is_within(sample, encoded):
    """Whether everything of a sample is encoded as it was; optional fields may be added to it."""
    if isinstance(sample, dict):
        return all(key in encoded and is_within(sample[key], encoded[key]) for key in sample)
    if isinstance(sample, list):
        pairs = zip(sample, encoded, strict=False)
        return len(sample) == len(encoded) and all(is_within(*pair) for pair in pairs)
    return sample == encoded


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.stem)
def test_a_golden_sample_decodes_and_encodes_as_it_was(path):
    sample = json.loads(path.read_text())
    event = MODELS[path.stem].model_validate_json(path.read_bytes())
    encoded = json.loads(event.json_bytes())
    assert is_within(sample, encoded)
    assert MODELS[path.stem].model_validate_json(event.json_bytes()) == event


def test_every_registered_event_has_a_golden_sample():
    assert {path.stem for path in GOLDEN} >= set(MODELS)


def test_an_unknown_field_is_ignored():
    path = GOLDEN[0]
    sample = json.loads(path.read_text())
    model = MODELS[path.stem]
    assert model.model_validate(sample | {"added_later": 1}) == model.model_validate(sample)
