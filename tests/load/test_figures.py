"""How figures are judged and shown."""

from tests.load.figures import Figure, Repeated, quantile, table, total


def test_the_median_counts_and_both_directions_are_judged():
    noisy = Repeated((9.0, 2.0, 3.0))
    assert Figure("a", "ms", noisy, target=3.0).passed is True
    assert Figure("a", "ms", noisy, target=2.9).passed is False
    assert Figure("a", "/s", noisy, target=3.1, better="higher").passed is False
    assert Figure("a", "ms", noisy).passed is None


def test_quantiles_and_sums():
    values = [float(n) for n in range(1, 101)]
    assert (quantile(values, 0.5), quantile(values, 0.99), quantile([7.0], 0.99)) == (51, 100, 7)
    assert total([Repeated((1, 2)), Repeated((10, 20))]).values == (11, 22)


def test_the_table_shows_value_target_floor_and_verdict():
    floor = Repeated((1.0,))
    figure = Figure("accepted p50", "ms", Repeated((2.5,)), 3.0, floor=floor, floor_is="raw")
    lines = table([figure, Figure("x", "ms", Repeated((9.0,)), 3.0)]).splitlines()
    assert lines[2].split()[:4] == ["accepted", "p50", "2.50", "ms"]
    assert lines[2].split()[-4:] == ["3", "1.00", "2.5", "ok"]
    assert lines[3].endswith("MISSED")
    assert figure.as_json()["passed"] is True
