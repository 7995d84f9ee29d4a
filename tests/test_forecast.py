"""Networks that continue a row of numbers on their own output."""

import numpy as np
import pytest
from command import as_json, words
from visitor import look_until, press, texts, visit

from elman.charts import numbers as charts
from elman.layers.dense import Dense
from elman.layers.members import SimpleRNN
from elman.layers.sequential import Sequential
from elman.studies import forecast
from elman.studies.numbers import NumberExperiment, run

COUNTING = NumberExperiment(epochs=5, units=6)


def plus_one(x):
    return x[:, -1, 0] + 1.0


def test_who_knows_the_rule_continues_rightly_and_who_runs_off_ends():
    right = forecast.right_numbers(COUNTING, 5)
    assert right.tolist() == [10, 11, 12, 13, 14]
    assert np.array_equal(forecast.free_running(plus_one, COUNTING, 5), right)
    wild = forecast.free_running(lambda x: 1e6 * x[:, -1, 0], COUNTING, 5)
    assert np.isnan(wild).tolist() == [False] + [True] * 4
    unknown = NumberExperiment(sequence=(3, 1, 4, 1, 5, 9, 2))
    assert np.isnan(forecast.right_numbers(unknown, 4)).all()
    with pytest.raises(ValueError, match="steps: allowed is a whole number from 1 to 100"):
        forecast.free_running(plus_one, COUNTING, 101)


def test_each_answer_is_the_last_number_of_the_next_window():
    trained = run(COUNTING)
    window = list(COUNTING.window())
    for number in forecast.free_running(trained.predict, COUNTING, 6):
        assert number == trained.next_after(window)
        window = [*window[1:], number]
    # One step ahead it reads what really comes.
    known = [7.0, 8.0, 9.0, 10.0, 11.0]
    ahead = forecast.one_step_ahead(trained, 3)
    assert ahead.tolist() == [trained.next_after(known[k : k + 3]) for k in range(3)]


def test_a_stack_of_layers_continues_in_the_same_way():
    trained = run(COUNTING)
    rng = np.random.default_rng(0)
    model = Sequential([SimpleRNN(1, 6, "relu", rng=rng), Dense(6, 1, rng=rng)])
    model.set_parameters(trained.parameters)
    made = model.generate(np.reshape(COUNTING.window(), (1, 3, 1)), 6)
    assert made.shape == (1, 6, 1)
    expected = forecast.free_running(trained.predict, COUNTING, 6)
    np.testing.assert_allclose(made[0, :, 0], expected, rtol=1e-12)
    with pytest.raises(ValueError, match="steps: allowed is a whole number"):
        model.generate(np.zeros((1, 3, 1)), 0)


def test_the_band_holds_all_networks_and_errors_are_told_apart():
    table = forecast.forecast(forecast.networks(COUNTING, 3), 4)
    assert len(table) == 12
    horizon = forecast.by_horizon(table)
    for row in horizon.itertuples():
        free = table[table["step"] == row.step]["free"]
        assert (row.low, row.middle, row.high) == (free.min(), free.median(), free.max())
        assert row.right == 9 + row.step
    said = forecast.describe_forecast(horizon, 3)
    assert said.startswith("After 4 numbers on its own the median of 3 networks is at")
    assert "Right is 13" in said
    assert charts.forecast_band(COUNTING.sequence, horizon).to_dict()
    assert charts.error_by_horizon(horizon).to_dict()
    stopped = forecast.forecast(forecast.networks(COUNTING, 3), 4, should_stop=lambda: True)
    assert stopped.empty


def test_the_shell_continues_the_sequence():
    quick = ("numbers", "--epochs", "2")
    answer = as_json(*quick, "--forecast", "4", "--networks", "3")
    table = forecast.forecast(forecast.networks(NumberExperiment(epochs=2), 3), 4)
    assert answer["forecast"] == table["free"].tolist()[:4]
    assert answer["forecast_by_step"] == forecast.by_horizon(table).to_dict("records")
    assert answer["forecast_seeds"] == [0, 1, 2]
    told = words(*quick, "--forecast", "2")
    assert "Continued on its own output, beside the straight line" in told
    assert "where it reads what really comes" in told


@pytest.mark.page
def test_the_page_lets_many_networks_go_on():
    visitor = visit("numbers", n_epochs="5", n_units="6", n_networks="5", n_ahead="5")
    press(visitor, "Continue with 5 networks")
    table = forecast.forecast(forecast.networks(COUNTING, 5), 5)
    said = forecast.describe_forecast(forecast.by_horizon(table), 5)
    look_until(visitor, lambda page: f"**{said}**" in texts(page))
