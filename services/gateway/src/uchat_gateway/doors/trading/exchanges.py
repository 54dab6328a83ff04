"""Accounts at live exchanges: what each exchange can, keys, consents."""

from dataclasses import replace
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Path, Response
from pydantic import BaseModel, Field, SecretStr

from uchat_contracts.ids import ClientInterface
from uchat_contracts.trading import Venue, VenueConsent, VenueKey
from uchat_gateway.domain.permissions import Permission
from uchat_gateway.doors.answers import Via, json_answer
from uchat_gateway.doors.models import Body
from uchat_gateway.doors.problems import problems
from uchat_gateway.doors.security import CurrentActor, CurrentPrincipal, requires
from uchat_gateway.ports.access import Limiter
from uchat_gateway.ports.venues import NewKey, Venues
from uchat_gateway.service.step_up import StepUp

_READ = [requires(Permission.CHAT_READ)]
_ACT = [requires(Permission.DECISION_APPROVE_OWN)]

Name = Annotated[str, Field(pattern=r"^[a-z0-9_-]{1,32}$")]
Secret = Annotated[SecretStr, Field(min_length=1, max_length=4096)]


class VenueList(BaseModel):
    """Every exchange that is known."""

    venues: list[Venue]


class VenueKeyList(BaseModel):
    """The caller's keys, masked."""

    keys: list[VenueKey]


class ConnectKey(Body):
    """A key of an exchange. It is checked there; one that can withdraw is refused."""

    venue: Name
    api_key: Secret
    secret: Secret
    passphrase: Annotated[SecretStr, Field(max_length=4096)] = SecretStr("")
    interface: ClientInterface = "api"


class GiveConsent(Body):
    """That orders may be sent to an exchange; `version` is of the text that was read."""

    version: Annotated[str, Field(min_length=1, max_length=32)]
    interface: ClientInterface = "api"


def router(venues: Venues, step_up: StepUp, limiter: Limiter) -> APIRouter:
    """Return the routes on exchanges. What connects or consents needs step-up."""
    routes = APIRouter(prefix="/venues")
    _add_keys(routes, venues, step_up, limiter)
    _add_consents(routes, venues, step_up)
    return routes


def _add_keys(routes: APIRouter, venues: Venues, step_up: StepUp, limiter: Limiter) -> None:
    @routes.get("", dependencies=_READ, response_model=VenueList)
    async def list_venues(actor: CurrentActor) -> Response:
        """List every exchange: what it can, what is connected, why no order is sent there."""
        return _listed("venues", await venues.venues(actor))

    @routes.get("/keys", dependencies=_READ, response_model=VenueKeyList)
    async def list_venue_keys(actor: CurrentActor) -> Response:
        """List the caller's keys, masked. A secret is never shown again."""
        return _listed("keys", await venues.keys(actor))

    @routes.post(
        "/keys",
        status_code=201,
        dependencies=_ACT,
        response_model=VenueKey,
        responses=problems(403, 404, 409, 429),
    )
    async def connect_venue_key(principal: CurrentPrincipal, body: ConnectKey) -> Response:
        """Connect an account by a key that can read it, or trade; never one that can withdraw.

        Where the key before is not accepted any more, or can withdraw by now, another one of the
        same account takes its place. An account that somebody else has connected is refused:
        `venue_account_taken`.

        Whoever has a password must have given it in the last 5 minutes: `step_up_required` asks for
        `auth/step-up`.
        """
        await step_up.check(principal)
        await limiter.hit_venue_key(principal.actor.person_id)
        key = NewKey(
            body.venue,
            body.api_key.get_secret_value(),
            body.secret.get_secret_value(),
            body.passphrase.get_secret_value(),
        )
        actor = replace(principal.actor, interface=body.interface)
        return json_answer(await venues.connect(actor, key), 201)

    @routes.delete(
        "/keys/{venue}", status_code=204, dependencies=_ACT, responses=problems(404, 409)
    )
    async def remove_venue_key(
        actor: CurrentActor, venue: Annotated[Name, Path()], interface: Via = "api"
    ) -> Response:
        """Forget a key at once. The books of its account stay."""
        await venues.disconnect(replace(actor, interface=interface), venue)
        return Response(status_code=204)


def _add_consents(routes: APIRouter, venues: Venues, step_up: StepUp) -> None:
    @routes.put(
        "/{venue}/consent",
        dependencies=_ACT,
        response_model=VenueConsent,
        responses=problems(403, 404),
    )
    async def give_live_consent(
        principal: CurrentPrincipal, venue: Annotated[Name, Path()], body: GiveConsent
    ) -> Response:
        """Let orders be sent to an exchange. Recorded with its text; needs step-up as keys do."""
        await step_up.check(principal)
        actor = replace(principal.actor, interface=body.interface)
        return json_answer(await venues.consent(actor, venue, body.version))

    @routes.delete("/{venue}/consent", status_code=204, dependencies=_ACT)
    async def withdraw_live_consent(
        actor: CurrentActor, venue: Annotated[Name, Path()], interface: Via = "api"
    ) -> Response:
        """Take a consent back: nothing more is sent. Again, it changes nothing."""
        await venues.withdraw(replace(actor, interface=interface), venue)
        return Response(status_code=204)


def _listed(name: str, items: Any) -> Response:
    return json_answer(orjson.dumps({name: [orjson.Fragment(each) for each in items]}))
