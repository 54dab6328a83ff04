"""Settings of execution."""

from pydantic import Field

from uchat_platform.settings import BaseServiceSettings


class ExecutionSettings(BaseServiceSettings):
    """Where execution listens and which synthetic market it quotes."""

    grpc_port: int = Field(default=0, description="Port of the gRPC server; 0: any free one")
    market_seed: str = Field(
        default="uchat", description="Seed of the synthetic market; replicas share it"
    )
