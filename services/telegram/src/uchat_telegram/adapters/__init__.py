"""Out: the Bot API, the bus, Postgres and the other services."""

# Before any of them imports aiogram, which it makes small.
from uchat_telegram.adapters import lean as lean
