"""Networks that read their own answers: symbols, judged by rules, and numbers of a sequence."""

import itertools
import re
from functools import partial

import numpy as np
import pytest
from command import as_json, words
from visitor import SHORT, visit

from elman import ElmanNetwork, Experiment, run
from elman.analysis import generation, obedience
from elman.analysis.replay import replay
from elman.charts import numbers as charts
from elman.layers.dense import Dense
from elman.layers.members import SimpleRNN
from elman.layers.sequential import Sequential
from elman.studies import forecast, numbers
from elman.studies.numbers import NumberExperiment
from elman.tasks import TASKS, follow, new_sequence, reber, task_of
from elman.training import predict, stepper
from elman.training.trainers import reference_network

QUICK = {name: Experiment(task=name, length=300, epochs=20, seed=1) for name in TASKS}
RUNS = {name: run(experiment) for name, experiment in QUICK.items()}


def rng(seed=0):
    return np.random.default_rng(seed)


@pytest.mark.parametrize("name", TASKS)
def test_likelihoods_are_shares_and_the_likeliest_symbol_is_the_nearest_code(name):
    task = TASKS[name]
    for output in rng().random((20, task.codes.shape[1])):
        shares = generation.likelihoods(output, task)
        assert shares.sum() == pytest.approx(1.0)
        nearest = ((output - task.codes) ** 2).sum(axis=1).argmin()
        assert shares.argmax() == (output.argmax() if task.one_hot else nearest)
        cold = generation.likelihoods(output, task, 0.05)
        assert cold.max() >= shares.max()
    # A bit near one half is its own likelihood.
    shares = generation.likelihoods(np.array([0.51]), TASKS["xor"])
    assert shares[1] == pytest.approx(0.51, abs=1e-4)
    # Draws follow the likelihoods.
    shares, source = np.array([0.1, 0.6, 0.3]), rng()
    drawn = [generation.choose(shares, "draw", source) for _ in range(4000)]
    np.testing.assert_allclose(np.bincount(drawn) / 4000, shares, atol=0.03)


@pytest.mark.parametrize("name", ["xor", "letters", "reber"])
def test_one_step_at_a_time_gives_the_bits_of_all_at_once(name):
    done, sequence = RUNS[name], new_sequence(QUICK[name])
    outputs, states = predict(done.snapshots[-1], sequence, QUICK[name], "epoch")
    ask = stepper(done.snapshots[-1], QUICK[name])
    rows = [ask(x) for x in sequence.inputs[:50]]
    assert np.array_equal([output for output, _ in rows], outputs[:50])
    assert np.array_equal([state for _, state in rows], states[:50])


@pytest.mark.parametrize("how", ["likeliest", "raw"])
@pytest.mark.parametrize("name", ["xor", "letters"])
def test_the_textbook_s_network_writes_the_same(name, how):
    done, task = RUNS[name], TASKS[name]
    network = reference_network(QUICK[name], done.sequence)
    network.weights = done.snapshots[-1].weights
    read = generation.beginning(done, 7)

    def nearest(output):
        return task.codes[((output - task.codes) ** 2).sum(axis=1).argmin()]

    outputs = network.generate(task.codes[read], 30, nearest if how == "likeliest" else None)
    written = generation.generate(done, read, rng=rng(), steps=30, how=how)
    np.testing.assert_allclose(written.outputs, outputs, atol=1e-12)
    # The same generator state gives the same text.
    again = generation.generate(done, read, rng=rng(), steps=30, how=how)
    assert np.array_equal(written.outputs, again.outputs)


def test_what_cannot_be_read_is_refused():
    with pytest.raises(ValueError, match="n_output: allowed is 2, as many as inputs"):
        ElmanNetwork(2, 3, 1, rng=rng()).generate(np.zeros((1, 2)), 3)
    for prompt in "", "  ", "xyz":
        with pytest.raises(ValueError, match="prompt: allowed are symbols of the task: b d g a i"):
            generation.prompt_symbols(TASKS["letters"], prompt)


def test_told_what_comes_it_answers_as_in_any_test():
    done = RUNS["letters"]
    tested = replay(done, new_sequence(done.experiment))
    told = generation.forced(done, generation.beginning(done, 12), 40)
    assert np.array_equal(told.outputs, tested.outputs[11:51])
    assert np.array_equal(told.symbols, tested.sequence.symbols[12:52])
    free = generation.generate(done, generation.beginning(done, 12), rng=rng(), steps=40)
    same = np.argmin(np.append(free.symbols == told.symbols, False))
    apart = generation.apart(free, told)
    # Both have read the same until the first symbol that differs.
    assert not apart[: same + 1].any()
    assert apart[same + 1 :].all()


def syllables(text):
    return sum(map(len, re.findall("ba|dii|guuu", text)))


def triples(text):
    cut = [text[i : i + 3] for i in range(0, len(text) - 2, 3)]
    return sum(3 for one in cut if int(one[2]) == int(one[0]) ^ int(one[1]))


def strings(text):
    found = re.findall("B[^BE]*E", text)
    return sum(len(one) for one in found if reber.is_grammatical(one))


@pytest.mark.parametrize(
    ("name", "recogniser"), [("xor", triples), ("letters", syllables), ("reber", strings)]
)
def test_whole_groups_are_those_of_an_independent_recogniser(name, recogniser):
    task = TASKS[name]
    for seed in range(20):
        text = rng(seed).integers(0, len(task.symbols), 30)
        if seed % 2:
            # Mostly right, with one symbol wrong.
            text = generation.rule_text(task.source, [], rng=rng(seed), steps=30)
            text[seed] = (text[seed] + 1) % len(task.symbols)
        # Closed by a group, so that none is unfinished.
        text = [*text.tolist(), *generation.rule_text(task.source, [], rng=rng(0), steps=40)]
        ends, _ = follow.Follower(task.source).whole_from(text, 30)
        text = text[: ends[0]]
        found, of = follow.in_whole_groups(task.source, text)
        assert (found, of) == (recogniser(generation.spell(task, text)), len(text))
    # What the lengths of all groups have in common.
    assert follow.period(task.source) == (3 if name == "xor" else 1)


@pytest.mark.parametrize("name", [name for name, task in TASKS.items() if task.source])
def test_the_sequences_and_who_knows_the_rule_obey_it(name):
    task, sequence = TASKS[name], new_sequence(QUICK[name])
    assert follow.possible(task.source, sequence.symbols.tolist()).all()
    found, of = follow.in_whole_groups(task.units or task.source, sequence.symbols[:300].tolist())
    assert found == of
    read = sequence.symbols[:17]
    text = generation.rule_text(task.source, read, rng=rng(), steps=100)
    assert obedience.obeyed(task, text, read, sequence)[:2] == (1.0, 1.0)


def test_an_n_gram_writes_only_what_followed_in_training():
    done = RUNS["letters"]
    counts = generation.ngram_counts(2, done.sequence, 6)
    text = generation.ngram_text(2, counts, [0], rng=rng(), steps=200)
    pairs = {*itertools.pairwise(done.sequence.symbols)}
    assert {*itertools.pairwise(text)} <= pairs


def test_more_texts_change_none_of_the_first_and_an_untrained_network_obeys_less():
    done = run(Experiment(task="letters"))
    read = generation.beginning(done, 12)
    texts_of = partial(obedience.table_of_texts, done, read, seed=0, draws=20)
    said = obedience.describe_texts(texts_of(), task_of(done.experiment))
    assert "of what it writes are whole syllables" in said
    trained, untrained = (texts_of(epoch=epoch).set_index("writer") for epoch in (None, 0))
    assert trained.loc["network", "whole_low"] > untrained.loc["network", "whole_high"]
    assert trained.loc["rule", "whole"] == 1.0


@pytest.mark.parametrize(("name", "text", "words"), [
    ("xor", "0110", "The rule allows all of it."), ("reber", "BTXX", "The rule allows all of it."),
    ("letters", "badig", "Against the rule at symbol 5: g cannot come there, only i."),
    ("sentences", "man zog", "Against the rule at symbol 2: zog cannot come there"),
    ("own", "the", "Nobody states the rule of this text."),
])  # fmt: skip
def test_a_string_of_one_s_own_is_judged_by_the_rule(name, text, words):
    symbols = generation.prompt_symbols(TASKS[name], text)
    rows = obedience.tried(RUNS[name], symbols)
    assert len(rows) == len(symbols)
    assert rows[0].chance is None
    said = obedience.describe_tried(rows)
    assert said.startswith(words)
    # The network refuses what is less than a third as likely as the likeliest.
    refused = [place for place, row in enumerate(rows, start=1) if row.accepted is False]
    assert (f"refuses it at symbol {min(refused, default=0)}," in said) == bool(refused)
    ask, codes = stepper(RUNS[name].snapshots[-1], QUICK[name]), TASKS[name].codes
    for row, before, symbol in zip(rows[1:], symbols, symbols[1:], strict=False):
        answer, _ = ask(codes[before])
        shares = generation.likelihoods(answer, TASKS[name])
        assert row.accepted == (3 * shares[symbol] >= shares.max())
        assert row.output == (answer[symbol] if TASKS[name].one_hot else None)


def test_the_command_writes_and_judges():
    quick = ("--epochs", "3", "--length", "300")
    said = as_json("generate", "letters", *quick, "--steps", "8")
    assert len(said["text"]) == len(said["chances"]) == 8
    assert [row["writer"] for row in said["texts"]] == ["network", "bigram", "trigram", "rule"]
    # What others would write, and where it parts from what came, stand beside it.
    assert all(len(row["text"]) == 8 for row in said["texts"])
    assert said["texts"][0]["text"] == said["text"]
    assert len(said["distances"]) == 8
    told = words("generate", "letters", *quick)
    for part in ("whole syllables", "The trigram would write: ", "Left alone, it writes what"):
        assert part in told
    said = as_json("generate", "reber", *quick, "--try", "BTXSE")
    assert [row["symbol"] for row in said["symbols"]] == list("BTXSE")


def test_the_page_shows_what_the_library_writes():
    visitor = visit("generate", **SHORT, task="letters", g_parting="true")
    done = run(Experiment(task="letters", epochs=5, length=300))
    read = generation.beginning(done, 12)
    written = generation.generate(done, read, rng=np.random.default_rng([0, 0]))
    text = generation.spell(TASKS["letters"], written.symbols)
    assert visitor.alternatives[0] == f"The network writes: {text}."
    table = obedience.table_of_texts(done, read, seed=0)
    assert visitor.tables[0]["whole"].tolist() == table["whole"].tolist()
    assert "Left alone, it writes what really came for" in "".join(visitor.texts)
    assert f"The rule would write `{table['text'].iloc[-1]}`" in visitor.texts
    visitor.choose("g_try", "baz")
    assert visitor.refusal.startswith("A string of your own: allowed are symbols of the task")
    visitor.choose("g_try", "bab")
    # Where training often sets the context back, a fresh start is nothing new to the network.
    often = visit("generate", **SHORT, task="letters", reset="group", g_try="bab")
    for seen, seldom in ((visitor, True), (often, False)):
        assert ("only where the sequence begins" in "".join(seen.texts)) == seldom
    visitor.press("Write it symbol by symbol")
    assert len(visitor.alternatives[0]) < 40
    assert not visitor.press("Show all of it").error
    assert not visitor.choose("g_try", "").choose("task", "own").go("generate").error


def test_the_whole_answer_to_a_beginning_stands_beside_what_the_rule_expects():
    done = run(Experiment(task="reber", epochs=5, length=300))
    task = TASKS["reber"]
    read = generation.prompt_symbols(task, "BT")
    output = generation.generate(done, read, rng=np.random.default_rng(0), steps=1).outputs[0]
    table = generation.next_symbols(task, read, output)
    by = table.set_index("symbol")
    assert by["rule"].to_dict() == pytest.approx(dict.fromkeys("BTPVE", 0.0) | {"S": 0.5, "X": 0.5})
    np.testing.assert_array_equal(by.loc[list(task.symbols), "output"], output)
    assert by["network"].sum() == pytest.approx(1.0)
    assert table["network"].is_monotonic_decreasing
    assert generation.describe_next(table).endswith("; the rule S 0.50, X 0.50.")
    # What breaks the rule leaves it nothing to say.
    breaks = generation.prompt_symbols(task, "BE")
    assert "rule" not in generation.next_symbols(task, breaks, output)
    # Who knows the rule is named only where a loop never ends.
    for how, looped in (("draw", False), ("likeliest", True)):
        table_of = obedience.table_of_texts(done, read, seed=0, how=how, draws=2)
        said = obedience.describe_texts(table_of, task)
        assert ("loop" in said, "the rule's" in said) == (looped, False)

    visitor = visit("generate", **SHORT, task="reber", g_prompt="BT")
    assert visitor.alternatives[1] == generation.describe_next(table)
    visitor.press("Begin with a whole string first")
    assert visitor.get_by_key("g_prompt").value == "BTSSXSEBT"
    assert "only where the sequence begins" not in "".join(visitor.texts)
    visitor.choose("g_prompt", "BE")
    assert "breaks the rule" in "".join(visitor.texts)
    # What was typed for a task does not stay for another.
    visitor = visit("generate", **SHORT, task="reber", g_prompt="BT", g_try="BTX")
    visitor.choose("task", "letters")
    held = {name: visitor.get_by_key(name).value for name in ("g_prompt", "g_try")}
    assert held == {"g_prompt": "", "g_try": ""}
    assert not visitor.error
    # A link to another task brings its own.
    assert "After `ba`" in "".join(visit("generate", **SHORT, task="letters", g_prompt="ba").texts)


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
    trained = numbers.run(COUNTING)
    window = list(COUNTING.window())
    for number in forecast.free_running(trained.predict, COUNTING, 6):
        assert number == trained.next_after(window)
        window = [*window[1:], number]
    # One step ahead it reads what really comes.
    known = [7.0, 8.0, 9.0, 10.0, 11.0]
    ahead = forecast.one_step_ahead(trained, 3)
    assert ahead.tolist() == [trained.next_after(known[k : k + 3]) for k in range(3)]


def test_a_stack_of_layers_continues_in_the_same_way():
    trained = numbers.run(COUNTING)
    model = Sequential([SimpleRNN(1, 6, "relu", rng=rng()), Dense(6, 1, rng=rng())])
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


def test_the_page_lets_many_networks_go_on():
    visitor = visit("numbers", n_epochs="5", n_units="6", n_networks="5", n_ahead="5")
    table = forecast.forecast(forecast.networks(COUNTING, 5), 5)
    said = forecast.describe_forecast(forecast.by_horizon(table), 5)
    going_on = visitor.press("Continue with 5 networks")
    going_on.look_until(lambda page: f"**{said}**" in page.texts)
