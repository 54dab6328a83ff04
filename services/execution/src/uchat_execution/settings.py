"""Settings of execution."""

from pathlib import Path

from pydantic import Field

from uchat_platform.settings import BaseServiceSettings


class ExecutionSettings(BaseServiceSettings):
    """Where execution listens and which exchange it trades at."""

    grpc_port: int = Field(default=0, description="Port of the gRPC server; 0: any free one")
    exchange_url: str = Field(
        default="http://127.0.0.1:8002",
        description="REST API of the exchange, for orders and prices",
    )
    paper_secret_file: Path | None = Field(
        default=None, description="32 bytes in base64: the keys of paper accounts derive from it"
    )
