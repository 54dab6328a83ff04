"""Bodies and answers of the accounts door, as existing clients know them."""

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, AwareDatetime, BaseModel, Field, StringConstraints
from pydantic_core import PydanticCustomError

from uchat_gateway.domain.accounts import (
    MAX_EMAIL,
    MAX_PASSWORD,
    Account,
    Tokens,
    is_email,
    missing_in_password,
)
from uchat_gateway.domain.permissions import permissions_of
from uchat_gateway.doors.models import Body


def _email(text: str) -> str:
    if not is_email(text):
        raise PydanticCustomError("invalid_email", "Expected an e-mail address")
    return text


def _password(text: str) -> str:
    missing = missing_in_password(text)
    if missing:
        raise PydanticCustomError(
            "weak_password", "The password needs {missing}", {"missing": ", ".join(missing)}
        )
    return text


Email = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=3, max_length=MAX_EMAIL),
    AfterValidator(_email),
]
NewPassword = Annotated[
    str, StringConstraints(min_length=1, max_length=MAX_PASSWORD), AfterValidator(_password)
]
FullName = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]


class Registration(Body):
    """A new account. The password has 8 characters or more, upper and lower case and a digit."""

    email: Email
    password: NewPassword
    full_name: FullName


class Upgrade(Body):
    """Credentials for an account that has none; without `full_name` the name stays."""

    email: Email
    password: NewPassword
    full_name: FullName | None = None


class Login(Body):
    """Sign in. `mfa_code` is accepted for older clients; no account has a second factor."""

    email: Annotated[str, StringConstraints(strip_whitespace=True, max_length=MAX_EMAIL)]
    password: Annotated[str, StringConstraints(max_length=MAX_PASSWORD)]
    remember_me: bool = False
    mfa_code: Annotated[str, StringConstraints(max_length=16)] | None = None


class Password(Body):
    """The password of who is signed in."""

    password: Annotated[str, StringConstraints(min_length=1, max_length=MAX_PASSWORD)]


class Refresh(Body):
    """A refresh token, which can be used once."""

    refresh_token: Annotated[str, StringConstraints(min_length=1, max_length=256)]


class AccountAnswer(BaseModel):
    """An account; `id` is the person's id. A guest has no e-mail."""

    id: str
    email: str | None
    full_name: str
    role: str
    status: str
    created_at: AwareDatetime

    @classmethod
    def of(cls, account: Account) -> Self:
        """Show an account."""
        return cls(
            id=account.person_id,
            email=account.email,
            full_name=account.full_name,
            role=account.role,
            status=account.status,
            created_at=account.created_at,
        )


class MeAnswer(AccountAnswer):
    """Who is signed in, and what they may do."""

    permissions: list[str] = Field(default=[])


class TokensAnswer(BaseModel):
    """A sign-in. `expires_in`: seconds until the access token ends."""

    access_token: str
    refresh_token: str
    token_type: Literal["bearer"] = "bearer"  # noqa: S105 - the name of a scheme
    expires_in: int
    user_id: str
    role: str
    permissions: list[str]

    @classmethod
    def of(cls, tokens: Tokens) -> Self:
        """Show a sign-in."""
        return cls(
            access_token=tokens.access_token,
            refresh_token=tokens.refresh_token,
            expires_in=tokens.expires_in,
            user_id=tokens.account.person_id,
            role=tokens.account.role,
            permissions=permission_names(tokens.account.role),
        )


class Done(BaseModel):
    """It is done."""

    success: Literal[True] = True


def permission_names(role: str) -> list[str]:
    """Return the names of what a role may do, sorted."""
    return sorted(permission.value for permission in permissions_of([role]))
