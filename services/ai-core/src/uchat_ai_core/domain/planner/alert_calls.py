"""Which tools an alert in words needs, and what is answered with their results."""

# ruff: noqa: E501 - sentences are read whole
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from uchat_ai_core.domain.planner.alerts import AlertWish
from uchat_ai_core.domain.planner.replies import Call, Reply, Result, failed, unavailable
from uchat_ai_core.domain.planner.words import clock, figure, listed

SET_ALERT: Final = "set_alert"
LIST_ALERTS: Final = "list_alerts"
CHANGE_ALERTS: Final = "change_alerts"
SET_DIGEST: Final = "set_digest"
GET_DIGEST: Final = "get_digest"
WITHOUT_EFFECT: Final = {
    SET_ALERT: LIST_ALERTS,
    CHANGE_ALERTS: LIST_ALERTS,
    SET_DIGEST: GET_DIGEST,
}
"""With which tool a question is answered again without doing anything again."""
HOW: Final = "Say for example “tell me when BTC drops below 90k”, “alert me if ETH moves 5% in an hour”, “let me know if my portfolio falls 10%” or “tell me when my order is filled”."
_MANAGE: Final = "“What alerts do I have” lists them; “snooze” or “delete the BTC alert” changes them, as do the buttons on each alert, Settings on the web and /alerts on Telegram."
_LACKS: Final = {
    "asset": "of which asset",
    "price": "at which price",
    "level": "at which value of your portfolio",
    "percent": "by how many percent",
}
_DONE: Final = {"snooze": "Silent", "delete": "Deleted", "resume": "On again"}
_SHOWN: Final = 10
_CENTS: Final = Decimal("0.01")

Data = dict[str, Any]


def alert_calls(wish: AlertWish) -> tuple[Call, ...]:
    """Return the tools to call; none if something is left open."""
    if wish.lacks:
        return ()
    if wish.action == "set":
        return (Call(SET_ALERT, {"alert": _request(wish)}),)
    if wish.action == "list":
        return (Call(LIST_ALERTS, {"symbol": wish.symbol}),)
    if wish.action == "digest_when":
        return (Call(GET_DIGEST),)
    if wish.action in ("digest", "digest_off"):
        on = wish.action == "digest"
        return (Call(SET_DIGEST, {"on": on, "time": wish.time, "zone": wish.zone}),)
    arguments: Data = {"action": wish.action, "symbol": wish.symbol, "every": wish.every}
    if wish.kind == "fill":
        arguments["fills"] = True
    if wish.action == "snooze":
        arguments["hours"] = format(wish.hours.quantize(_CENTS), "f")
    return (Call(CHANGE_ALERTS, arguments),)


def alert_reply(wish: AlertWish, results: Mapping[str, Result]) -> Reply:
    """Answer what a message wanted of alerts."""
    if wish.lacks:
        return Reply(f"I can tell you, but {_LACKS[wish.lacks]}? Nothing is set yet.", HOW)
    if SET_ALERT in results:
        return _set_reply(results[SET_ALERT])
    if CHANGE_ALERTS in results:
        return _changed_reply(wish, results[CHANGE_ALERTS])
    if SET_DIGEST in results:
        return _digest_reply(results[SET_DIGEST], changed=True)
    if GET_DIGEST in results:
        return _digest_reply(results[GET_DIGEST], changed=False)
    return _listed_reply(results.get(LIST_ALERTS, {"error": ""}))


def _request(wish: AlertWish) -> Data:
    wanted: Data = {"kind": wish.kind, "way": wish.way, "repeat": wish.repeat}
    if wish.symbol:
        wanted["symbol"] = wish.symbol
    if wish.level is not None:
        wanted["level"] = format(wish.level, "f")
    if wish.percent is not None:
        wanted["percent"] = format(wish.percent, "f")
    if wish.window_s is not None:
        wanted["window_minutes"] = wish.window_s // 60
    return wanted


def _set_reply(result: Result) -> Reply:
    if unavailable(result):
        return failed(result, "set that alert")
    if result.get("repeat"):
        once = "I tell you each time, on every interface."
    else:
        once = "I tell you once, on every interface; say “every time” to have it repeated."
    beyond = (
        " That is so already, so I tell you when it happens the next time."
        if result.get("beyond")
        else ""
    )
    return Reply(f"Alert set: {result['text']}.{beyond} {once}", _MANAGE)


def _listed_reply(result: Result) -> Reply:
    if unavailable(result):
        return failed(result, "list your alerts")
    alerts: list[Data] = result["alerts"]
    of = f" on {result['symbol']}" if result.get("symbol") else ""
    if not alerts:
        return Reply(f"You have no alerts{of}.", HOW)
    lines = [_line(each) for each in alerts[:_SHOWN]]
    more = f" And {len(alerts) - _SHOWN} more." if len(alerts) > _SHOWN else ""
    noun = "alert is" if len(alerts) == 1 else "alerts are"
    return Reply(f"{len(alerts)} {noun} set{of}: {'; '.join(lines)}.{more}", _MANAGE)


def _changed_reply(wish: AlertWish, result: Result) -> Reply:
    verb = {"snooze": "snooze", "delete": "delete", "resume": "switch on"}[wish.action]
    if unavailable(result):
        return failed(result, f"{verb} that alert")
    changed: list[Data] = result["changed"]
    fitting: list[Data] = result["fitting"]
    of = f" on {wish.symbol}" if wish.symbol else ""
    if not fitting:
        return Reply(f"You have no alert{of} to {verb}, so nothing was changed.", _MANAGE)
    if not changed:
        which = listed([each["text"] for each in fitting[:_SHOWN]])
        return Reply(
            f"Several fit: {which}. Nothing was changed.",
            f"Say which asset's, or “{verb} all alerts{of}”; or use the buttons under Settings or /alerts.",
        )
    what = "; ".join(each["text"] for each in changed)
    until = f" until {clock(changed[0]['snoozed_until'])}" if "snoozed_until" in changed[0] else ""
    fills = all(each["kind"] == "fill" for each in changed)
    then = "What is filled by then" if fills else "If it holds then"
    after = f" {then}, I tell you then." if wish.action == "snooze" else ""
    return Reply(f"{_DONE[wish.action]}{until}: {what}.{after}", _MANAGE)


def _digest_reply(result: Result, *, changed: bool) -> Reply:
    if unavailable(result):
        return failed(result, "set your daily summary" if changed else "look up your daily summary")
    if not result["on"]:
        lead = "Your daily summary is off now." if changed else "Your daily summary is off."
        return Reply(lead, "Say “send me a summary every day at 8” to have it.")
    following = f", next on {clock(result['next_at'])}" if "next_at" in result else ""
    lead = "Done: you" if changed else "You"
    return Reply(
        f"{lead} get your summary every day at {result['time']} ({result['zone']}){following}.",
        "It has your portfolio's value and its change since the day before, what moved most, open orders and proposals that wait. Name a zone, as “at 8 Europe/Berlin”, to move it; “stop the daily summary” ends it.",
    )


def _line(alert: Data) -> str:
    state = ""
    if alert["state"] == "snoozed":
        state = f" (silent until {clock(alert['snoozed_until'])})"
    elif alert["state"] == "fired":
        state = " (told, waits until it has gone back)"
    elif alert["state"] == "done":
        state = " (told, over)"
    elif alert.get("beyond"):
        state = " (holds now, waits for the next time)"
    told = alert.get("told")
    times = f", told {figure(str(told))} times" if isinstance(told, int) and told > 1 else ""
    return f"{alert['text']}{state}{times}"
