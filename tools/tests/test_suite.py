from tools.suite import Outcome, told


def test_what_failed_is_said_last_with_the_way_to_repeat_it():
    outcomes = [Outcome("lint", 3.2, False), Outcome("test-e2e", 201.0, True)]
    *lines, last = told(outcomes).splitlines()
    assert [line.split()[:2] for line in lines] == [["ok", "lint"], ["FAILED", "test-e2e"]]
    assert last == "FAILED: test-e2e (again by: make test-e2e)"


def test_success_is_said():
    assert told([Outcome("lint", 3.2, False)]).endswith("All steps passed")
