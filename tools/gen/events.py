"""Writes docs/events: AsyncAPI 3.0 and a JSON Schema for each event, from the event registry."""

import json
import re
from pathlib import Path
from typing import Any

from pydantic.json_schema import models_json_schema

from uchat_contracts import subjects
from uchat_contracts.events import REGISTRY
from uchat_contracts.model import Model

FOLDER = Path(__file__).parents[2] / "docs/events"
REF = "#/components/schemas/{model}"


def documents() -> dict[Path, str]:
    """Return each file of docs/events with its content."""
    models = list(dict.fromkeys(item.event for item in REGISTRY))
    found = {FOLDER / "asyncapi.json": _dump(_asyncapi(models))}
    for model in models:
        schema = model.model_json_schema(mode="serialization")
        found[FOLDER / "schemas" / f"{_type_name(model)}.json"] = _dump(
            {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}
        )
    return found


def _asyncapi(models: list[type[Model]]) -> dict[str, Any]:
    _, schemas = models_json_schema(
        [(model, "serialization") for model in models], ref_template=REF
    )
    channels: dict[str, Any] = {}
    operations: dict[str, Any] = {}
    for item in REGISTRY:
        name = item.event.__name__
        channel = re.sub(r"[^A-Za-z0-9]+", "_", item.subject).strip("_")
        entry = channels.setdefault(
            channel,
            {
                "address": item.subject,
                "description": f"Stream {item.stream}" if item.stream else "Core NATS, not stored",
                "parameters": {key: {} for key in re.findall(r"{(\w+)}", item.subject)},
                "messages": {},
            },
        )
        entry["messages"][name] = {"$ref": f"#/components/messages/{name}"}
        for action, services in (("send", item.publishers), ("receive", item.readers)):
            for service in services:
                operations[f"{service}_{action}s_{name}_on_{channel}"] = {
                    "action": action,
                    "channel": {"$ref": f"#/channels/{channel}"},
                    "messages": [{"$ref": f"#/channels/{channel}/messages/{name}"}],
                    "tags": [{"name": service}],
                }
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Unified Chat events",
            "version": "1.0.0",
            "description": f"Streams: {', '.join(_streams())}. Generated from libs/contracts.",
        },
        "defaultContentType": "application/json",
        "channels": channels,
        "operations": operations,
        "components": {
            "messages": {
                model.__name__: {
                    "name": _type_name(model),
                    "summary": (model.__doc__ or "").splitlines()[0],
                    "payload": {"$ref": REF.format(model=model.__name__)},
                }
                for model in models
            },
            "schemas": schemas["$defs"],
        },
    }


def _streams() -> list[str]:
    return [
        subjects.PROPOSED,
        subjects.LOG,
        subjects.TRADING,
        subjects.DELIVERIES,
        subjects.DLQ,
    ]


def _type_name(model: type[Model]) -> str:
    return str(model.model_fields["type"].default)


def _dump(value: object) -> str:
    return json.dumps(value, indent=2, sort_keys=True, ensure_ascii=False) + "\n"
