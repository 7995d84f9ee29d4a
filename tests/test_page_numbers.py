"""The page on number sequences, without a browser."""

from visitor import visit

from elman.studies.number_answers import shown as shown_number
from elman.studies.number_answers import spelled
from elman.studies.numbers import NumberExperiment, run

FEW = {"n_units": "5", "n_epochs": "3"}


def metric(visitor, label):
    (found,) = [metric for metric in visitor.metric if metric.label == label]
    return found.value


def shown(visitor):
    return visitor.state("number_experiment")


def test_the_first_visit_shows_the_exercise_and_its_answer():
    visitor = visit("numbers")
    assert visitor.header[0].value == "Number sequences"
    assert shown(visitor) == NumberExperiment()
    assert metric(visitor, "Network") == f"{run(NumberExperiment()).next_after():.4g}"
    assert metric(visitor, "Straight-line fit") == metric(visitor, "Right") == "10"
    said = visitor.words
    assert "After 7, 8, 9 the network says" in said
    assert "(samples, steps, features) = (7, 3, 1)" in said
    assert "**2,651 parameters**" in said
    layers = visitor.table[0].value
    assert layers["Parameters"].tolist() == ["2,600", "51"]
    assert "x[0] = [[0.0], [1.0], [2.0]]    y[0] = [3.0]" in visitor.code[0].value


def test_a_link_shows_its_run():
    link = {"n_sequence": "1 2 4 8 16 32", "n_window_size": "2", "n_scaling": "minmax",
            "n_activation": "tanh", "n_seed": "4", "n_ask": "2 4"}  # fmt: skip
    visitor = visit("numbers", **FEW, **link)
    assert visitor.notes == ""
    assert shown(visitor) == NumberExperiment(
        sequence=(1, 2, 4, 8, 16, 32), window_size=2, scaling="minmax", activation="tanh", seed=4,
        units=5, epochs=3,
    )  # fmt: skip
    assert metric(visitor, "Right") == "8"
    assert "each number is 2 times the one before" in visitor.words


def test_a_bad_sequence_is_explained_and_the_last_good_one_stays():
    visitor = visit("numbers", n_sequence="5 6 7 8 9", **FEW)
    bad = {"": "none was given", "1 2": "2 were given", "1 **x** :smile: 4": "`'**x**'` was given"}
    for typed, said in bad.items():
        visitor.choose("n_sequence", typed)
        assert visitor.refusal.startswith("Your numbers: allowed are ")
        assert said in visitor.refusal
        assert shown(visitor).sequence == (5, 6, 7, 8, 9)
        assert len(visitor.metric) == 3
    visitor.choose("n_sequence", "1 2 3 4")
    assert not visitor.error
    assert shown(visitor).sequence == (1, 2, 3, 4)


def test_any_window_can_be_asked_and_a_bad_one_is_explained():
    visitor = visit("numbers", **FEW).choose("n_ask", "100 101 102")
    answer = run(shown(visitor)).next_after([100, 101, 102])
    assert metric(visitor, "Network") == shown_number(answer, 102)
    assert metric(visitor, "Right") == "103"
    visitor.choose("n_ask", "1 2 5")
    assert metric(visitor, "Right") == "not known"
    visitor.choose("n_ask", "1 2")
    assert visitor.refusal.startswith("Ask for the number after: allowed is a window of 3 numbers")
    assert "After 7, 8, 9" in visitor.words
    # As long as the sequence.
    visitor.choose("n_ask", "").choose("n_window_size", 10)
    assert "11 to 300 numbers, for a window of 10" in visitor.refusal
    assert shown(visitor).window_size == 3


def test_a_run_that_diverges_says_what_to_do():
    visitor = visit("numbers", n_optimizer="sgd", n_learning_rate="5")
    assert "grew without bound" in visitor.refusal
    assert metric(visitor, "Network") == "not finite"


def test_many_networks_are_trained_as_a_job_and_compared():
    visitor = visit("numbers", n_networks="5", n_seed="17", **FEW).press("Train 20 networks")
    visitor.look_until(lambda page: "ReLU networks with raw numbers" in page.words)
    said = visitor.words
    assert "5 tanh networks with standardised numbers say" in said
    assert "Right is 10." in said
    table = visitor.tables[-1]
    assert table["networks"].tolist() == [5] * 4
    # The same question again is answered at once.
    assert "Right is 10." in visit("numbers", n_networks="5", n_seed="17", **FEW).words


def test_a_long_run_is_shown_live(allow, hold):
    allow(live_after=1e-9)
    hold()
    visitor = visit("numbers", **FEW)
    assert "Stop" in visitor.labels
    assert not visitor.metric


def test_patterns_fill_the_sequence_and_try_next_changes_the_settings():
    visitor = visit("numbers", n_ask="1 2 3", **FEW)
    for label, start in (("Noisy line", (0.15, 0.48, 2.38)), ("Fibonacci", (0, 1, 1))):
        visitor.press(label)
        assert shown(visitor).sequence[:3] == start
        assert visitor.text_input(key="n_sequence").value == spelled(shown(visitor).sequence)
        assert visitor.text_input(key="n_ask").value == ""
    visitor = visit("numbers", **FEW).press("tanh units")
    assert shown(visitor).activation == "tanh"
    assert shown(visitor.press("Scaled numbers")).scaling == "standard"
    assert "After 100, 101, 102 the network" in visitor.press("Ask far away").words
    assert "ReLU units" in visitor.labels
