"""What a person wants to be told of: alerts, and the digest of a day."""

from datetime import date
from typing import Annotated, Final, Literal, Self

from pydantic import AwareDatetime, Field, StringConstraints, model_validator

from uchat_contracts.ids import InterfaceName, PersonId
from uchat_contracts.model import Model
from uchat_contracts.money import Amount
from uchat_contracts.trading.plan import Positive, Symbol

AlertKind = Literal["price", "percent", "portfolio", "drawdown", "fill"]
AlertWay = Literal["above", "below", "either"]
AlertState = Literal["armed", "fired", "snoozed", "done", "deleted"]
"""armed: waits; fired: told, and waits until the market has gone back (repeating ones only);
snoozed: tells nothing until `snoozed_until`; done: told once and over."""

_NEEDS: Final[dict[str, frozenset[str]]] = {
    "price": frozenset({"symbol", "level"}),
    "percent": frozenset({"symbol", "percent", "window_s"}),
    "portfolio": frozenset({"level"}),
    "drawdown": frozenset({"percent"}),
    "fill": frozenset(),
}
_MAY: Final[dict[str, frozenset[str]]] = {"fill": frozenset({"symbol"})}


class AlertRequest(Model):
    """What to be told of, as it is wished for.

    price: `symbol` gets `above` or `below` `level` (quote currency; `either`: whichever side the
    market is not on now). percent: it moves by `percent` up (`above`), down or `either` within
    `window_s` seconds. portfolio: its value gets above or below `level`. drawdown: it falls by
    `percent` from its highest value since the alert was set. fill: an order of the person's (of
    `symbol`, if one is named) is filled. Without `repeat` it is told once.
    """

    kind: AlertKind
    symbol: Symbol | None = None
    way: AlertWay = "either"
    level: Positive | None = None
    percent: Annotated[Amount, Field(gt=0, le=1000)] | None = None
    window_s: int | None = Field(default=None, ge=60, le=86_400)
    repeat: bool = False

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        needs = _NEEDS[self.kind]
        given = {
            name
            for name in ("symbol", "level", "percent", "window_s")
            if getattr(self, name) is not None
        }
        if not needs <= given or not given <= needs | _MAY.get(self.kind, frozenset()):
            wanted = " and ".join(sorted(needs)) or "at most a symbol"
            raise ValueError(f"An alert on {self.kind} has {wanted}, and nothing else")
        if self.kind == "drawdown" and self.percent is not None and self.percent >= 100:  # noqa: PLR2004 - percent
            raise ValueError("A portfolio falls by less than 100 percent")
        return self


class AlertFiring(Model):
    """What was told of an alert, the `n`th time: `value` is a price, a percentage or a worth.

    `text` is a sentence for the person, with the figure, its source and its time. `as_of` is when
    the market (or the fill) was so, `at` when it was noticed.
    """

    n: int = Field(ge=1)
    text: str
    value: Amount
    unit: str
    source: str
    simulated: bool
    as_of: AwareDatetime
    at: AwareDatetime


class Alert(AlertRequest):
    """An alert of a person as it stands; `rev` counts its changes.

    `text` says what it waits for. `beyond`: the condition holds now, so that the market has to go
    back before it is told (again). `fired` is what was told last. As `data` of the entry `alert`
    it tells `fired`; as data of `alert.changed` only that the alert was set, snoozed or deleted.
    """

    alert_id: str
    user_id: PersonId
    rev: int = Field(ge=1)
    state: AlertState
    text: str
    quote_currency: Symbol = "USDT"
    beyond: bool = False
    created_at: AwareDatetime
    created_via: InterfaceName
    snoozed_until: AwareDatetime | None = None
    fired: AlertFiring | None = None


class DigestSettings(Model):
    """When the digest of the day is told: at `time` (24 h, `HH:MM`) in the IANA time `zone`."""

    on: bool = False
    time: Annotated[str, StringConstraints(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")] = "08:00"
    zone: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_+\-/]{1,64}$")] = "UTC"
    next_at: AwareDatetime | None = None


class Mover(Model):
    """An asset that moved most within 24 hours, in percent; `held`: the person owns some."""

    symbol: Symbol
    price: Amount
    change_24h_pct: Amount
    held: bool


class Digest(Model):
    """What a day comes to, as data of the entry `digest`; money in quote currency.

    `change` is since `since` (yesterday's digest, or 24 hours ago), without what was deposited or
    withdrawn; absent while a price is missing. `text` says all of it in sentences.
    """

    user_id: PersonId
    day: date
    zone: str
    text: str
    quote_currency: Symbol
    total: Amount | None = None
    change: Amount | None = None
    change_pct: Amount | None = None
    since: AwareDatetime | None = None
    movers: list[Mover] = []
    open_orders: int
    pending: int
    source: str
    simulated: bool
    as_of: AwareDatetime
    at: AwareDatetime
