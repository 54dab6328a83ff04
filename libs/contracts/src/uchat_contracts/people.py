"""A person's links to other interfaces, as every interface shows them."""

from typing import Literal

from pydantic import AwareDatetime

from uchat_contracts.model import Model


class Link(Model):
    """An outside identity of a person. `data` of `link.changed` entries.

    `match_number` is shown on both sides while a link waits for its confirmation. A link with
    `may_approve` false may read, chat and approve on paper only.
    """

    id: str
    provider: str
    state: Literal["pending", "awaiting_confirmation", "active", "revoked"]
    display_name: str = ""
    match_number: str | None = None
    may_approve: bool = False
    created_at: AwareDatetime
    updated_at: AwareDatetime
