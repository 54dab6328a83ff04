"""Whose message goes ahead of its count, and whose waits for it."""

from uchat_gateway.adapters.ahead import Ahead
from uchat_gateway.domain.rates import Rate


def known(ahead, name, total):
    """Return a person of whom nothing is owed at this total."""
    person = ahead.person(name)
    ahead.paid(name, person, person.owed, total)
    return person


def went(ahead, name, person, tries):
    return [ahead.take(name, person) for _ in range(tries)].count(True)


def test_nobody_goes_ahead_before_the_first_count():
    ahead = Ahead(Rate.parse("120/minute"))
    assert not ahead.take("ann", ahead.person("ann"))
    assert ahead.owing() == []


def test_as_many_go_ahead_as_a_thirty_second_of_the_limit_until_they_are_counted():
    ahead = Ahead(Rate.parse("120/minute"))
    ann = known(ahead, "ann", 1)
    assert went(ahead, "ann", ann, 5) == 3
    assert ahead.owing() == [("ann", ann)]
    ahead.paid("ann", ann, 2, 3)
    assert went(ahead, "ann", ann, 5) == 2
    ahead.paid("ann", ann, 3, 6)
    assert ahead.owing() == []


def test_who_has_half_of_the_limit_waits_with_what_is_owed_counting_as_well():
    ahead = Ahead(Rate.parse("120/minute"))
    assert went(ahead, "ann", known(ahead, "ann", 57), 5) == 3
    assert went(ahead, "bob", known(ahead, "bob", 59), 5) == 1
    assert went(ahead, "cleo", known(ahead, "cleo", 60), 5) == 0
    assert went(ahead, "cleo", known(ahead, "cleo", 20), 5) == 3


def test_of_a_limit_of_one_nothing_goes_ahead():
    ahead = Ahead(Rate.parse("1/minute"))
    assert went(ahead, "ann", known(ahead, "ann", 0), 1) == 0


def test_who_owes_nothing_is_forgotten_once_enough_others_came():
    ahead = Ahead(Rate.parse("40/hour"), kept=2)
    for name in ("ann", "bob", "cleo"):
        known(ahead, name, 1)
    assert not ahead.take("ann", ahead.person("ann"))
    assert ahead.take("cleo", ahead.person("cleo"))


def test_who_owes_is_not_forgotten():
    ahead = Ahead(Rate.parse("40/hour"), kept=2)
    ann = known(ahead, "ann", 1)
    assert ahead.take("ann", ann)
    for name in ("bob", "cleo", "dora"):
        ahead.person(name)
    assert ahead.person("ann") is ann
