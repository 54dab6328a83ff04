"""The settings of the notifier."""

from pydantic import Field

from uchat_platform.settings import BaseServiceSettings


class NotifierSettings(BaseServiceSettings):
    """What the notifier needs beside the common settings."""

    grpc_port: int = 50053
    sessions_addr: str = "ipv4:127.0.0.1:50051"
    interfaces: tuple[str, ...] = Field(
        default=("telegram",), description="interfaces that deliveries are made for"
    )
    database_connections: int = Field(default=2, ge=1)
