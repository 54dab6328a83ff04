"""Routes to plan faults, to see them, and to forget them."""

from dataclasses import asdict, dataclass
from typing import Any, Literal

from pydantic import AliasChoices, BaseModel, Field
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from uchat_sim_exchange.access import number
from uchat_sim_exchange.exchange import Exchange
from uchat_sim_exchange.faults import ALWAYS_ON, STANDING, Fault, Faults, Kind, On, usual_ms
from uchat_sim_exchange.http.answers import answer

_MAX_MS = 120_000


class PlanFault(BaseModel):
    """A fault to plan, as `Fault` has it; kind `none` forgets all that are planned.

    `account`: any key that the account has. `count` may be said for `times`; without either it is
    one, or no end for a fault with a probability and for those that stand.
    """

    kind: Kind | Literal["none"]
    on: On = "place"
    times: int | None = Field(
        default=None, ge=1, le=1_000_000, validation_alias=AliasChoices("times", "count")
    )
    ms: int | None = Field(default=None, ge=-_MAX_MS, le=_MAX_MS)
    account: str | None = None
    probability: float = Field(default=1, gt=0, le=1)
    seed: str = "fault"
    share: float = Field(default=1, gt=0, le=1)


@dataclass(frozen=True, slots=True)
class FaultRoutes:
    """Bad days to order."""

    exchange: Exchange
    faults: Faults

    def routes(self) -> list[Route]:
        """Return the routes."""
        return [
            Route("/sim/faults", self.plan, methods=["POST"]),
            Route("/sim/faults", self.planned, methods=["GET"]),
            Route("/sim/faults", self.forget, methods=["DELETE"]),
        ]

    async def plan(self, request: Request) -> Response:
        """Plan a fault for the next requests of a sort."""
        body = PlanFault.model_validate_json(await request.body())
        if body.kind == "none":
            self._clear(None)
            return self._answer()
        fault = self.faults.add(self._fault(body, body.kind))
        if fault.kind == "read_lag":
            ledger = self.exchange.ledger
            self.exchange.past.begin(ledger.accounts.values(), self.exchange.open)
        return self._answer(id=fault.number)

    async def planned(self, _request: Request) -> Response:
        """Answer what is still to happen, and how often each has happened."""
        return self._answer()

    async def forget(self, request: Request) -> Response:
        """Forget all faults, or the one of `id`."""
        given = dict(request.query_params)
        self._clear(number(given, "id") if given.get("id") else None)
        return self._answer()

    def _fault(self, body: PlanFault, kind: Kind) -> Fault:
        endless = kind in STANDING or body.probability < 1
        account = self.exchange.ledger.account(body.account).api_key if body.account else None
        return Fault(
            kind=kind,
            on=ALWAYS_ON.get(kind, body.on),
            times=None if endless and body.times is None else body.times or 1,
            ms=usual_ms(kind) if body.ms is None else body.ms,
            account=account,
            probability=body.probability,
            seed=body.seed,
            share=body.share,
        )

    def _clear(self, which: int | None) -> None:
        self.faults.clear(which)
        if not self.faults.lags:
            self.exchange.past.end()

    def _answer(self, **more: Any) -> Response:
        faults = [{"id": each.number, **asdict(each)} for each in self.faults.planned]
        for each in faults:
            del each["number"]
        return answer({"planned": len(faults), "faults": faults, **more})
