"""How long a call takes, by a clock that the test sets."""

import time

import pytest

from elman.training.pace import least_seconds


@pytest.mark.parametrize(
    ("lasting", "within", "least", "calls"),
    [((5.0, 2.0, 3.0), 100.0, 2.0, 3), ((5.0, 2.0, 3.0), 6.0, 2.0, 2), ((5.0,) * 3, 0.0, 5.0, 1)],
)
def test_the_quickest_call_counts_and_time_ends_the_others(
    monkeypatch, lasting, within, least, calls
):
    clock, made = [0.0], []

    def call():
        made.append(True)
        clock[0] += lasting[len(made) - 1]

    monkeypatch.setattr(time, "perf_counter", lambda: clock[0])
    assert least_seconds(call, 3, within) == least
    assert len(made) == calls
