"""Answers of the skills, from the tools' results of this turn."""

import re
from decimal import Decimal
from pathlib import Path
from string import Formatter

import pytest
from account_world import Account, fill, holding_btc
from brain_world import Market, listen, said, turn_in

from uchat_ai_core.adapters.brain import PydanticBrain
from uchat_ai_core.adapters.manual import manual
from uchat_ai_core.domain.planner.glossary import TERMS
from uchat_ai_core.domain.planner.languages.messages import MESSAGES
from uchat_ai_core.domain.planner.words import gain, gain_pct

ROOT = Path(__file__).parents[3]


async def ask(text, *, account=None, history=(), mode="trading", market=None):
    brain = PydanticBrain([], market or Market(), account or holding_btc())
    return await listen(brain, turn_in(text, history=history, mode=mode))


@pytest.mark.parametrize(
    ("text", "intent", "tool", "says"),
    [
        ("analyse ETH", "market_analysis", "analyse_asset", "| RSI (14) |"),
        ("how risky is my portfolio?", "risk_assessment", "assess_risk", "| Sortino ratio |"),
        ("what if BTC falls 20%", "risk_assessment", "what_if", "If BTC fell by 20 %"),
        ("show me a risk parity split", "rebalancing", "suggest_weights", "| Wanted |"),
        ("find trading opportunities", "opportunity_discovery", "find_opportunities", "Screened"),
        ("which is my best position", "performance_review", "get_portfolio", "| Coin | Quantity |"),
        ("how do I link telegram", "general_query", "search_docs", "#how-do-i-link-telegram"),
        (
            "how do I delete what you remember about me?",
            "general_query",
            "search_docs",
            "#what-do-you-remember-about-me-and-how-do-i-delete-it",
        ),
        ("0.5 BTC in dollars", "market_analysis", "convert", "5,000.00 USDT"),
    ],
)  # fmt: skip
async def test_a_skill_answers_from_its_tool(text, intent, tool, says):
    heard = await ask(text)
    assert heard.answered.intent == intent
    assert tool in {source.tool for source in heard.answered.sources}
    assert says in heard.final


async def test_the_win_rate_counts_sales_at_a_gain_and_an_order_filled_in_parts_once():
    account = holding_btc()
    sales = [("a", "5"), ("a", "-1"), ("b", "-3"), ("c", "2")]
    account.fills = [
        fill().model_copy(update={"side": "sell", "order_id": order, "realised": Decimal(gained)})
        for order, gained in sales
    ]
    heard = await ask("what is my win rate?", account=account)
    assert heard.final.startswith("2 of your 3 sales were at a gain: 67 %.")
    account.fills = [fill()]
    assert "There is no win rate yet" in (await ask("win rate?", account=account)).final


async def test_an_indicator_of_no_coin_asks_of_which():
    assert (await ask("rsi?")).final.startswith("Of which coin?")
    assert "Ethereum trades at" in (await ask("rsi of eth")).final


@pytest.mark.parametrize("term", TERMS)
async def test_what_a_term_means_is_told_whole(term):
    heard = await ask(f"what is {term}?", mode="quick")
    assert "left out" not in heard.final
    assert heard.answered.intent == "general_query"


async def test_what_is_not_understood_is_answered_with_the_nearest_that_is():
    final = (await ask("untangle comissions from spaghetti", mode="quick")).final
    assert "Nearest to it you can say “how much have I made?”" in final


async def test_cash_alone_has_no_risk():
    assert "cash only" in (await ask("how risky is my portfolio?", account=Account())).final


async def test_without_market_data_no_measure_is_told():
    market = Market()
    market.away = True
    for text in ("analyse BTC", "find opportunities", "how risky is my portfolio"):
        heard = await ask(text, market=market)
        assert "cannot" in heard.final
        assert not [each for each in heard.answered.sources if each.tool != "get_limits"]


async def test_two_wishes_are_answered_in_one_message():
    heard = await ask("price of ETH and buy $50 of it")
    assert "20,000.50 USDT" in heard.final
    (plan,) = heard.answered.proposals
    assert [leg.symbol for leg in plan.legs] == ["ETH"]
    assert heard.answered.intent == "trade_execution"


async def test_what_comes_after_a_list_begins_a_paragraph():
    heard = await ask("I have $5000 to invest, what is BTC at")
    assert "\n\nBitcoin (BTC) is at" in heard.final


async def test_each_coin_that_one_wavers_between_is_looked_at():
    heard = await ask("should I buy SOL or ETH?")
    assert "Solana trades at" in heard.final
    assert "Ethereum trades at" in heard.final


async def test_a_coin_that_is_not_listed_is_said_to_be_so_before_others_are_named():
    heard = await ask("should I buy PEPE?")
    assert heard.final.startswith("PEPE cannot be traded here.")


async def test_an_order_that_was_not_read_for_certain_is_told_with_its_own_coin():
    heard = await ask("Ist der Kurs von ETH gut? Und kaufe vielleicht für 200 Dollar SOL")
    assert "send “buy 200 USD of SOL”. Nothing was proposed." in heard.final
    assert not heard.answered.proposals


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (
            "kaufe 0,01 BTC, wenn die Notierung nicht mehr unter 9000 fällt",
            "buy 0.01 BTC if it falls to …",
        ),
        ("vende 0,01 BTC cuando la tasación no suba a 90000", "sell 0.01 BTC if it rises to …"),
    ],
)
async def test_the_sentence_to_send_keeps_what_the_order_waits_for(text, sentence):
    assert f"send “{sentence}”" in (await ask(text)).final


async def test_a_tutorial_goes_on_step_by_step():
    history = []
    texts = ["tutorial: link Telegram", "next", "ok next", "next"]
    answers = []
    for text in texts:
        heard = await ask(text, history=history)
        history += [
            said(text, len(history) + 1),
            said(heard.final, len(history) + 2, role="assistant"),
        ]
        answers.append(heard.final)
    assert answers[0].startswith("First step: In the web app open Settings")
    assert answers[1].startswith("Next step: Press")
    assert answers[2].startswith("Last step: Send the bot")
    assert "That was the last step" in answers[3]


async def test_support_says_where_it_is_written_and_what_it_does_not_know():
    assert "Near to it" in (await ask("where do I change my limits", mode="support")).final
    assert manual().search("zebra crossing") == []


async def test_only_the_stops_are_cancelled_where_stops_are_named():
    account = holding_btc()
    heard = await ask("cancel my stop on BTC", account=account)
    assert "no open stop orders in BTC" in heard.final
    assert "cancel BTC" not in account.asked


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("¿cuál es el precio de BTC?", "está a 10,000.50 USDT"),
        ("compra 0,01 BTC", "Propongo: comprar 0.01 BTC"),
        ("mi cartera", "Tu cartera vale"),
        ("compra BTC", "¿Cuánto BTC quieres?"),
        ("Was kostet ETH?", "steht bei 20,000.50 USDT"),
        ("verkaufe die Hälfte meiner ETH", "Ich schlage vor: 0.01 ETH verkaufen"),
        ("kauf 0,1 BTC bei 9000", "mit Limit 9,000.00"),
        ("offene Orders", "Du hast keine offenen Aufträge."),
        ("vielen Dank", "Gern geschehen."),
        ("Was weißt du über mich?", "You have told me nothing"),
        ("Das Brot schimmelt schon", "weiß darauf aber keine Antwort"),
        ("quel est le prix du bitcoin", "Je lis l'anglais"),
    ],
)
async def test_a_question_is_answered_in_its_language(text, says):
    assert says in (await ask(text)).final


async def test_a_figure_alone_is_answered_in_the_language_before_it():
    history = (said("compra BTC", 1), said("…", 2, role="assistant"))
    assert (await ask("$50", history=history)).final.startswith("Propongo: comprar")


@pytest.mark.parametrize(
    ("value", "shown"), [("0", "0.00"), ("-0.004", "0.00"), ("12.3", "+12.30"), ("-3", "-3.00")]
)
def test_what_did_not_change_has_no_sign(value, shown):
    assert gain(value) == shown
    assert gain_pct(value) == f"{shown} %"


def test_both_catalogues_have_the_same_messages_with_the_same_gaps():
    def gaps(messages):
        return {
            name: sorted(gap for _, gap, _, _ in Formatter().parse(text) if gap)
            for name, text in messages.items()
        }

    assert gaps(MESSAGES["es"]) == gaps(MESSAGES["de"])


@pytest.mark.parametrize(
    ("text", "link"),
    [
        ("what fees do you charge", "what-does-a-trade-cost-fees-and-commission"),
        ("is there a fee for selling?", "what-does-a-trade-cost-fees-and-commission"),
        ("is this real money?", "are-the-prices-and-the-money-real"),
        ("how do i change my password", "how-do-i-change-my-password-or-e-mail"),
        ("how do i turn off notifications", "which-messages-and-notifications-do-i-get"),
        ("can i export my trades for taxes", "how-do-i-export-my-trades-for-taxes"),
    ],
)
async def test_what_people_ask_about_the_product_is_answered_by_the_section_about_it(text, link):
    assert f"docs/guide.md#{link}" in (await ask(text)).final


def test_a_section_about_a_part_of_a_question_only_fits_it_worse():
    whole, part = (
        manual().search(each)[0].score
        for each in ("change my limits", "change my limits to zebra stripes")
    )
    assert whole > 1.5 * part


def test_each_question_of_the_guide_finds_its_own_section():
    asked = re.findall(r"^## (.+)$", (ROOT / "docs/guide.md").read_text(), re.MULTILINE)
    assert [q for q in asked if manual().search(q)[0].section.title != q] == []
