"""What is told once and may be lost: deltas, runs, verdicts, ended sign-ins (core NATS)."""

from typing import Literal

from uchat_contracts.ids import LogId, MessageId
from uchat_contracts.model import Model


class Delta(Model):
    """Some text of a running answer.

    `i` is the index of its first chunk, `n` how many chunks it holds; the next delta starts at i+n.
    A higher `epoch` starts the answer anew, a lower one is dropped.
    """

    type: Literal["delta.v1"] = "delta.v1"
    log: LogId
    message_id: MessageId
    run_id: str
    epoch: int
    i: int
    n: int
    text: str


class RunChanged(Model):
    """A run started, took a step (a tool's name) or finished."""

    type: Literal["run.v1"] = "run.v1"
    log: LogId
    message_id: MessageId
    run_id: str
    epoch: int
    phase: Literal["started", "step", "finished"]
    step: str | None = None


class Running(Model):
    """The running answer so far: the reply to a request on `subjects.running`."""

    type: Literal["running.v1"] = "running.v1"
    log: LogId
    message_id: MessageId
    run_id: str
    epoch: int
    text: str
    next_i: int


class Verdict(Model):
    """What became of an accepted message that did not enter the log (again).

    `duplicate` names the first entry by `message_id` and `seq`; `rejected` has a stable `code`.
    """

    type: Literal["verdict.v1"] = "verdict.v1"
    log: LogId
    user_id: str
    client_msg_id: str
    status: Literal["accepted", "duplicate", "rejected"]
    code: str | None = None
    message_id: str | None = None
    seq: int | None = None


class StopRun(Model):
    """A person wants the running answer of a conversation to end. `run_id` absent: whichever."""

    type: Literal["stop_run.v1"] = "stop_run.v1"
    log: LogId
    run_id: str | None = None
    user_id: str


class SignInRevoked(Model):
    """A sign-in ended before its time: its tokens are refused and its sockets closed."""

    type: Literal["sign_in_revoked.v1"] = "sign_in_revoked.v1"
    user_id: str
    sid: str
