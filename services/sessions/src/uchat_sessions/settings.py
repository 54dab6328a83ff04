"""The settings of the sessions service."""

from pathlib import Path

from pydantic import Field

from uchat_platform.settings import BaseServiceSettings


class SessionsSettings(BaseServiceSettings):
    """What the sequencer needs beside the common settings."""

    grpc_port: int = 50051
    kek_file: Path = Path(".uchat/kek")
    database_connections: int = Field(default=8, ge=3)
