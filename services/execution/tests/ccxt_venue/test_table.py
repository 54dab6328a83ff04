"""The table of exchanges says what ccxt, their documentation and our page say."""

from pathlib import Path

import pytest

from uchat_execution.adapters.ccxt_api import rights
from uchat_execution.domain.venues import BY_NAME, VENUES

ROOT = Path(__file__).parents[4]


class Told:
    """An exchange that answers a question about a key as its documentation says."""

    def __init__(self, answer):
        async def asked():
            return answer

        self.private_get_account_config = self.private_get_v5_user_query_api = asked


@pytest.mark.parametrize(
    ("venue", "answer", "expected"),
    [
        ("okx", {"data": [{"perm": "read_only"}]}, (True, False, False)),
        ("okx", {"data": [{"perm": "read_only,trade,withdraw"}]}, (True, True, True)),
        ("bybit", {"result": {"readOnly": 1, "permissions": {"Spot": ["SpotTrade"],
                   "Wallet": []}}}, (True, False, False)),
        ("bybit", {"result": {"readOnly": 0, "permissions": {"Spot": ["SpotTrade"],
                   "Wallet": ["Withdraw"]}}}, (True, True, True)),
    ],
)  # fmt: skip
async def test_what_other_exchanges_say_of_a_key_is_understood(venue, answer, expected):
    found = await rights.ASK[venue](Told(answer))
    assert (found.read, found.trade, found.withdraw) == expected


def test_the_table_of_exchanges_agrees_with_ccxt():
    import ccxt.async_support as ccxt

    for traits in VENUES:
        says = getattr(ccxt, traits.venue)()
        creates = says.features["spot"]["createOrder"]
        assert traits.oco == bool(says.has.get("createOcoOrder")), traits.venue
        assert traits.quote_market_buy == bool(creates["marketBuyByCost"]), traits.venue
        has_triggers = bool(creates["stopLossPrice"] and creates["takeProfitPrice"])
        assert traits.triggers == has_triggers, traits.venue
        assert traits.needs_passphrase == says.requiredCredentials["password"], traits.venue
    assert [each.venue for each in VENUES if each.tested] == ["binance"]
    assert {each.venue for each in VENUES if each.readable} == rights.ASK.keys()
    # Without a deadline of its own, what is unknown could be placed at any time.
    assert all(each.deadline for each in VENUES if each.tested)
    assert BY_NAME["binance"].client_id_lookup


def test_the_page_about_exchanges_says_what_the_table_says():
    page = (ROOT / "docs" / "venues.md").read_text().splitlines()
    for traits in VENUES:
        (row,) = [line for line in page if f"| `{traits.venue}` |" in line]
        name, _, orders, by_id, _, deadline, by_amount, triggers, oco = row.strip("| ").split(" | ")
        assert name == traits.name
        assert orders.startswith("proven") == traits.tested
        assert ("cannot be connected" in orders) == (not traits.readable)
        assert deadline.strip("`") == (traits.deadline or "none")
        said = [each == "yes" for each in (by_id, by_amount, triggers, oco)]
        assert said == [
            traits.client_id_lookup,
            traits.quote_market_buy,
            traits.triggers,
            traits.oco,
        ]
