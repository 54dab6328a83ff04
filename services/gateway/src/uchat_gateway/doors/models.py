"""The base of request bodies."""

from pydantic import BaseModel, ConfigDict


class Body(BaseModel):
    """A JSON body; an unknown field is an error, so that a misspelt one is never ignored."""

    # The gateway needs them all, those that are messages of others as well.
    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=False)
