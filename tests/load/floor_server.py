"""The least that an edge can do, as a process of its own: an echo socket and a route that is empty.

`python -m tests.load.floor_server --port 9000`. Same server and same settings as the gateway has.
"""

import argparse

import uvicorn
from fastapi import FastAPI, WebSocket, WebSocketDisconnect
from pydantic import BaseModel, ConfigDict

app = FastAPI()


class Request(BaseModel):
    """As small as the body of session/new."""

    model_config = ConfigDict(extra="forbid")

    title: str | None = None


class Response(BaseModel):
    """As small as its answer."""

    session_id: str


@app.post("/empty")
async def empty(body: Request) -> Response:
    """Validate, and do nothing."""
    return Response(session_id=body.title or "none")


@app.websocket("/echo")
async def echo(socket: WebSocket) -> None:
    """Send back what comes."""
    await socket.accept()
    try:
        while True:
            await socket.send_text(await socket.receive_text())
    except WebSocketDisconnect:
        return


def main() -> None:
    """Serve until killed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    uvicorn.run(
        app,
        host="127.0.0.1",
        port=parser.parse_args().port,
        loop="uvloop",
        http="httptools",
        ws="websockets-sansio",
        ws_per_message_deflate=False,
        access_log=False,
        log_level="warning",
    )


if __name__ == "__main__":
    main()
