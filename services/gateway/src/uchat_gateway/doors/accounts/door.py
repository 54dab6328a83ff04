"""Accounts over HTTP: `/api/v1/auth/*` and the public keys of access tokens."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Coroutine, Mapping
from contextlib import asynccontextmanager
from typing import Any, Final

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel

from uchat_gateway.domain.permissions import Permission
from uchat_gateway.doors.accounts.models import (
    AccountAnswer,
    Done,
    Login,
    MeAnswer,
    Password,
    Refresh,
    Registration,
    TokensAnswer,
    Upgrade,
    permission_names,
)
from uchat_gateway.doors.edge import Door
from uchat_gateway.doors.problems import problems
from uchat_gateway.doors.security import PUBLIC, ClientAddress, CurrentPrincipal, requires
from uchat_gateway.ports.access import Limiter
from uchat_gateway.service.accounts import Accounts
from uchat_gateway.service.sign_ins import SignIns
from uchat_gateway.service.step_up import StepUp

_PREFIX: Final = "/api/v1/auth"


class KeySetAnswer(BaseModel):
    """A JWK set (RFC 7517)."""

    keys: list[dict[str, Any]]


def build(
    accounts: Accounts,
    sign_ins: SignIns,
    step_up: StepUp,
    limiter: Limiter,
    *,
    public_keys: Mapping[str, Any],
    watch: Callable[[], Coroutine[Any, Any, None]],
) -> Door:
    """Make the door. `watch` runs while it is open: it learns of sign-ins that end elsewhere."""
    router = APIRouter(tags=["accounts"])
    router.include_router(_public(accounts, sign_ins, limiter))
    router.include_router(_signed_in(accounts, sign_ins, limiter))
    router.include_router(_proving(step_up, limiter))

    @router.get("/.well-known/jwks.json", dependencies=[requires(PUBLIC)])
    async def read_public_keys(response: Response) -> KeySetAnswer:
        """Return the public keys that verify access tokens."""
        response.headers["Cache-Control"] = "public, max-age=300"
        return KeySetAnswer(keys=public_keys["keys"])

    @asynccontextmanager
    async def lifespan() -> AsyncGenerator[None]:
        async with asyncio.TaskGroup() as tasks:
            watching = tasks.create_task(watch())
            yield
            watching.cancel()

    return Door("accounts", router, lifespan)


def _public(accounts: Accounts, sign_ins: SignIns, limiter: Limiter) -> APIRouter:
    router = APIRouter(prefix=_PREFIX, dependencies=[requires(PUBLIC)])

    @router.post("/register", status_code=201, responses=problems(409, 429))
    async def register(body: Registration, address: ClientAddress) -> AccountAnswer:
        """Open an account as a trader on paper money."""
        await limiter.hit_register(address)
        return AccountAnswer.of(await accounts.register(body.email, body.password, body.full_name))

    @router.post("/login", responses=problems(401, 403, 429))
    async def login(body: Login, address: ClientAddress, response: Response) -> TokensAnswer:
        """Sign in by e-mail and password."""
        await limiter.hit_login(address)
        account = await accounts.recognise(body.email, body.password)
        tokens = await sign_ins.start(account, remember=body.remember_me, proved=True)
        return _signed_in_as(response, TokensAnswer.of(tokens))

    @router.post("/guest", responses=problems(429))
    async def guest(address: ClientAddress, response: Response) -> TokensAnswer:
        """Try it: sign in as somebody new, on paper money, without e-mail or password."""
        await limiter.hit_register(address)
        tokens = await sign_ins.start(await accounts.add_guest(), remember=True)
        return _signed_in_as(response, TokensAnswer.of(tokens))

    @router.post("/refresh", responses=problems(401, 429))
    async def refresh(
        body: Refresh, address: ClientAddress, request: Request, response: Response
    ) -> TokensAnswer:
        """Spend a refresh token for new tokens; a second use ends the sign-in."""
        await limiter.hit_refresh(address)
        client = f"{address}|{request.headers.get('user-agent', '')}"
        tokens = await sign_ins.refresh(body.refresh_token, client)
        return _signed_in_as(response, TokensAnswer.of(tokens))

    return router


def _signed_in(accounts: Accounts, sign_ins: SignIns, limiter: Limiter) -> APIRouter:
    router = APIRouter(prefix=_PREFIX, dependencies=[requires(Permission.CHAT_READ)])

    @router.post("/upgrade", responses=problems(404, 409, 429))
    async def upgrade(
        body: Upgrade, principal: CurrentPrincipal, address: ClientAddress
    ) -> AccountAnswer:
        """Give the caller's account, which has none, an e-mail address and a password."""
        await limiter.hit_register(address)
        account = await accounts.add_credentials(
            principal.actor.person_id, body.email, body.password, body.full_name
        )
        return AccountAnswer.of(account)

    @router.post("/logout")
    async def logout(principal: CurrentPrincipal) -> Done:
        """End this sign-in everywhere: its tokens are refused and its sockets closed."""
        await sign_ins.end(principal)
        return Done()

    @router.get("/me", responses=problems(404))
    async def me(principal: CurrentPrincipal) -> MeAnswer:
        """Return who is signed in, and what they may do."""
        account = await accounts.of_person(principal.actor.person_id)
        answer = AccountAnswer.of(account)
        return MeAnswer(**answer.model_dump(), permissions=permission_names(account.role))

    return router


def _proving(step_up: StepUp, limiter: Limiter) -> APIRouter:
    router = APIRouter(prefix=_PREFIX, dependencies=[requires(Permission.CHAT_READ)])

    @router.post("/step-up", responses=problems(401, 403, 404, 409, 429))
    async def prove(body: Password, principal: CurrentPrincipal, address: ClientAddress) -> Done:
        """Give the password again: for 5 minutes this sign-in may sign mandates."""
        await limiter.hit_login(address)
        await step_up.prove(principal, body.password)
        return Done()

    return router


def _signed_in_as(response: Response, answer: TokensAnswer) -> TokensAnswer:
    # Tokens in a shared cache would sign others in (RFC 6749, section 5.1).
    response.headers["Cache-Control"] = "no-store"
    return answer
