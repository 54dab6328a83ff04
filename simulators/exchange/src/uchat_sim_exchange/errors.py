"""What the exchange refuses with: Binance's codes and words.

Source: https://developers.binance.com/docs/binance-spot-api-docs/errors
"""

from collections.abc import Mapping


class ExchangeError(Exception):
    """A refusal: `code` and `message` as Binance says them, and the HTTP status it uses."""

    def __init__(
        self, code: int, message: str, status: int = 400, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(f"{code} {message}")
        self.code = code
        self.message = message
        self.status = status
        self.headers = dict(headers or {})


def filter_failure(name: str) -> ExchangeError:
    """Return the refusal of an order that breaks a filter, as LOT_SIZE."""
    return ExchangeError(-1013, f"Filter failure: {name}")


def outside_window() -> ExchangeError:
    """Return the refusal of a request that came too late."""
    return ExchangeError(-1021, "Timestamp for this request is outside of the recvWindow.")


def ahead_of_server() -> ExchangeError:
    """Return the refusal of a request from the future."""
    return ExchangeError(-1021, "Timestamp for this request was 1000ms ahead of the server's time.")


def may_not() -> ExchangeError:
    """Return the refusal of a key that is not known or may not do that."""
    return ExchangeError(-2015, "Invalid API-key, IP, or permissions for action.", 401)


def too_much_weight(limit: int, wait_s: int) -> ExchangeError:
    """Return the refusal of an address that has asked for too much in this minute."""
    words = (
        f"Too much request weight used; current limit is {limit} request weight per 1 MINUTE."
        " Please use WebSocket Streams for live updates to avoid polling the API."
    )
    return ExchangeError(-1003, words, 429, {"Retry-After": str(wait_s)})


def banned(until_ms: int, wait_s: int) -> ExchangeError:
    """Return the refusal of an address that went on after it was refused."""
    words = (
        f"Way too much request weight used; IP banned until {until_ms}."
        " Please use WebSocket Streams for live updates to avoid bans."
    )
    return ExchangeError(-1003, words, 418, {"Retry-After": str(wait_s)})


def too_many_orders(limit: int, wait_s: int) -> ExchangeError:
    """Return the refusal of an account that has ordered too often."""
    words = f"Too many new orders; current limit is {limit} orders per 10 SECOND."
    return ExchangeError(-1015, words, 429, {"Retry-After": str(wait_s)})


def timed_out() -> ExchangeError:
    """Return the answer that says nothing about what became of a request."""
    words = "Timeout waiting for response from backend server."
    return ExchangeError(-1007, words + " Send status unknown; execution status unknown.", 408)


def missing(name: str) -> ExchangeError:
    """Return the refusal of a request without a parameter that it needs."""
    return ExchangeError(
        -1102, f"Mandatory parameter '{name}' was not sent, was empty/null, or malformed."
    )


def illegal(name: str, legal: str) -> ExchangeError:
    """Return the refusal of a parameter that is not written as `legal`, a regular expression."""
    return ExchangeError(
        -1100, f"Illegal characters found in parameter '{name}'; legal range is '{legal}'."
    )


def unknown_symbol() -> ExchangeError:
    """Return the refusal of a symbol that is not listed."""
    return ExchangeError(-1121, "Invalid symbol.")


def rejected(why: str) -> ExchangeError:
    """Return the refusal of an order by the matching engine."""
    return ExchangeError(-2010, why)


def insufficient_balance() -> ExchangeError:
    """Return the refusal of an order that the account cannot pay."""
    return rejected("Account has insufficient balance for requested action.")


def closed() -> ExchangeError:
    """Return what an order gets while there is no price of now."""
    return ExchangeError(-1013, "Market is closed.")
