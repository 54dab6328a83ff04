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
