"""Money and quantities: exact decimals, strings in JSON, NUMERIC(38,18) in the database."""

from decimal import Decimal
from typing import Annotated

from pydantic import Field, PlainSerializer

Amount = Annotated[
    Decimal,
    Field(max_digits=38, decimal_places=18, allow_inf_nan=False),
    PlainSerializer(lambda value: format(value, "f"), return_type=str, when_used="json"),
]
