"""Judge what was traded: the exchange's journal against the books and the approvals. Pure."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from tests.support.orders.evidence import HAND, Approved, Books, Leg, Placed, Stop
from uchat_execution.domain.orders import client_order_id

EXAMPLES = 5
ATTEMPTS = 12
"""How many attempts of a leg are looked for at the exchange, beyond those that the books know."""
FAULTS = {
    "double": "more than one order at the exchange for one leg",
    "stranger": "an order at the exchange that is of no approved leg and of nobody's hand",
    "altered": "an order at the exchange that is not what was approved",
    "forged": "the hash that was approved is not the plan's",
    "late": "placed after its deadline, or after the approval had expired",
    "after_stop": "placed after the stop switch was in effect",
    "unbalanced": "ledger entries of an asset that do not sum to zero",
    "skewed": "a balance that is below zero, or not what the ledger says",
    "torn": "events of an order or a decision that are not 1, 2, 3, …",
    "misfilled": "an order whose fills are not what it says to be filled, or more than was ordered",
    "lost": "said to be at the exchange, but not there",
    "untold": "at the exchange, but the books do not say so, or not as much of it",
    "unsettled": "neither settled nor resting in the book",
    "not_final": "a decision that has not come to its end although its orders have",
    "unexplained": "an approved leg that was not placed, without a reason",
    "forgotten": "an approval that was taken, but is not in the books",
    "venue_differs": "the exchange holds other balances than the books",
}
RESTING = frozenset({"open", "partially_filled", "waiting"})
_SETTLED = frozenset({"filled", "cancelled", "rejected", "not_placed"})
_ENDED = frozenset(
    {"denied", "rejected", "expired", "superseded", "cancelled"}
    | {"executed", "partially_executed", "failed"}
)
_BEFORE = frozenset({"proposed", "awaiting_approval"})
Key = tuple[str, int, int]


@dataclass(slots=True)
class Findings:
    """How often each promise was broken, with a few examples; `legs` and `orders` were looked at.

    `reasons` counts why approved legs were not placed.
    """

    counts: Counter[str] = field(default_factory=Counter)
    examples: dict[str, list[str]] = field(default_factory=dict)
    reasons: Counter[str] = field(default_factory=Counter)
    approved: int = 0
    legs: int = 0
    orders: int = 0

    def add(self, fault: str, example: str) -> None:
        """Count one broken promise."""
        if fault not in FAULTS:
            raise KeyError(fault)
        self.counts[fault] += 1
        if len(shown := self.examples.setdefault(fault, [])) < EXAMPLES:
            shown.append(example)

    @property
    def faults(self) -> int:
        """Return how many promises were broken in all."""
        return self.counts.total()

    def __str__(self) -> str:
        return "; ".join(
            f"{name} x{count} ({FAULTS[name]}): {self.examples[name]}"
            for name, count in self.counts.items()
        )


def judge(
    books: Books,
    orders: Sequence[Placed],
    stops: Iterable[Stop] = (),
) -> Findings:
    """Check what must hold at every moment."""
    findings = Findings(orders=len(orders), legs=len(books.legs), approved=len(books.approved))
    wanted = _wanted(books)
    by_leg: dict[Key, list[Placed]] = defaultdict(list)
    for order in orders:
        found = wanted.get(order.client_order_id)
        if found is not None:
            by_leg[found[0].decision_id, found[0].version, found[1]].append(order)
            _check_same(findings, *found, order)
        elif not order.client_order_id.startswith(HAND):
            findings.add("stranger", f"{order}")
    for key, found in by_leg.items():
        if len(found) > 1:
            findings.add("double", f"leg {key}: {[_short(order) for order in found]}")
    _check_times(findings, books, by_leg, stops)
    for approved in books.approved:
        if approved.hash != approved.plan_hash:
            findings.add("forged", f"{approved.decision_id} version {approved.version}")
    for fault in ("unbalanced", "skewed", "torn", "misfilled"):
        for about in getattr(books, fault):
            findings.add(fault, about)
    return findings


def judge_end(
    books: Books,
    orders: Sequence[Placed],
    stops: Iterable[Stop] = (),
    venue: Mapping[str, Mapping[str, Decimal]] | None = None,
) -> Findings:
    """Check what must hold besides once everything has come to rest.

    `venue` is what the exchange holds: units by account (our id) and asset.
    """
    findings = judge(books, orders, stops)
    there = {order.client_order_id: order for order in orders}
    ours = Counter(order.client_order_id for order in orders)
    for leg in books.legs:
        _check_told(findings, leg, there.get(leg.client_order_id))
        if leg.state not in _SETTLED | RESTING:
            findings.add("unsettled", f"{leg.order_id} is {leg.state}")
        if leg.state == "not_placed" or (leg.state == "rejected" and not leg.venue_order_id):
            findings.reasons[leg.reason or "none"] += 1
            if leg.reason is None:
                findings.add("unexplained", f"{leg.order_id} is {leg.state}")
    known = {leg.client_order_id for leg in books.legs}
    for client_id in ours:
        if client_id not in known and not client_id.startswith(HAND):
            findings.add("untold", f"{client_id}: no leg says that it is there")
    _check_decided(findings, books)
    for account, amounts in (venue or {}).items():
        for asset in {*amounts, *(a for acc, a in books.held if acc == account)}:
            ours_now = books.held.get((account, asset), Decimal(0))
            theirs = amounts.get(asset, Decimal(0))
            if ours_now != theirs:
                findings.add("venue_differs", f"{account} {asset}: {ours_now}, there {theirs}")
    return findings


def _wanted(books: Books) -> dict[str, tuple[Approved, int]]:
    # Every id that an approved leg can have at the exchange, from what was approved alone.
    attempts = max([leg.attempt for leg in books.legs], default=0) + ATTEMPTS
    return {
        client_order_id(each.decision_id, each.hash, leg.n, attempt): (each, leg.n)
        for each in books.approved
        for leg in each.plan.legs
        for attempt in range(1, attempts + 1)
    }


def _check_same(findings: Findings, approved: Approved, n: int, order: Placed) -> None:
    leg = next(leg for leg in approved.plan.legs if leg.n == n)
    pair = leg.symbol + approved.plan.quote_currency
    expected = (pair, leg.side.upper(), leg.quantity)
    found = (order.symbol, order.side, order.quantity)
    limit = leg.limit_price or Decimal(0)
    if found != expected or (leg.type == "limit" and order.price != limit):
        findings.add("altered", f"{approved.decision_id} leg {n}: {leg!r}, placed {order}")


def _check_times(
    findings: Findings,
    books: Books,
    by_leg: Mapping[Key, list[Placed]],
    stops: Iterable[Stop],
) -> None:
    legs: dict[Key, Leg] = {(leg.decision_id, leg.version, leg.leg): leg for leg in books.legs}
    plans = {(each.decision_id, each.version): each for each in books.approved}
    stopped: dict[str, list[Stop]] = defaultdict(list)
    for stop in stops:
        stopped[stop.person].append(stop)
    for key, orders in by_leg.items():
        approved, leg = plans[key[:2]], legs.get(key)
        for order in orders:
            if order.placed_at > approved.plan.expires_at:
                findings.add("late", f"{_short(order)}, approval ended {approved.plan.expires_at}")
            if leg is None or leg.deadline is None or order.placed_at > leg.deadline:
                findings.add("late", f"{_short(order)}, claim ended {leg and leg.deadline}")
            for stop in stopped[approved.person]:
                until = stop.released_at
                if stop.effective_at < order.placed_at and (not until or order.placed_at < until):
                    findings.add("after_stop", f"{_short(order)}, {stop}")


def _check_told(findings: Findings, leg: Leg, order: Placed | None) -> None:
    said = leg.venue_order_id is not None
    if said and (order is None or str(order.order_id) != leg.venue_order_id):
        findings.add("lost", f"{leg.order_id} is {leg.state} as {leg.venue_order_id}")
    elif order is not None and not said:
        findings.add("untold", f"{leg.order_id} is {leg.state}, there {_short(order)}")
    elif order is not None and order.executed != leg.filled:
        findings.add("untold", f"{leg.order_id} is filled {leg.filled}, there {order.executed}")


def _check_decided(findings: Findings, books: Books) -> None:
    legs: dict[tuple[str, int], list[Leg]] = defaultdict(list)
    for leg in books.legs:
        legs[leg.decision_id, leg.version].append(leg)
    for decided in books.decided:
        own = legs[decided.decision_id, decided.version]
        rests = any(leg.state in RESTING for leg in own)
        if decided.state in _ENDED | _BEFORE or (decided.state == "executing" and rests):
            continue
        findings.add("not_final", f"{decided.decision_id} is {decided.state}: {own}")


def _short(order: Placed) -> str:
    at = order.placed_at.isoformat(timespec="milliseconds")
    return f"{order.order_id} {order.client_order_id} {order.status} at {at}"
