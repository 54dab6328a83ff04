"""Inline keyboards, refused for the reasons for which Telegram refuses them."""

from typing import Any, Final, cast
from urllib.parse import urlsplit

from uchat_sim_telegram.errors import bad_request

Json = dict[str, Any]
_MAX_DATA: Final = 64
_MAX_BUTTONS: Final = 100
_STYLES: Final = frozenset({"danger", "success", "primary"})
_KINDS: Final = frozenset({"url", "callback_data", "copy_text", "web_app", "disabled"})


def read(markup: Any) -> list[list[Json]]:
    """Return the rows of an inline keyboard; other keyboards give none.

    Raises:
        ApiError: a button that Telegram refuses.
    """
    if markup is None:
        return []
    if not isinstance(markup, dict):
        raise bad_request("object expected as reply markup")
    given = cast("Json", markup)
    rows = cast("list[list[Json]]", given.get("inline_keyboard") or [])
    if sum(len(row) for row in rows) > _MAX_BUTTONS:
        raise bad_request("REPLY_MARKUP_TOO_LONG")
    for row in rows:
        for button in row:
            _check(button)
    return [row for row in rows if row]


def _check(button: Json) -> None:
    if not button.get("text"):
        raise bad_request("can't parse inline keyboard button: Text of the button is empty")
    if len(_KINDS & button.keys()) != 1:
        raise bad_request("Text buttons are unallowed in the inline keyboard")
    if button.get("style") not in (None, *_STYLES):
        raise bad_request("can't parse inline keyboard button: Unknown style")
    data = button.get("callback_data")
    if data is not None and not 1 <= len(str(data).encode()) <= _MAX_DATA:
        raise bad_request("BUTTON_DATA_INVALID")
    url = button.get("url")
    if url is not None:
        _check_url(str(url))


def _check_url(url: str) -> None:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https", "tg", "ton") or not parts.netloc:
        raise bad_request(f"inline keyboard button URL {url!r} is invalid: Wrong HTTP URL")
