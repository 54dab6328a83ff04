"""Settings of ai-core."""

from datetime import timedelta
from decimal import Decimal
from pathlib import Path

from pydantic import AliasChoices, Field, SecretStr

from uchat_platform.settings import BaseServiceSettings


class AiCoreSettings(BaseServiceSettings):
    """Which models answer, where the others are, and how much is done at once."""

    grpc_port: int = Field(default=50054, description="Where what is remembered is asked for")
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
    ai_profiles: Path | None = Field(
        default=None,
        description="TOML file with models, their endpoints and prices, and a chain for each mode; "
        "instead of UCHAT_AI_MODELS",
    )
    ai_turn_timeout: timedelta = Field(
        default=timedelta(seconds=45),
        description="How long all models together have for an answer, then the planner gives it",
    )
    ai_hedge_after: timedelta = Field(
        default=timedelta(seconds=4),
        description="When the next model is asked too because one has given no sign; 0: never",
    )
    ai_turn_tokens: int = Field(
        default=100_000, ge=0, description="Most tokens of one answer; 0: any number"
    )
    ai_person_day_tokens: int = Field(
        default=2_000_000, ge=0, description="Most tokens of a person in a day (UTC); 0: any number"
    )
    ai_person_day_cost: Decimal = Field(
        default=Decimal(0), ge=0, description="Most US dollars of a person in a day; 0: any number"
    )
    ai_day_cost: Decimal = Field(
        default=Decimal(0), ge=0, description="Most US dollars of all in a day; 0: any number"
    )
    ai_concurrency: int = Field(
        default=2000,
        ge=1,
        description="Conversations answered at once; most of them wait for a model",
    )
    ai_window_logs: int = Field(default=5000, ge=1, description="Conversations kept in memory")
    ai_window_mib: int = Field(default=128, ge=1, description="Memory for kept conversations, MiB")
    drain_timeout: timedelta = timedelta(seconds=10)
