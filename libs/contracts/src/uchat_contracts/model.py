"""The base of every message that crosses a process boundary."""

from pydantic import BaseModel, ConfigDict


class Model(BaseModel):
    """An immutable message; unknown fields are ignored: older readers survive newer writers."""

    model_config = ConfigDict(
        # Each process speaks a few of all messages: the others cost it neither memory nor start.
        defer_build=True,
        frozen=True,
        extra="ignore",
        json_schema_serialization_defaults_required=True,
        ser_json_inf_nan="strings",
    )

    def json_bytes(self) -> bytes:
        """Return the message as compact UTF-8 JSON without absent fields."""
        return self.__pydantic_serializer__.to_json(self, exclude_none=True, by_alias=True)
