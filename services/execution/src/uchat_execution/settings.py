"""Settings of execution."""

from datetime import timedelta
from decimal import Decimal
from pathlib import Path

from pydantic import Field

from uchat_contracts.trading import RiskLimits
from uchat_execution.service.guards import Guards
from uchat_platform.settings import BaseServiceSettings


class ExecutionSettings(BaseServiceSettings):
    """Where execution listens, where it trades, and what it allows."""

    grpc_port: int = Field(default=0, description="Port of the gRPC server; 0: any free one")
    database_connections: int = Field(default=24, ge=4)
    exchange_url: str = Field(
        default="http://127.0.0.1:8002", description="The exchange that paper accounts trade at"
    )
    paper_secret_file: Path | None = Field(
        default=None, description="32 bytes in base64; keys of paper accounts are made from it"
    )
    mandate_key_file: Path | None = Field(
        default=None, description="32 bytes in base64; mandates are signed with the key of them"
    )
    paper_opening: Decimal = Field(
        default=Decimal(10_000), gt=0, description="What a paper account starts with, in USDT"
    )
    claim_window_ms: int = Field(
        default=3_000, ge=500, le=60_000, description="How long a claimed order may be sent"
    )
    venues_addr: str = Field(
        default="", description="gRPC target of the venue worker; empty: no live exchanges"
    )
    triggers_kept_here: bool = Field(
        default=False, description="Keep stop and take-profit orders here even if the venue has any"
    )
    needs_human_after_s: int = Field(
        default=600, ge=1, description="How long an outcome may be unknown until a person is asked"
    )
    risk_per_order: Decimal = Field(default=Decimal(2_500), gt=0, description="USDT")
    risk_per_asset_share: Decimal = Field(default=Decimal("0.4"), gt=0, le=1)
    risk_daily_loss_share: Decimal = Field(default=Decimal("0.05"), gt=0, le=1)
    risk_collar_bps: int = Field(default=100, ge=1, le=5_000)
    risk_orders_per_minute: int = Field(default=10, ge=1)
    risk_drawdown_share: Decimal = Field(
        default=Decimal("0.15"), gt=0, le=1, description="Under the highest value ever"
    )
    risk_gross_share: Decimal = Field(
        default=Decimal(1), gt=0, le=1, description="What may be invested at all"
    )
    risk_limit_away_bps: int = Field(default=500, ge=1, le=10_000)
    risk_reference_age_s: int = Field(default=5, ge=1, le=60)
    risk_rejection_streak: int = Field(default=5, ge=1)
    risk_cooldown_s: int = Field(default=60, ge=0, le=86_400)
    unsafe_claim_off: bool = False
    unsafe_signing_off: bool = False
    unsafe_absence_off: bool = False
    unsafe_same_id_off: bool = False

    @property
    def limits(self) -> RiskLimits:
        """Return the risk limits."""
        return RiskLimits(
            per_order=self.risk_per_order,
            per_asset_share=self.risk_per_asset_share,
            daily_loss_share=self.risk_daily_loss_share,
            price_collar_bps=self.risk_collar_bps,
            orders_per_minute=self.risk_orders_per_minute,
            drawdown_share=self.risk_drawdown_share,
            gross_share=self.risk_gross_share,
            limit_away_bps=self.risk_limit_away_bps,
            reference_age_s=self.risk_reference_age_s,
            rejection_streak=self.risk_rejection_streak,
            cooldown_s=self.risk_cooldown_s,
        )

    @property
    def guards(self) -> Guards:
        """Return which guards are on: all, except in a negative control."""
        return Guards(
            claim=not self.unsafe_claim_off,
            signing=not self.unsafe_signing_off,
            absence=not self.unsafe_absence_off,
            same_id=not self.unsafe_same_id_off,
        )

    @property
    def needs_human_after(self) -> timedelta:
        """Return how long an outcome may be unknown until a person is asked."""
        return timedelta(seconds=self.needs_human_after_s)

    @property
    def claim_window(self) -> timedelta:
        """Return how long a claimed order may be sent."""
        return timedelta(milliseconds=self.claim_window_ms)
