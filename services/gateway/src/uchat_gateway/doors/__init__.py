"""Ways in. A folder is a door; the modules beside them are what every door is made of."""

import sys

# With each route FastAPI asks whether a model is one of pydantic's version 1, and imports all of
# that for it: 2 MiB that nothing here uses. Told that it is missing, it answers no.
sys.modules.setdefault("pydantic.v1", None)  # pyright: ignore[reportArgumentType, reportCallIssue] - how Python says "missing"
