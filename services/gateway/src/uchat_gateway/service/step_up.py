"""Step-up: what signs for more than one decision asks again who is there."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from uchat_gateway.ports.access import Principal
from uchat_gateway.ports.accounts import SignInStore
from uchat_gateway.service.accounts import Accounts
from uchat_platform.errors import NotPermittedError

FRESH: Final = timedelta(minutes=5)
"""How long a password that was given counts."""


class StepUpRequiredError(NotPermittedError):
    """The password has to be given again first: `POST auth/step-up`."""

    default_code = "step_up_required"


@dataclass(frozen=True, slots=True)
class StepUp:
    """Knows which sign-ins have given their password lately."""

    accounts: Accounts
    store: SignInStore

    async def prove(self, principal: Principal, password: str) -> None:
        """Take a password as the proof that its owner is there.

        Raises:
            ConflictError: `no_credentials`, the account has no password.
            UnauthenticatedError: `invalid_credentials`.
        """
        await self.accounts.recognise_again(principal.actor.person_id, password)
        await self.store.prove(principal.sid)

    async def check(self, principal: Principal) -> None:
        """Let a sign-in pass that gave its password lately, or whose account has none.

        Raises:
            StepUpRequiredError: `step_up_required`.
        """
        account = await self.accounts.of_person(principal.actor.person_id)
        if account.email is None or await self.store.proved_within(principal.sid, FRESH):
            return
        raise StepUpRequiredError("Give your password again for this")
