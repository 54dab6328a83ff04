"""The settings of the simulator."""

from uchat_platform.settings import BaseServiceSettings


class SimulatorSettings(BaseServiceSettings):
    """Where it listens and which bot it knows.

    `telegram_token` empty: every well-formed token is the one bot's.
    """

    tgsim_port: int = 8001
    telegram_token: str = ""
    telegram_bot: str = "uchat_bot"
