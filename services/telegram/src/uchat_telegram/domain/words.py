"""What the bot itself says, outside of answers and cards."""

from typing import Final

from uchat_telegram.domain import callbacks
from uchat_telegram.domain.markdown import escape
from uchat_telegram.domain.view import Button, Keyboard, View

COMMANDS: Final = (
    ("portfolio", "What you own and how it does"),
    ("orders", "Your open orders"),
    ("alerts", "What I tell you of: prices, moves, fills"),
    ("mode", "How I answer: quick, analysis, trading, support"),
    ("trading", "How you trade: manual, assisted, autonomous, emergency"),
    ("link", "Use an account that you have on the web"),
    ("stop", "Stop the answer that I am writing"),
    ("kill", "Stop all trading at once"),
    ("help", "What I can do"),
)
"""The menu: command and description."""

WISHES: Final = {"portfolio": "Show my portfolio", "orders": "Show my open orders"}
"""Commands that are nothing but a question to the brain."""

MODES: Final = ("quick", "analysis", "trading", "support")

TRADING_MODES: Final = {
    "manual": "You act alone; I propose only what you ask for.",
    "assisted": "I propose, every order needs your approval.",
    "autonomous": "Inside your mandate orders approve themselves, and say so.",
    "emergency": "Only what lowers a risk: selling and cancelling.",
}

REPEATED: Final = "A repeat: I was interrupted and cannot tell whether you have this already."
ONLY_TEXT: Final = "I read text only. Write to me what you would like to know or do."
PRIVATE_ONLY: Final = "Here I neither answer nor trade. Write to me in a private chat."
STOPPED: Final = "Stopped."
AWAY: Final = "That is not possible right now. Nothing was done; please try again in a moment."
UNKNOWN_CARD: Final = "This card is not known any more. Nothing was done."
OLDER_COPY: Final = "This is an older copy of the card. Use the newest one."
CHANGED: Final = "The plan has changed since. Nothing was approved; look at the card again."
AWAITING_SECOND: Final = "Noted. Somebody else has to approve it as well."
ASKING_AGAIN: Final = "Asking for a new quote."
CODE_REFUSED: Final = (
    "This code is not valid (any more). Make a new one on the web: Settings, Link Telegram."
)
PRESS_AGAIN: Final = "Press once more: the link is good for a minute."
NOT_LINKED: Final = "Nothing was linked."
NOT_DELIVERED: Final = "I could not take your message in: {reason}"


def web_button(url: str) -> Button:
    """Return the button that continues on the web by a one-time link."""
    return Button("Continue on the web", url=url)


def aged(keyboard: Keyboard) -> Keyboard:
    """Return buttons whose one-time link has run out: the button asks for a fresh one."""
    fresh = Button("Continue on the web", data=callbacks.WEB)
    return tuple(
        tuple(fresh if "#continue=" in (button.url or "") else button for button in row)
        for row in keyboard
    )


def renewed(keyboard: Keyboard, url: str) -> Keyboard:
    """Return buttons with a fresh one-time link."""
    return tuple(
        tuple(web_button(url) if button.data == callbacks.WEB else button for button in row)
        for row in keyboard
    )


def cancel_orders(exchange: str) -> str:
    """Return how one asks for all orders at an exchange to be cancelled."""
    return f"cancel all my orders on {exchange}"


def greeting(name: str, url: str | None) -> View:
    """Return the first message."""
    web = (web_button(url),) if url else ()
    return View(
        f"Hello {escape(name)}. I am your money manager: ask me about markets and your portfolio,"
        " tell me what you want to invest, and I propose trades. <b>Nothing is ordered before you"
        " approve it</b>, here or on the web.\n\n"
        "You have a paper account: prices as on an exchange, no real money.\n\n"
        "Try: <i>I have $5000 to invest in crypto</i>",
        keyboard=(web,) if web else (),
    )


def help_text() -> View:
    """Return what the bot can do."""
    lines = [f"/{name} — {escape(text)}" for name, text in COMMANDS]
    return View(
        "Write as you would to a person: <i>What is the price of BTC?</i>, <i>buy 0.01 BTC</i>,"
        " <i>How is my portfolio doing?</i>\n\n" + "\n".join(lines)
    )


def mode_question(current: str | None) -> View:
    """Return the choice of modes."""
    now = f"Now: <b>{escape(current)}</b>. " if current else ""
    buttons = tuple(Button(name.capitalize(), data=callbacks.mode(name)) for name in MODES)
    return View(f"{now}How shall I answer here?", keyboard=(buttons[:2], buttons[2:]))


def mode_chosen(name: str) -> View:
    """Return that a mode was chosen."""
    return View(f"From now on I answer in <b>{escape(name)}</b> mode here. /mode changes it.")


def link_help(url: str | None) -> View:
    """Return how two accounts become one."""
    web = (web_button(url),) if url else ()
    return View(
        "This chat has an account of its own, and the button below opens it on the web.\n\n"
        "To use an account that you <b>already have</b> on the web: open its settings, choose"
        " <i>Link Telegram</i> and send me the code as <code>/start CODE</code>.",
        keyboard=(web,) if web else (),
    )
