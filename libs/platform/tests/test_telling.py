"""Logs and traces: what every line holds, and how a trace is passed on."""

import re

import orjson
import pytest

from uchat_platform import logging, telemetry

PARENT = {"traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00"}


@pytest.fixture
def lines(capfdbinary):
    logging.configure("sessions", "r1", "info")

    def read():
        return [orjson.loads(line) for line in capfdbinary.readouterr().out.splitlines()]

    return read


def test_a_line_says_who_wrote_it_when_and_in_which_trace(lines):
    log = logging.get_logger("module")
    with telemetry.span("append", context=telemetry.extract(PARENT)):
        log.warning("entry_late", session_id="unified_1", text="secret", at=object)
    (line,) = lines()
    assert line["event"] == "entry_late"
    assert line["level"] == "warning"
    assert (line["service"], line["replica"], line["module"]) == ("sessions", "r1", "module")
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", line["ts"])
    assert line["trace_id"] == "0af7651916cd43dd8448eb211c80319c"
    assert line["span_id"] != "b7ad6b7169203331"
    assert line["text"] == "[redacted]"
    assert "secret" not in str(line)


def test_an_exception_is_told_with_its_traceback(lines):
    try:
        int("of this kind")
    except ValueError:
        logging.get_logger("module").exception("turn_failed")
    (line,) = lines()
    assert line["level"] == "error"
    assert "ValueError: invalid literal" in line["exception"]
    assert "trace_id" not in line


def test_a_trace_goes_on_in_spans_that_nobody_records():
    with telemetry.span("turn", context=telemetry.extract(PARENT)):
        first = telemetry.inject({})["traceparent"]
        with telemetry.span("tool"):
            second = telemetry.inject({})["traceparent"]
        assert telemetry.inject({})["traceparent"] == first
    assert {first[3:35], second[3:35]} == {"0af7651916cd43dd8448eb211c80319c"}
    assert len({PARENT["traceparent"][36:52], first[36:52], second[36:52]}) == 3
    assert first.endswith("-00")
    assert telemetry.inject({}) == {}


def test_a_caller_that_records_is_still_said_to_record():
    parent = {"traceparent": PARENT["traceparent"][:-2] + "01", "tracestate": "vendor=1"}
    with telemetry.span("turn", context=telemetry.extract(parent)):
        passed = telemetry.inject({})
    assert passed["traceparent"].endswith("-01")
    assert passed["tracestate"] == "vendor=1"


def test_without_a_caller_each_span_begins_a_trace():
    traces = set()
    for _ in range(10):
        with telemetry.span("ws.send", context=telemetry.extract(None)):
            traces.add(telemetry.inject({})["traceparent"][3:35])
    assert len(traces) == 10
