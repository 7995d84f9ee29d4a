"""The trainable stack."""

import itertools

import numpy as np
import pytest
from differences import assert_close, check_model, copies, generator, numbers

from elman.layers import GRU, LSTM, RNN
from elman.layers.dense import Dense, Dropout
from elman.layers.members import Recurrent, SimpleRNN
from elman.layers.optimizers import sgd
from elman.layers.sequential import Sequential, SummaryRow
from elman.layers.weights import keras_parameters


def counting():
    """Windows of three of 0..9 and the number that follows each."""
    windows = np.arange(7.0)[:, np.newaxis] + np.arange(3.0)
    return windows[..., np.newaxis], windows[:, -1:] + 1.0


def counter(seed=0, units=50):
    rng = generator(seed)
    model = Sequential([SimpleRNN(1, units, "relu", rng=rng), Dense(units, 1, rng=rng)])
    model.set_parameters(keras_parameters(model.parameters, rng=rng))
    return model


@pytest.mark.parametrize(
    ("kind", "return_sequences"), [(RNN, False), (LSTM, True), (GRU, False), (RNN, True)]
)
def test_gradients_of_the_stack_by_central_differences(kind, return_sequences):
    options = {"batch_first": True, "bidirectional": True, "rng": generator(2)}
    layers = [Recurrent(kind(2, 2, **options), return_sequences=True)]
    layers += [Recurrent(kind(4, 2, 2, **options), return_sequences)]
    check_model(Sequential([*layers, Dense(4, 2, "tanh", rng=generator(3))]), numbers(2, 3, 2))


@pytest.mark.parametrize("kind", [RNN, LSTM, GRU])
def test_last_state_of_both_directions(kind):
    layer = kind(2, 3, 2, batch_first=True, bidirectional=True, rng=generator())
    x = numbers(5, 4, 2)
    output, _ = layer(x)
    last = np.hstack([output[:, -1, :3], output[:, 0, 3:]])
    np.testing.assert_array_equal(Recurrent(layer)(x), last)
    np.testing.assert_array_equal(Recurrent(layer, return_sequences=True)(x), output)


def test_summary_follows_the_shapes():
    options = {"batch_first": True, "rng": generator()}
    layers = [Recurrent(LSTM(4, 8, bidirectional=True, **options), True)]
    layers += [Dropout(0.5, rng=generator()), Recurrent(GRU(16, 5, **options))]
    model = Sequential([*layers, Dense(5, 2, rng=generator())])
    assert model.summary((None, 4)) == [
        SummaryRow("LSTM", (None, None, 16), 2 * (32 * (4 + 8) + 64)),
        SummaryRow("Dropout", (None, None, 16), 0),
        SummaryRow("GRU", (None, 5), 15 * (16 + 5) + 30),
        SummaryRow("Dense", (None, 2), 12),
    ]
    for shape in ((None, 3), (4,)):
        with pytest.raises(ValueError, match=r"^input_size: allowed after what comes before"):
            model.summary(shape)


def test_loss_is_the_mean_over_samples_whatever_the_batches():
    x, y = counting()
    whole, parts = (
        counter().fit(x, y, epochs=1, batch_size=size, optimizer=sgd(0.0)).losses[0]
        for size in (len(x), 3)
    )
    assert parts == pytest.approx(whole, rel=1e-13)
    assert whole == pytest.approx(np.mean((counter().predict(x) - y) ** 2), rel=1e-13)


def test_shuffling_is_reproducible_and_uses_every_sample():
    x, y = counting()

    def losses(rng, epochs=3, **optimizer):
        return counter().fit(x, y, epochs=epochs, batch_size=2, rng=rng, **optimizer).losses

    plain, first, second = map(losses, (None, generator(4), generator(4)))
    np.testing.assert_array_equal(first, second)
    assert not np.array_equal(first, plain)
    still = losses(generator(4), optimizer=sgd(0.0))
    assert still == pytest.approx([losses(None, 1, optimizer=sgd(0.0))[0]] * 3)


def test_stop_keeps_completed_epochs_and_at_the_very_end_is_none():
    (x, y), model, same, reports = counting(), counter(), counter(), []

    def report(share, losses):
        reports.append((share, len(losses)))

    # Two batches an epoch: the seventh ends in the middle of the fourth, which is undone.
    asked = itertools.count(1)
    history = model.fit(
        x, y, epochs=50, batch_size=4, should_stop=lambda: next(asked) == 7, on_progress=report
    )
    assert (history.status, len(history.losses)) == ("stopped", 3)
    assert reports[-1] == (3 / 50, 3)
    same.fit(x, y, epochs=3, batch_size=4)
    assert_close(model.parameters, same.parameters)
    reports.clear()
    same.fit(x, y, epochs=5, on_progress=report)
    assert reports[-1] == (1.0, 5)
    assert reports == sorted(reports)
    history = same.fit(x, y, epochs=1, should_stop=lambda: True)
    assert (history.status, len(history.losses)) == ("finished", 1)


def test_divergence_is_undone():
    x, y = counting()
    model = counter()
    history = model.fit(100.0 * x, y, epochs=100, optimizer=sgd(1.0))
    assert history.status == "diverged"
    assert len(history.losses) < 100
    assert np.isfinite(history.losses).all()
    assert all(np.isfinite(p).all() for p in model.parameters.values())


def test_clipping_limits_the_step():
    def step(**clip):
        model = counter()
        before = copies(model.parameters)
        model.fit(*counting(), epochs=1, optimizer=sgd(1.0), **clip)
        return np.concatenate([(before[n] - p).ravel() for n, p in model.parameters.items()])

    free, by_norm, by_value = step(), step(clip_norm=0.5), step(clip_value=0.25)
    norm = np.linalg.norm(free)
    assert norm > 5.0
    np.testing.assert_allclose(by_norm, free * 0.5 / norm, rtol=1e-5, atol=1e-9)
    np.testing.assert_allclose(by_value, np.clip(free, -0.25, 0.25), atol=1e-12)


def test_dropout_is_off_in_prediction_only():
    layers = [SimpleRNN(1, 8, rng=generator()), Dropout(0.5, rng=generator(1))]
    layers.append(Dense(8, 1, rng=generator(2)))
    model, (x, y) = Sequential(layers), counting()
    expected = Sequential(layers[::2])(x)
    np.testing.assert_array_equal(model.predict(x), expected)
    assert all(layer.training for layer in layers)
    assert not np.array_equal(model(x), expected)
    np.testing.assert_array_equal(model.eval()(x), expected)
    model.predict(x)
    assert not any(layer.training for layer in layers)
    model.fit(x, y, epochs=1)
    assert all(layer.training for layer in layers)


REFUSED = [
    ("epochs", {"epochs": 0}), ("batch_size", {"batch_size": 1.5}), ("loss", {"loss": "hinge"}),
    ("x", {"x": np.full((7, 3, 1), np.nan)}), ("x", {"x": np.ones((7, 3, 2))}),
    ("x", {"x": [[["a"]]]}), ("y", {"y": np.ones((6, 1))}), ("y", {"y": np.full((7, 1), np.inf)}),
    ("target", {"y": np.ones((7, 2))}), ("max_norm", {"clip_norm": 0.0}),
    ("limit", {"clip_value": -1.0}),
]  # fmt: skip


@pytest.mark.parametrize(("name", "changes"), REFUSED)
def test_bad_arguments_of_fit_are_named(name, changes):
    model, (x, y) = counter(), counting()
    before = model.parameters
    with pytest.raises(ValueError, match=rf"^{name}: allowed "):
        model.fit(**{"x": x, "y": y, "epochs": 1} | changes)
    assert all(p is before[name] for name, p in model.parameters.items())


def test_bad_stacks_are_named():
    with pytest.raises(ValueError, match=r"^layers: allowed is"):
        Sequential([])
    with pytest.raises(ValueError, match=r"^batch_first: allowed in a model is True"):
        Recurrent(RNN(2, 3, rng=generator()))


def test_set_parameters_takes_copies_of_what_fits():
    model, other = counter(0), counter(1)
    model.set_parameters(other.parameters)
    assert_close(model.parameters, other.parameters)
    assert not any(p is other.parameters[name] for name, p in model.parameters.items())
    with pytest.raises(ValueError, match=r"^1\.bias: "):
        model.set_parameters(model.parameters | {"1.bias": np.ones(2)})
