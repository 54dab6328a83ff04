"""How often something may be done, as settings write it."""

import pytest

from uchat_gateway.domain.rates import Rate


@pytest.mark.parametrize(
    ("text", "amount", "span_s", "said"),
    [
        ("120/minute", 120, 60, "120 per minute"),
        ("10 per 5 minutes", 10, 300, "10 per 5 minutes"),
        ("2/2 seconds", 2, 2, "2 per 2 seconds"),
        ("7/30 Seconds", 7, 30, "7 per 30 seconds"),
        (" 20 / hour ", 20, 3600, "20 per hour"),
        ("1000000/day", 1_000_000, 86_400, "1000000 per day"),
        ("5 per 60 minutes", 5, 3600, "5 per hour"),
    ],
)
def test_a_rate_is_read_and_said(text, amount, span_s, said):
    rate = Rate.parse(text)
    assert (rate, str(rate)) == (Rate(amount, span_s), said)
    assert Rate.parse(str(rate)) == rate


@pytest.mark.parametrize(
    "text",
    ["", "often", "0/minute", "5/0 minutes", "5", "/minute", "-5/minute", "5/fortnight", "5/s"],
)
def test_what_is_no_rate_is_refused_with_an_example(text):
    with pytest.raises(ValueError, match="Expected a rate as '120/minute'"):
        Rate.parse(text)
