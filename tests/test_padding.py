"""Sequences of different length in a stack: equal to each by itself, and to PyTorch's packed ones.

Mutations that these tests notice: a loss that counts padding, states taken at the last column, a
reverse direction that begins in the padding, batches that count alike whatever their steps.
"""

from itertools import product

import numpy as np
import pytest
from differences import assert_close, generator, numbers

from elman.layers import GRU, LSTM, RNN
from elman.layers.dense import Dense
from elman.layers.encoder_decoder import EncoderDecoder
from elman.layers.losses import LOSSES, mean_squared_error
from elman.layers.members import Recurrent
from elman.layers.optimizers import sgd
from elman.layers.padding import padded
from elman.layers.sequential import Sequential

LENGTHS = np.array([3, 6, 1, 4])
CLOSE = {"rtol": 0.0, "atol": 1e-12}


def stack(kind=RNN, each_step=True, bidirectional=True, last=("linear", 2)):
    """Two recurrent layers of two levels, a dense one between them and one at the end."""
    options = {"batch_first": True, "bidirectional": bidirectional, "rng": generator(2)}
    width = 2 if bidirectional else 1
    layers = [Recurrent(kind(2, 3, **options), return_sequences=True)]
    layers += [Dense(3 * width, 4, "sigmoid", rng=generator(3))]
    layers += [Recurrent(kind(4, 3, 2, **options), each_step)]
    return Sequential([*layers, Dense(3 * width, last[1], last[0], rng=generator(4))])


def samples(each_step=True, fill=np.nan):
    """x and y, with `fill` after each sequence's end."""
    x, y = numbers(4, 6, 2), numbers(4, 6, 2, seed=5)
    outside = np.arange(6) >= LENGTHS[:, np.newaxis]
    x[outside] = y[outside] = fill
    return x, y if each_step else y[:, 0]


def alone(model, x, y, measure, each_step):
    """Loss and gradients as the mean over every sequence by itself, cut to its length."""
    total, gradients, losses = 0, {}, 0.0
    for one, wanted, length in zip(x, y, LENGTHS, strict=True):
        wanted = wanted[:length] if each_step else wanted
        loss, gradient = measure(model(one[np.newaxis, :length]), wanted[np.newaxis])
        weight = length if each_step else 1
        model.backward(weight * gradient)
        total, losses = total + weight, losses + weight * loss
        gradients = {n: gradients.get(n, 0.0) + g for n, g in model.gradients.items()}
    return losses / total, {name: g / total for name, g in gradients.items()}


@pytest.mark.parametrize(
    ("kind", "each_step", "both"), [*product((RNN, LSTM, GRU), (True, False), (True, False))]
)
def test_a_pass_has_the_gradients_of_every_sequence_by_itself(kind, each_step, both):
    x, y = samples(each_step)
    expected = stack(kind, each_step, both)
    loss, gradients = alone(expected, x, y, mean_squared_error, each_step)
    model = stack(kind, each_step, both)
    before = {name: p.copy() for name, p in model.parameters.items()}
    history = model.fit(x, y, LENGTHS, epochs=1, optimizer=sgd(1.0))
    moved = {name: before[name] - p for name, p in model.parameters.items()}
    assert_close(model.gradients, gradients, **CLOSE)
    assert_close(moved, gradients, **CLOSE)
    assert history.losses[0] == pytest.approx(loss, rel=1e-12)


@pytest.mark.parametrize("name", LOSSES)
def test_training_equals_training_sequence_by_sequence_under_every_loss(name):
    x, _ = samples()
    y = np.eye(2)[generator(6).integers(2, size=(4, 6))]
    last = ("linear" if name == "mean_squared_error" else "softmax", 2)
    model, other = stack(last=last), stack(last=last)
    history = model.fit(x, y, LENGTHS, epochs=30, loss=name, optimizer=sgd(0.5))
    for loss in history.losses:
        expected, gradients = alone(other, x, y, LOSSES[name], True)
        assert loss == pytest.approx(expected, rel=1e-9)
        other.set_parameters({n: p - 0.5 * gradients[n] for n, p in other.parameters.items()})
    assert_close(model.parameters, other.parameters, rtol=0.0, atol=1e-9)
    assert model.evaluate(x, y, LENGTHS, loss=name) < history.losses[0]


def test_the_padding_says_nothing_and_the_answer_there_is_zero():
    results = []
    for fill in (0.0, np.nan, 1e300):
        x, y = samples(fill=fill)
        kept, model = x.copy(), stack()
        losses = model.fit(x, y, LENGTHS, epochs=3, batch_size=3, rng=generator(8)).losses
        np.testing.assert_array_equal(x, kept)
        results.append((losses, model.predict(x, LENGTHS), model.evaluate(x, y, LENGTHS)))
    for other in results[1:]:
        for found, expected in zip(other, results[0], strict=True):
            np.testing.assert_array_equal(found, expected)
    for row, one, length in zip(results[0][1], x, LENGTHS, strict=True):
        assert not row[length:].any()
        np.testing.assert_allclose(row[:length], model.predict(one[np.newaxis, :length])[0])


def test_a_loss_is_the_mean_over_steps_whatever_the_batches_and_full_lengths_change_nothing():
    x, y = samples(fill=0.0)
    options = {"epochs": 1, "optimizer": sgd(0.0)}
    losses = [stack().fit(x, y, LENGTHS, batch_size=n, **options).losses[0] for n in (4, 3, 1)]
    assert losses == pytest.approx([stack().evaluate(x, y, LENGTHS)] * 3, rel=1e-13)
    full, plain = stack(), stack()
    full.fit(x, y, np.full(4, 6), epochs=3)
    plain.fit(x, y, epochs=3)
    assert_close(full.parameters, plain.parameters, **CLOSE)


def test_an_answer_of_another_length_ends_what_lengths_mean():
    pair = [RNN(n, 3, batch_first=True, rng=generator(n)) for n in (2, 3)]
    model = Sequential([EncoderDecoder(*pair, answer_steps=5), Dense(3, 2, rng=generator())])
    x, _ = samples()
    output = model.predict(x, LENGTHS)
    for row, one, length in zip(output, x, LENGTHS, strict=True):
        np.testing.assert_allclose(row, model.predict(one[np.newaxis, :length])[0], rtol=1e-12)
    assert model.fit(x, numbers(4, 5, 2), LENGTHS, epochs=2).status == "finished"


def test_a_list_of_sequences_becomes_x_and_lengths():
    x, lengths = padded([[[1.0], [2.0]], np.array([[3.0]])])
    assert (x.tolist(), lengths.tolist()) == ([[[1.0], [2.0]], [[3.0], [0.0]]], [2, 1])
    for bad, words in ([], "none was given"), ([[[1]], [[1, 2]]], "1 and 2 were given"):
        with pytest.raises(ValueError, match=rf"^sequences: allowed is .*; {words}\.$"):
            padded(bad)


X, Y = samples(fill=0.0)
REFUSED = [
    *((bad, X, Y, "lengths: allowed are 4 whole numbers from 1 to 6, one for each sequence; ")
      for bad in ([3, 6, 0, 4], [3, 7, 1, 4], [3, 6, 1], [3.0, 6.0, 1.0, 4.0], 6, [[3, 6, 1, 4]],
                  ["3", "6", "1", "4"], [True] * 4, [3, 6, -1, 4])),
    (LENGTHS, X[:, 0], Y, r"lengths: allowed only with x \(samples, steps, features\); x of shape"),
    (LENGTHS, X, Y[:, :5], r"y: allowed are \(4, 6\) samples and steps, as in x; \(4, 5\) were"),
    (LENGTHS, X, Y[..., :1], r"target: allowed is an array \(4, 6, 2\); one of shape \(4, 6, 1\)"),
    (LENGTHS, np.where(np.arange(6)[:, np.newaxis] == 0, np.nan, X), Y, "x: allowed are finite"),
    (LENGTHS, X, np.where(np.arange(6)[:, np.newaxis] == 0, np.inf, Y), "y: allowed are finite"),
]  # fmt: skip


@pytest.mark.parametrize(("lengths", "x", "y", "message"), REFUSED)
def test_bad_lengths_are_refused_by_name_and_change_nothing(lengths, x, y, message):
    model = stack()
    for ask in (model.evaluate, lambda *given: model.fit(*given, epochs=1)):
        with pytest.raises(ValueError, match=f"^{message}"):
            ask(x, y, lengths)
    assert_close(model.parameters, stack().parameters)


@pytest.mark.parametrize("each_step", [True, False])
def test_equals_pytorchs_packed_sequences(each_step):
    torch = pytest.importorskip("torch", reason="PyTorch is not installed")
    from torch.nn.utils.rnn import pack_padded_sequence

    x, y = samples(each_step, fill=0.0)
    layer = RNN(2, 3, 2, batch_first=True, bidirectional=True, rng=generator(9))
    model = Sequential([Recurrent(layer, each_step), Dense(6, 2, rng=generator(1))])
    theirs = torch.nn.RNN(2, 3, 2, batch_first=True, bidirectional=True).double()
    top = torch.nn.Linear(6, 2).double()
    for module, place in ((theirs, "0."), (top, "1.")):
        state = {n: torch.tensor(model.parameters[place + n]) for n in module.state_dict()}
        module.load_state_dict(state)
    pack = {"batch_first": True, "enforce_sorted": False}
    output, h_n = theirs(pack_padded_sequence(torch.tensor(x), torch.tensor(LENGTHS), **pack))
    wanted = torch.tensor(y)
    if each_step:
        wanted = pack_padded_sequence(wanted, torch.tensor(LENGTHS), **pack).data
    answer = top(output.data if each_step else torch.cat([h_n[-2], h_n[-1]], dim=1))
    loss = torch.nn.functional.mse_loss(answer, wanted)
    loss.backward()
    history = model.fit(x, y, LENGTHS, epochs=1, optimizer=sgd(0.0))
    assert history.losses[0] == pytest.approx(loss.item(), rel=1e-9)
    for module, place in ((theirs, "0."), (top, "1.")):
        for name, p in module.named_parameters():
            np.testing.assert_allclose(model.gradients[place + name], p.grad, rtol=0.0, atol=1e-9)
