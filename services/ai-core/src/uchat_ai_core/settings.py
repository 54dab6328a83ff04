"""Settings of ai-core."""

from datetime import timedelta

from pydantic import AliasChoices, Field, SecretStr

from uchat_platform.settings import BaseServiceSettings


class AiCoreSettings(BaseServiceSettings):
    """Which models answer, where the others are, and how much is done at once."""

    sessions_addr: str = Field(
        default="ipv4:127.0.0.1:50051", description="gRPC target of the sessions service"
    )
    execution_addr: str = Field(
        default="ipv4:127.0.0.1:50052", description="gRPC target of the execution service"
    )
    ai_models: str = Field(
        default="",
        description="Models in order of preference, as `openai-chat:a,openai-chat:b`; "
        "empty: the rule-based planner alone",
    )
    openai_base_url: str = Field(
        default="https://api.openai.com/v1",
        validation_alias=AliasChoices("OPENAI_BASE_URL", "UCHAT_OPENAI_BASE_URL"),
    )
    openai_api_key: SecretStr = Field(
        default=SecretStr(""),
        validation_alias=AliasChoices("OPENAI_API_KEY", "UCHAT_OPENAI_API_KEY"),
    )
    ai_connect_timeout: timedelta = timedelta(seconds=3)
    ai_read_timeout: timedelta = Field(
        default=timedelta(seconds=20), description="Longest silence of a model's server"
    )
    ai_turn_timeout: timedelta = Field(
        default=timedelta(seconds=60), description="Longest run of one model"
    )
    ai_concurrency: int = Field(default=64, ge=1, description="Conversations answered at once")
    ai_window_logs: int = Field(default=5000, ge=1, description="Conversations kept in memory")
    ai_window_mib: int = Field(default=64, ge=1, description="Memory for kept conversations, MiB")
    drain_timeout: timedelta = timedelta(seconds=10)
