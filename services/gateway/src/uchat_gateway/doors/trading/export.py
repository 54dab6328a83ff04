"""CSV files, streamed: a page is asked for once the one before has been sent."""

import csv
import io
import re
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, cast

import orjson
from starlette.responses import StreamingResponse

from uchat_gateway.ports.books import Books
from uchat_gateway.ports.trading import JsonPage, Portfolios
from uchat_platform.auth import Actor

_PAGE: Final = 200
_FORMULA: Final = re.compile(r"^[=+\-@\t\r\n]")
_NUMBER: Final = re.compile(r"^-?[0-9]+(\.[0-9]+)?$")
_TRADES: Final = (
    "at", "trade_id", "order_id", "decision_id", "symbol", "side", "quantity", "price", "fee",
    "fee_asset", "realised", "source",
)  # fmt: skip
_ORDERS: Final = (
    "created_at", "updated_at", "order_id", "decision_id", "client_order_id", "symbol", "side",
    "type", "status", "quantity", "filled", "limit_price", "trigger_price", "time_in_force",
    "average_price", "fee", "fee_asset", "approved_price", "arrival_price", "slippage",
    "slippage_bps", "slippage_approved_bps", "source",
)  # fmt: skip
_LEDGER: Final = ("at", "transaction", "n", "kind", "reference", "book", "asset", "amount")


@dataclass(frozen=True, slots=True)
class Source:
    """What a file holds: its columns, and where a page of it comes from, by cursor and venue."""

    columns: Sequence[str]
    page: Callable[[Actor, str, str], Awaitable[JsonPage]]


Sources = Mapping[str, Source]


def sources(books: Books, portfolios: Portfolios) -> Sources:
    """Return every file by its name."""

    def trades(actor: Actor, cursor: str, venue: str) -> Awaitable[JsonPage]:
        return portfolios.trades(actor, symbol="", cursor=cursor, limit=_PAGE, venue=venue)

    def orders(actor: Actor, cursor: str, venue: str) -> Awaitable[JsonPage]:
        return portfolios.orders(
            actor, open_only=False, symbol="", cursor=cursor, limit=_PAGE, venue=venue
        )

    def ledger(actor: Actor, cursor: str, venue: str) -> Awaitable[JsonPage]:
        return books.ledger(actor, cursor=cursor, limit=_PAGE, venue=venue)

    return {
        "trades": Source(_TRADES, trades),
        "orders": Source(_ORDERS, orders),
        "ledger": Source(_LEDGER, ledger),
    }


async def csv_answer(name: str, source: Source, actor: Actor, venue: str = "") -> StreamingResponse:
    """Return a file; its first page is there before the answer begins.

    Raises:
        UnavailableError: execution is away.
    """
    first = await source.page(actor, "", venue)
    headers = {
        "Content-Disposition": f'attachment; filename="{name}.csv"',
        "Cache-Control": "no-store",
    }
    return StreamingResponse(
        _lines(source, actor, venue, first), media_type="text/csv", headers=headers
    )


async def _lines(source: Source, actor: Actor, venue: str, page: JsonPage) -> AsyncGenerator[bytes]:
    yield _written([source.columns])
    while True:
        rows = [cast("dict[str, Any]", orjson.loads(item)) for item in page.items]
        yield _written([[cell(row.get(name)) for name in source.columns] for row in rows])
        if page.next is None:
            return
        page = await source.page(actor, page.next, venue)


def cell(value: object) -> str:
    """Return a value as a cell that no spreadsheet takes for a formula; numbers stay numbers.

    Source: https://owasp.org/www-community/attacks/CSV_Injection
    """
    text = "" if value is None else str(value)
    return f"'{text}" if _FORMULA.match(text) and not _NUMBER.match(text) else text


def _written(rows: Sequence[Sequence[str]]) -> bytes:
    lines = io.StringIO(newline="")
    csv.writer(lines).writerows(rows)
    return lines.getvalue().encode()
