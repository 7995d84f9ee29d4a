"""The encoder and decoder: gradients, padding, and what it refuses."""

import numpy as np
import pytest
from differences import central_differences

from elman.layers.dense import Dense
from elman.layers.encoder_decoder import EncoderDecoder
from elman.layers.sequential import Sequential
from elman.studies.layer_pass import KINDS


def rng(seed=0):
    return np.random.default_rng(seed)


def make(kind, answer_steps=3, hidden=2):
    draw = rng(1)
    encoder = KINDS[kind](3, hidden, batch_first=True, rng=draw)
    decoder = KINDS[kind](hidden, hidden, batch_first=True, rng=draw)
    return EncoderDecoder(encoder, decoder, answer_steps)


def padded(samples=4, steps=5):
    x = rng(2).normal(size=(samples, steps, 3))
    for sample, length in zip(x, (5, 1, 3, 4), strict=True):
        sample[length:] = 0.0
    return x


@pytest.mark.parametrize("kind", KINDS)
def test_gradients_against_central_differences(kind):
    both, x = make(kind), padded()
    weight = rng(3).normal(size=(4, 3, 2))

    def value():
        return float(np.vdot(weight, both(x)))

    value()
    grad_x = both.backward(weight)
    gradients = both.gradients
    assert gradients.keys() == both.parameters.keys()
    for name, p in both.parameters.items():
        np.testing.assert_allclose(
            gradients[name], central_differences(value, p), rtol=2e-6, atol=2e-8
        )
    # In the padding a nudge would make a longer sequence.
    read = x != 0.0
    np.testing.assert_allclose(
        grad_x[read][:12], [_slope(value, x, k) for k in np.argwhere(read)[:12]], rtol=2e-6
    )
    assert not grad_x[~read].any()


def _slope(value, x, index, step=1e-6):
    index = tuple(index)
    kept = x[index]
    x[index] = kept + step
    above = value()
    x[index] = kept - step
    below = value()
    x[index] = kept
    return (above - below) / (2 * step)


@pytest.mark.parametrize("kind", KINDS)
def test_padding_and_a_zero_inside_a_sequence_are_told_apart(kind):
    both = make(kind)
    short = rng(4).normal(size=(1, 3, 3))
    padded_further = np.concatenate([short, np.zeros((1, 2, 3))], axis=1)
    np.testing.assert_array_equal(both(short), both(padded_further))
    with_gap, cut = short.copy(), short[:, [0, 2]]
    with_gap[0, 1] = 0.0
    assert not np.allclose(both(with_gap), both(cut))


def test_the_answer_starts_from_the_last_state_that_was_read():
    both, x = make("RNN"), padded()
    parameters = both.parameters
    h = np.zeros((1, 2))
    for step in x[:1].swapaxes(0, 1):
        h = np.tanh(
            step @ parameters["encoder.weight_ih_l0"].T
            + h @ parameters["encoder.weight_hh_l0"].T
            + parameters["encoder.bias_ih_l0"]
            + parameters["encoder.bias_hh_l0"]
        )
    summary = h
    for written in both(x)[:1].swapaxes(0, 1):
        h = np.tanh(
            summary @ parameters["decoder.weight_ih_l0"].T
            + h @ parameters["decoder.weight_hh_l0"].T
            + parameters["decoder.bias_ih_l0"]
            + parameters["decoder.bias_hh_l0"]
        )
        np.testing.assert_allclose(written, h, rtol=1e-13)


def test_in_a_model_it_counts_its_parameters_and_takes_over_others():
    model = Sequential([make("RNN"), Dense(2, 5, rng=rng())])
    rows = model.summary((5, 3))
    assert [row.output_shape for row in rows] == [(None, 3, 2), (None, 3, 5)]
    # 2 (3 + 2 + 2) to read, 2 (2 + 2 + 2) to write, 5 (2 + 1) to answer.
    assert [row.parameters for row in rows] == [14 + 12, 15]
    before = model.predict(padded())
    model.set_parameters({name: p + 0.1 for name, p in model.parameters.items()})
    assert not np.allclose(model.predict(padded()), before)
    with pytest.raises(ValueError, match=r"input_size: allowed .* \(None, 5, 4\); 3 was given"):
        model.summary((5, 4))


def test_layers_that_do_not_fit_are_named():
    draw = rng()
    gru, rnn = KINDS["GRU"], KINDS["RNN"]
    reader = rnn(3, 2, batch_first=True, rng=draw)
    with pytest.raises(ValueError, match="decoder: allowed is the encoder's kind, RNN; GRU was"):
        EncoderDecoder(reader, gru(2, 2, batch_first=True, rng=draw), 3)
    for bad in (
        rnn(3, 2, batch_first=True, rng=draw),
        rnn(2, 3, batch_first=True, rng=draw),
        rnn(2, 2, rng=draw),
        rnn(2, 2, num_layers=2, batch_first=True, rng=draw),
        rnn(2, 2, bidirectional=True, batch_first=True, rng=draw),
    ):
        with pytest.raises(ValueError, match="decoder: allowed is a layer with input_size 2"):
            EncoderDecoder(reader, bad, 3)
    with pytest.raises(ValueError, match="answer_steps: allowed is a whole number"):
        EncoderDecoder(reader, rnn(2, 2, batch_first=True, rng=draw), 0)
