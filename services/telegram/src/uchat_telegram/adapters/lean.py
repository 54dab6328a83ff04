"""Imports aiogram without building the schemas of its 400 models: 130 MiB that nobody needs.

aiogram completes every model by `model_rebuild` at import, each with all models that it refers to.
Here those calls are only noted, and made for the few models that are used (`ready`). If aiogram was
imported before, everything is complete already and nothing is noted.
"""

import sys
from typing import Any

from pydantic import BaseModel

_noted: dict[type[BaseModel], Any] = {}


def _note(
    cls: type[BaseModel],
    *,
    force: bool = False,
    raise_errors: bool = True,
    _parent_namespace_depth: int = 2,
    _types_namespace: Any = None,
) -> None:
    del force, raise_errors, _parent_namespace_depth
    _noted[cls] = _types_namespace


def _import() -> None:
    if "aiogram" in sys.modules:
        return
    rebuild = BaseModel.__dict__["model_rebuild"]
    BaseModel.model_rebuild = classmethod(_note)  # pyright: ignore[reportAttributeAccessIssue] - for the time of the import
    try:
        import aiogram  # noqa: F401, PLC0415 # pyright: ignore[reportUnusedImport] - the point of it
    finally:
        BaseModel.model_rebuild = rebuild


def ready(*models: type[BaseModel]) -> None:
    """Complete models that are used as such: validated, made or returned."""
    from aiogram import types  # noqa: PLC0415 - after it was imported as above

    for model in models:
        if not model.__pydantic_complete__:
            model.model_rebuild(_types_namespace=_noted.get(model) or vars(types))


_import()
