"""The live protocol `uchat.v1` over WebSocket."""
