"""Wiring of execution, and its process: `python -m uchat_execution.app`."""

from uchat_execution.app.replica import REQUIRES, App
from uchat_execution.app.serving import serve
from uchat_execution.app.wiring import wire

__all__ = ["REQUIRES", "App", "serve", "wire"]
