"""What requests may and may not say, before any service is asked."""

import base64
from datetime import UTC, datetime

import orjson
import pytest

from uchat_execution.app import REQUIRES
from uchat_execution.handlers.grpc import words
from uchat_platform.errors import InvalidInputError


def cursor(*values):
    return base64.urlsafe_b64encode(orjson.dumps(list(values))).decode()


def test_a_cursor_comes_back_as_it_was():
    at = datetime(2026, 11, 23, 1, 2, 3, 456789, tzinfo=UTC)
    assert words.decode_cursor(words.encode_cursor(at, "ord_1")) == (at, "ord_1")
    assert words.decode_cursor("") is None


@pytest.mark.parametrize(
    "text",
    [
        "nonsense",
        "é",
        cursor(),
        cursor("2026-11-23T00:00:00Z"),
        cursor("2026-11-23T00:00:00", "naive"),
        cursor("0001-01-01T00:00:00+14:00", "x"),
        cursor("0001-01-01T00:00:00Z", "x"),
        cursor("2026-11-23T00:00:00Z", "nul\0"),
        cursor("2026-11-23T00:00:00Z", 5),
        cursor(5, "x"),
    ],
)
def test_a_made_up_cursor_is_refused(text):
    with pytest.raises(InvalidInputError) as caught:
        words.decode_cursor(text)
    assert caught.value.code == "invalid_cursor"


@pytest.mark.parametrize("text", ["", "abc", "NaN", "Infinity", "1,5"])
def test_what_is_no_amount_is_refused(text):
    with pytest.raises(InvalidInputError):
        words.decimal(text, "an amount")


@pytest.mark.parametrize("text", ["", "tomorrow", "2026-11-23", "9999-12-31T23:59:59-14:00"])
def test_what_is_no_time_is_refused(text):
    with pytest.raises(InvalidInputError):
        words.moment(text)


def test_the_brain_may_read_and_brake_and_never_decide():
    allowed = {
        name.rpartition("/")[2] for name, who in REQUIRES.items() if "ai-core" in who.services
    }
    assert not allowed & {"ResolveDecision", "GrantMandate", "BeginMerge", "FinishMerge"}
    assert allowed >= {"PreviewPlan", "GetPortfolio", "SetKillSwitch", "RevokeMandate"}
    assert allowed >= {"CancelOrders", "GetQuotes"}
    for name, who in REQUIRES.items():
        assert who.roles, name
        if any(word in name for word in ("Resolve", "Set", "Grant", "Revoke", "Cancel", "Merge")):
            assert "viewer" not in who.roles, name
