"""One order each, whatever the exchange does: what is not certain is unknown."""

import pytest
from services.execution.tests.ccxt_venue.orders import fault, limit, order, own_id, placed_there

from uchat_execution.ports import OutcomeUnknownError
from uchat_platform.errors import UnavailableError


@pytest.mark.parametrize(
    ("kind", "times"),
    [
        ("accept_then_drop", 1),
        ("accept_then_503", 1),
        ("accept_then_502", 1),
        ("accept_then_1007", 1),
        ("accept_then_garbage", 1),
        ("lost", 0),
        ("drop", 0),
        ("http_500", 0),
        ("html_502", 0),
    ],
)
async def test_what_is_not_certain_is_unknown_and_asked_for_not_sent_again(
    account, simulator, request, kind, times
):
    sent = order(own_id(request), window_ms=500)
    await fault(simulator, kind, on="place", **({"ms": 100} if kind == "lost" else {}))
    with pytest.raises(OutcomeUnknownError):
        await account.place(sent)
    assert await placed_there(simulator, own_id(request)) == times
    found = await account.find(sent.ref)
    assert (found is not None) == bool(times)


async def test_an_order_that_hangs_after_it_was_accepted_is_unknown(
    account, simulator, request, monkeypatch
):
    monkeypatch.setattr("uchat_execution.adapters.ccxt_api.account._ENGINE_S", 0.2)
    await fault(simulator, "accept_then_hang", on="place", ms=5000)
    sent = order(own_id(request), window_ms=500)
    with pytest.raises(OutcomeUnknownError):
        await account.place(sent)
    assert (await account.find(sent.ref)).status == "filled"


async def test_a_taken_id_is_unknown_since_the_open_order_may_be_this_one(account, request):
    sent = limit(client_id=own_id(request))
    await account.place(sent)
    with pytest.raises(OutcomeUnknownError):
        await account.place(sent)
    assert (await account.cancel(sent.ref)).status == "cancelled"


async def test_no_answer_to_a_question_is_no_evidence(account, simulator, request):
    sent = order(own_id(request))
    await account.place(sent)
    for kind in ("http_500", "html_502", "drop"):
        await fault(simulator, kind, on="query")
        with pytest.raises(UnavailableError):
            await account.find(sent.ref)
    await fault(simulator, "not_found", on="query")
    # "No such order", while the other lists have it.
    with pytest.raises(UnavailableError):
        await account.find(sent.ref)
