"""The encoder and decoder: gradients, padding, and what it refuses."""

import numpy as np
import pytest
from differences import assert_gradients

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
    assert both.gradients.keys() == both.parameters.keys()
    assert_gradients(value, [(p, both.gradients[name]) for name, p in both.parameters.items()])
    # A nudge in the padding would make a longer sequence, so only what is read takes part.
    read = x != 0.0
    assert not grad_x[~read].any()
    entries = x[read]

    def value_of_entries():
        x[read] = entries
        return value()

    assert_gradients(value_of_entries, [(entries, grad_x[read])])


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

    def after(role, read, h):
        names = ("weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0")
        w_ih, w_hh, b_ih, b_hh = (both.parameters[f"{role}.{name}"] for name in names)
        return np.tanh(read @ w_ih.T + h @ w_hh.T + b_ih + b_hh)

    h = np.zeros((1, 2))
    for step in x[:1].swapaxes(0, 1):
        h = after("encoder", step, h)
    summary = h
    for written in both(x)[:1].swapaxes(0, 1):
        h = after("decoder", summary, h)
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


@pytest.mark.parametrize(
    ("kind", "sizes", "options", "message"),
    [
        ("GRU", (2, 2), {}, "decoder: allowed is the encoder's kind, RNN; GRU was"),
        *(
            ("RNN", sizes, options, "decoder: allowed is a layer with input_size 2")
            for sizes, options in (
                ((3, 2), {}), ((2, 3), {}), ((2, 2), {"batch_first": False}),
                ((2, 2), {"num_layers": 2}), ((2, 2), {"bidirectional": True}),
            )
        ),
        ("RNN", (2, 2), {"answer_steps": 0}, "answer_steps: allowed is a whole number"),
    ],
)  # fmt: skip
def test_layers_that_do_not_fit_are_named(kind, sizes, options, message):
    reader = KINDS["RNN"](3, 2, batch_first=True, rng=rng())
    options = {"batch_first": True, "answer_steps": 3} | options
    steps = options.pop("answer_steps")
    with pytest.raises(ValueError, match=message):
        EncoderDecoder(reader, KINDS[kind](*sizes, **options, rng=rng()), steps)
