"""Links and deliveries over HTTP: `/api/v1/links` and `/api/v1/deliveries`."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import asdict, replace
from typing import Annotated, Final

from fastapi import APIRouter, Path, Query, Response
from pydantic import StringConstraints

from uchat_contracts.people import Link
from uchat_gateway.domain.permissions import Permission
from uchat_gateway.doors.answers import Cursor, Limit, json_answer, page_answer
from uchat_gateway.doors.edge import Door
from uchat_gateway.doors.links.models import (
    CodeProblem,
    Confirm,
    Continue,
    Continued,
    DeliveryInfo,
    DeliveryList,
    LinkId,
    LinkList,
    NewLink,
)
from uchat_gateway.doors.problems import problem_response, problems
from uchat_gateway.doors.security import PUBLIC, ClientAddress, CurrentActor, requires
from uchat_gateway.ports.access import Limiter
from uchat_gateway.ports.links import Deliveries, Links
from uchat_gateway.service.linking import Linking
from uchat_platform.errors import ConflictError, ExpiredError, NotFoundError

_WEB: Final = "web_ui"
_TELEGRAM: Final = "telegram"
_READ: Final = [requires(Permission.CHAT_READ)]
_WRITE: Final = [requires(Permission.CHAT_WRITE)]

About = Annotated[str, StringConstraints(pattern=r"^[\x21-\x7e]{0,128}$"), Query()]
ThisLink = Annotated[LinkId, Path()]


def build(
    linking: Linking, links: Links, deliveries: Deliveries, limiter: Limiter, bot_url: str | None
) -> Door:
    """Make the door. `bot_url`: where people find the bot, if there is one."""
    router = APIRouter(prefix="/api/v1")
    _add_codes(router, linking, limiter, bot_url)
    _add_links(router, linking, links)
    _add_deliveries(router, deliveries)

    @asynccontextmanager
    async def lifespan() -> AsyncGenerator[None]:
        async with asyncio.TaskGroup() as tasks:
            finishing = tasks.create_task(linking.run())
            try:
                yield
            finally:
                finishing.cancel()

    return Door("links", router, lifespan)


def _add_codes(router: APIRouter, linking: Linking, limiter: Limiter, bot_url: str | None) -> None:
    @router.post(
        "/links/continue",
        tags=["links"],
        dependencies=[requires(PUBLIC)],
        response_model=Continued,
        responses={
            **problems(403, 429),
            404: {"model": CodeProblem, "description": "There is no such code"},
            410: {"model": CodeProblem, "description": "The code was used, or is too old"},
        },
    )
    async def continue_here(body: Continue, address: ClientAddress) -> Response:
        """Sign in as the person who got the code on another interface."""
        await limiter.hit_login(address)
        try:
            tokens, session_id = await linking.continue_here(body.code)
        except (NotFoundError, ExpiredError) as e:
            members = {} if bot_url is None else {"url": bot_url}
            return problem_response(e.status, e.code, e.detail, members=members)
        return json_answer(Continued.of(tokens, session_id).model_dump_json().encode())

    @router.post(
        "/links/telegram", tags=["links"], dependencies=_WRITE, responses=problems(404, 409, 429)
    )
    async def link_telegram(actor: CurrentActor, response: Response) -> NewLink:
        """Make a code that links a Telegram account with the caller, for ten minutes."""
        if bot_url is None:
            raise ConflictError("This product has no Telegram bot", code="telegram_not_set_up")
        await limiter.hit_message(actor.person_id)
        made = await linking.code_for(replace(actor, interface=_WEB), _TELEGRAM)
        response.headers["Cache-Control"] = "no-store"
        return NewLink.model_validate(
            {
                "id": made.link_id,
                "code": made.code,
                "url": f"{bot_url}?start={made.code}",
                "expires_at": made.expires_at,
            }
        )


def _add_links(router: APIRouter, linking: Linking, links: Links) -> None:
    @router.get("/links", tags=["links"], dependencies=_READ, response_model=LinkList)
    async def list_links(actor: CurrentActor, cursor: Cursor = "", limit: Limit = 50) -> Response:
        """List the caller's links to other interfaces."""
        return page_answer("links", await links.list(actor, cursor=cursor, limit=limit))

    @router.post(
        "/links/{link_id}/confirm",
        tags=["links"],
        dependencies=_WRITE,
        response_model=Link,
        responses=problems(404, 409, 410),
    )
    async def confirm_link(actor: CurrentActor, link_id: ThisLink, body: Confirm) -> Response:
        """Make a link active; whoever has its identity already becomes part of the caller.

        What waits for an approval on either side is superseded first. Safe to repeat.
        """
        actor = replace(actor, interface=_WEB)
        return json_answer(await linking.confirm(actor, link_id, may_approve=body.may_approve))

    @router.delete(
        "/links/{link_id}",
        tags=["links"],
        dependencies=_WRITE,
        response_model=Link,
        responses=problems(404, 409),
    )
    async def revoke_link(actor: CurrentActor, link_id: ThisLink) -> Response:
        """End a link: that identity is the caller's no longer. Again changes nothing."""
        return json_answer(await links.revoke(replace(actor, interface=_WEB), link_id))


def _add_deliveries(router: APIRouter, deliveries: Deliveries) -> None:
    @router.get("/deliveries", tags=["deliveries"], dependencies=_READ)
    async def list_deliveries(
        *, actor: CurrentActor, about: About = "", cursor: Cursor = "", limit: Limit = 50
    ) -> DeliveryList:
        """List what the caller was told on interfaces that are not live, and when."""
        found, following = await deliveries.list(actor, about=about, cursor=cursor, limit=limit)
        return DeliveryList(
            deliveries=[DeliveryInfo.model_validate(asdict(each)) for each in found],
            next=following,
        )
