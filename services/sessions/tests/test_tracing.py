"""A message goes on in the trace that it came with."""

import pytest

from uchat_sessions.domain.proposals import Proposal
from uchat_sessions.service import tracing

TRACE = "0af7651916cd43dd8448eb211c80319c"


@pytest.mark.parametrize("flags", ["00", "01"])
def test_the_trace_is_passed_on_recorded_or_not(flags: str):
    parent = f"00-{TRACE}-b7ad6b7169203331-{flags}"
    before = [
        Proposal(log="unified_A", kind="message", data=b"{}", trace=parent),
        Proposal(log="unified_A", kind="message", data=b"{}"),
    ]
    after, spans = tracing.begin(before)
    tracing.end(spans)
    assert [tracing.trace_id(proposal.trace) for proposal in after] == [TRACE, ""]
    assert after[0].trace.endswith(flags)
    assert len(spans) == (flags == "01")


def test_no_trace_is_no_trace():
    assert tracing.trace_id("") == ""
    assert tracing.trace_id("nonsense") == ""
