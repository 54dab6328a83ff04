"""What a model may do about alerts in a turn: only what the message that it answers asks for.

As for orders (`permits`), the grammar reads the request itself; in languages that it does not read
the verb has to be there, and every figure of the alert.
"""

# ruff: noqa: E501 - a pattern is read as one line
from decimal import Decimal
from typing import Final

from uchat_ai_core.domain.planner.alerts import Action, AlertWish, alert_wish, meant
from uchat_ai_core.domain.planner.permits import NOT_ASKED, named_in, says
from uchat_ai_core.domain.planner.plain import plainly
from uchat_ai_core.domain.planner.requests import own_words
from uchat_ai_core.domain.planner.wishes import wishes
from uchat_contracts.trading import AlertRequest

_ALERT: Final = r"(?:alarme?|alertas?|alertes?|avvis[io]|avisos?|benachrichtigung(?:en)?|hinweise?|уведомлени\w+|提醒|警报)"
_DAILY: Final = (
    r"(?:zusammenfassung|tagesbericht|resumen|résumé|resume|riepilogo|resumo|сводк\w+|摘要|总结)"
)
_ABROAD: Final[dict[Action, str]] = {
    "set": r"\b(?:sag(?:e)? mir|melde dich|benachrichtige mich|warne? mich|avísame|avisame|alértame|notifícame|préviens-moi|previens-moi|alerte-moi|avertis-moi|dis-moi|avvisami|avvertimi|avise-me|avisa-me|me avise|сообщи|уведоми|предупреди)\b|提醒我|通知我|告诉我",
    "delete": rf"\b(?:lösche?n?|entferne?n?|borra|elimina|quita|supprime|efface|cancella|apaga|exclua|удали)\b.*{_ALERT}|删除.*{_ALERT}",
    "snooze": rf"\b(?:pausiere?n?|stumm|silencia|pausa|silence|silenzia|отложи)\b.*{_ALERT}|暂停.*{_ALERT}",
    "digest": rf"\b(?:schick\w*|sende|envía\w*|envia\w*|manda\w*|envoie\w*|invia\w*|присылай|пришли)\b.*{_DAILY}|发.*{_DAILY}",
    "digest_off": rf"\b(?:keine|stoppe?|cancela|para|arrête|annule|ferma|отмени)\b.*{_DAILY}|取消.*{_DAILY}",
}
_LONGER: Final = Decimal("0.01")


def allows_alert(message: str, wanted: AlertRequest, assets: tuple[str, ...]) -> str:
    """Return why the message does not ask to be told of just this, or an empty string: it does.

    `assets`: those that were spoken of last.
    """
    asked = [meant(wish, assets) for wish in _asked(message, "set")]
    if any(_same(wish, wanted) for wish in asked):
        return ""
    if not asked:
        return _told_abroad(message, wanted)
    lacks = next((wish.lacks for wish in asked if wish.lacks), "")
    if lacks:
        return f"the person left open the {lacks} of the alert; ask for it, do not choose it"
    return "the person asked to be told of something else than this"


def allows_change(
    message: str,
    action: Action,
    symbol: str,
    hours: Decimal,
    *,
    every: bool,
    fills: bool = False,
) -> str:
    """Return why the message does not ask for this change of these alerts; empty: it does."""
    asked = _asked(message, action)
    for wish in asked:
        silent = action != "snooze" or hours <= wish.hours + _LONGER
        of_kind = fills or wish.kind != "fill"
        if of_kind and wish.symbol in ("", symbol) and (wish.every or not every) and silent:
            return ""
    if not asked and not every and says(_ABROAD.get(action), message):
        return ""
    return NOT_ASKED


def allows_digest(message: str, time: str, zone: str, *, on: bool) -> str:
    """Return why the message does not ask for the daily summary to be so; empty: it does."""
    action: Action = "digest" if on else "digest_off"
    asked = _asked(message, action)
    if any(time in ("", wish.time) and zone in ("", wish.zone) for wish in asked):
        return ""
    if asked or not says(_ABROAD[action], message):
        return NOT_ASKED
    hours = {int(each) for each in named_in(message)[1] if each == each.to_integral_value()}
    named = not time or int(time.partition(":")[0]) in hours
    return "" if named and (not zone or zone in message) else NOT_ASKED


def _asked(message: str, action: Action) -> list[AlertWish]:
    """What the person's own words want of alerts; what they quote may name an asset only."""
    found: list[AlertWish] = []
    for each in wishes(message):
        own, whole = (alert_wish(plainly(text).text) for text in (own_words(each), each))
        if own is not None and whole is not None and own.action == whole.action == action:
            found.append(whole)
    return found


def _same(wish: AlertWish, wanted: AlertRequest) -> bool:
    figure = wanted.percent if wanted.level is None else wanted.level
    asked = wish.percent if wish.level is None else wish.level
    return (
        (wish.kind, wish.symbol, asked) == (wanted.kind, wanted.symbol or "", figure)
        and ("either" in (wish.way, wanted.way) or wish.way == wanted.way)
        and (wish.repeat or not wanted.repeat)
    )


def _told_abroad(message: str, wanted: AlertRequest) -> str:
    if not says(_ABROAD["set"], message):
        return NOT_ASKED
    symbols, numbers = named_in(message)
    figures = {each for each in (wanted.level, wanted.percent) if each is not None}
    if (wanted.symbol and wanted.symbol not in symbols) or not figures <= numbers:
        return "the message does not name this asset and this figure; ask for them"
    return ""
