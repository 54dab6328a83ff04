"""Bodies and answers of the links door."""

from typing import Annotated, Literal, Self

from pydantic import AwareDatetime, BaseModel, StringConstraints

from uchat_contracts.people import Link
from uchat_gateway.domain.accounts import Tokens
from uchat_gateway.domain.permissions import permissions_of
from uchat_gateway.doors.models import Body
from uchat_gateway.doors.problems import Problem

LinkId = Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z_-]{1,64}$")]


class Continue(Body):
    """The code of a "Continue on the web" button. It works once, for a minute."""

    code: Annotated[str, StringConstraints(pattern=r"^[\x21-\x7e]{1,128}$")]


class Continued(BaseModel):
    """A sign-in as the same person, and the conversation to open."""

    access_token: str
    refresh_token: str
    token_type: Literal["bearer"] = "bearer"  # noqa: S105 - the name of a scheme
    expires_in: int
    user_id: str
    role: str
    permissions: list[str]
    session_id: str

    @classmethod
    def of(cls, tokens: Tokens, session_id: str) -> Self:
        """Show a sign-in."""
        role = tokens.account.role
        return cls(
            access_token=tokens.access_token,
            refresh_token=tokens.refresh_token,
            expires_in=tokens.expires_in,
            user_id=tokens.account.person_id,
            role=role,
            permissions=sorted(each.value for each in permissions_of([role])),
            session_id=session_id,
        )


class CodeProblem(Problem):
    """Why a code does not work. `url`: where to get another one."""

    url: str | None = None


class LinkList(BaseModel):
    """A page of links; `next` is the cursor of the following page."""

    links: list[Link]
    next: str | None = None


class NewLink(BaseModel):
    """A code to show to the bot: by opening `url`, or as `/start <code>`."""

    id: str
    code: str
    url: str
    expires_at: AwareDatetime


class Confirm(Body):
    """Make a link active. `may_approve`: it may approve with real money, too."""

    may_approve: bool = False


class DeliveryInfo(BaseModel):
    """One thing that was told on one interface, or waits to be."""

    delivery_id: str
    interface: str
    kind: str
    about: str
    status: str
    queued_at: AwareDatetime
    delivered_at: AwareDatetime | None = None


class DeliveryList(BaseModel):
    """A page of deliveries, latest first; `next` is the cursor of the following page."""

    deliveries: list[DeliveryInfo]
    next: str | None = None
