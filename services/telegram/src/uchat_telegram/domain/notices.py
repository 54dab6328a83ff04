"""Notices of the person's log as messages: brakes, mandates, links."""

from uchat_contracts.people import Link
from uchat_contracts.trading import KeyChanged, KillSwitch, Mandate, Trading, venue_name
from uchat_telegram.domain import callbacks, figures, words
from uchat_telegram.domain.markdown import escape
from uchat_telegram.domain.view import Button, View


def kill_switch(state: KillSwitch) -> View:
    """Return where the brake stands, from when on it holds, and what may still happen."""
    done = "" if state.changed_via is None else f"Done {figures.via(state.changed_via)}"
    if done:
        at = "" if state.changed_at is None else f" at {figures.clock(state.changed_at)}"
        done = f"{done}{at}."
    if not state.on:
        return View("\n".join(filter(None, ("<b>Trading is on again, everywhere.</b>", done))))
    lines = ["<b>All trading is stopped, everywhere.</b>", *([done] if done else [])]
    if state.effective_at is not None:
        lines.append(f"No order leaves after {figures.exact_clock(state.effective_at)}.")
    if state.in_flight:
        legs = ", ".join(
            f"{leg.symbol} (until {figures.exact_clock(leg.until)})" for leg in state.in_flight
        )
        lines.append(f"On the way before and perhaps executed: {escape(legs)}.")
    else:
        lines.append("Nothing was on the way.")
    lines.append("/kill off lets trading go on.")
    return View("\n".join(lines))


def kill_off_question() -> View:
    """Return the question before trading is let go on."""
    button = Button("Yes, let trading go on", data=callbacks.KILL_OFF, style="danger")
    return View("Let trading go on? What you approve is executed again.", keyboard=((button,),))


def mandate(given: Mandate) -> View:
    """Return what approves itself from now on, or no longer."""
    limit = figures.money(given.per_day, given.quote_currency)
    if given.state != "active":
        return View(f"The mandate of {limit} a day is {given.state}. I ask you before every trade.")
    symbols = f" of {', '.join(given.symbols)}" if given.symbols else ""
    if given.suspended is not None:
        return View(f"<b>The mandate is suspended.</b> {escape(given.suspended.text)}")
    return View(
        f"<b>Mandate: up to {limit} a day{escape(symbols)}</b>"
        f" until {figures.day(given.expires_at)}. Trades within it approve themselves, and say so."
        " /kill stops everything."
    )


def trading(now: Trading) -> View:
    """Return how the person trades, and what the account may do if that is less than all."""
    lines = [f"<b>{now.mode.capitalize()} mode.</b> {words.TRADING_MODES[now.mode]}"]
    if now.state != "active":
        why = now.reason.text if now.reason is not None else "Buying is stopped on this account."
        lines.append(f"! {escape(why)}")
    lines.append("/trading changes it.")
    return View("\n".join(lines))


def key_changed(told: KeyChanged) -> View:
    """Return what a key of an exchange may do by now."""
    stopped = told.may_withdraw or told.refused_at is not None
    head = "<b>Real orders are stopped.</b> " if stopped else ""
    data = callbacks.cancel_orders(told.venue)
    cancel = Button(f"Cancel the orders on {venue_name(told.venue)}", data=data, style="danger")
    return View(f"{head}{escape(told.text)}", keyboard=((cancel,),) if told.still_open else ())


def key_mark(told: KeyChanged) -> str:
    """Return what makes it news: what the key may do, and since when it is refused."""
    refused = "" if told.refused_at is None else f":{told.refused_at.isoformat()}"
    return f"{told.may_trade}:{told.may_withdraw}{refused}"


def trading_mark(now: Trading) -> str:
    """Return what makes it news: the mode and the state, not how often they changed."""
    return f"{now.mode}:{now.state}"


def trading_question(now: Trading) -> View:
    """Return the choice of how to trade."""
    buttons = tuple(
        Button(name.capitalize(), data=callbacks.trade(name)) for name in words.TRADING_MODES
    )
    told = "\n".join(
        f"<b>{name.capitalize()}</b>: {what}" for name, what in words.TRADING_MODES.items()
    )
    return View(
        f"Now: <b>{now.mode}</b>. It holds on every interface.\n\n{told}",
        keyboard=(buttons[:2], buttons[2:]),
    )


def link_question(masked_account: str, agree: str) -> View:
    """Return the question whether somebody asked for this link; `agree` is the button's data."""
    buttons = (
        Button("Link", data=agree, style="primary"),
        Button("No", data=callbacks.NO_LINK),
    )
    return View(
        f"Link this Telegram with the account <b>{escape(masked_account)}</b>? Everything said here"
        " moves to it.\n\nPress <b>Link</b> only if you asked for this on your own screen:"
        " whoever sent you this code would read along.",
        keyboard=(buttons,),
    )


def claimed(link: Link, masked_account: str) -> View:
    """Return what who showed a link code sees: which account, and the number to compare."""
    return View(
        f"Almost linked with <b>{escape(masked_account)}</b>.\n\n"
        f"Your number: <b>{escape(link.match_number or '?')}</b>\n\n"
        "Confirm on the web, and only if the same number is shown there. Nothing is linked before."
    )


def link_changed(link: Link) -> View | None:
    """Return what to say about a link, if anything; it may be this chat's or another one's."""
    what = " ".join(filter(None, (link.provider.capitalize(), link.display_name)))
    if link.state == "active":
        may = (
            "Trades with real money may be approved there, too."
            if link.may_approve
            else "It reads and chats along, and approves on paper."
        )
        return View(f"✓ <b>Linked: {escape(what)} now belongs to your account.</b> {may}")
    if link.state == "revoked":
        return View(f"{escape(what)} does not belong to your account any more.")
    return None
