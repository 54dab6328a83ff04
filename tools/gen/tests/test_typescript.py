import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[1] / "typescript.py"
sys.path.insert(0, str(SCRIPT.parent))

import typescript  # noqa: E402  (tools are scripts, not an installed package)


@pytest.mark.parametrize(
    ("schema", "wanted"),
    [
        ({"type": "string", "pattern": "^a"}, "string"),
        ({"const": "hello", "type": "string"}, '"hello"'),
        ({"enum": ["a", "b"], "type": "string"}, '"a" | "b"'),
        ({"$ref": "#/$defs/Part"}, "Part"),
        ({"anyOf": [{"type": "integer"}, {"type": "number"}, {"type": "null"}]}, "number | null"),
        (
            {"type": "array", "items": {"anyOf": [{"type": "string"}, {"type": "null"}]}},
            "(string | null)[]",
        ),
        ({"type": "object", "additionalProperties": {"type": "integer"}}, "Record<string, number>"),
        ({"type": "object", "additionalProperties": True}, "Record<string, unknown>"),
        ({}, "unknown"),
    ],
)
def test_schema_becomes_a_type(schema: dict[str, object], wanted: str):
    assert typescript.type_of(schema) == wanted


def test_a_shape_without_a_type_is_an_error():
    with pytest.raises(ValueError, match="No TypeScript type"):
        typescript.type_of({"type": "tuple"})


def test_a_field_that_may_be_null_may_be_absent():
    schema = {
        "properties": {"seq": {"anyOf": [{"type": "integer"}, {"type": "null"}]}},
        "required": ["seq"],
    }
    assert "  seq?: number | null;" in list(typescript.interface("Ack", schema))


def test_two_shapes_under_one_name_are_an_error():
    with pytest.raises(ValueError, match="Two different shapes"):
        typescript.merge({"A": {"type": "string"}}, {"A": {"type": "integer"}})


def test_committed_types_are_up_to_date():
    result = subprocess.run(
        [sys.executable, SCRIPT, "--check"], capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stdout
