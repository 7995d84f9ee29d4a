"""The encoder and decoder: gradients, padding, and what it refuses."""

import numpy as np
import pytest
from differences import assert_gradients, generator, numbers

from elman.layers import RNN
from elman.layers.dense import Dense
from elman.layers.encoder_decoder import EncoderDecoder
from elman.layers.sequential import Sequential
from elman.studies.layer_pass import KINDS

every_kind = pytest.mark.parametrize("kind", KINDS)


def make(kind, answer_steps=3, hidden=2):
    draw = generator(1)
    encoder = KINDS[kind](3, hidden, batch_first=True, rng=draw)
    decoder = KINDS[kind](hidden, hidden, batch_first=True, rng=draw)
    return EncoderDecoder(encoder, decoder, answer_steps)


def padded():
    x = numbers(4, 5, 3, seed=2)
    for sample, length in zip(x, (5, 1, 3, 4), strict=True):
        sample[length:] = 0.0
    return x


@every_kind
def test_gradients_by_central_differences(kind):
    both, x, weight = make(kind), padded(), numbers(4, 3, 2, seed=3)
    # A nudge in the padding would make a longer sequence, so only what is read takes part.
    read = x != 0.0
    entries = x[read]

    def value():
        x[read] = entries
        return float(np.vdot(weight, both(x)))

    value()
    grad_x = both.backward(weight)
    assert both.gradients.keys() == both.parameters.keys()
    assert not grad_x[~read].any()
    pairs = [(p, both.gradients[name]) for name, p in both.parameters.items()]
    assert_gradients(value, [(entries, grad_x[read]), *pairs])


@every_kind
def test_padding_and_a_zero_inside_a_sequence_are_told_apart(kind):
    both, short = make(kind), numbers(1, 3, 3, seed=4)
    padded_further = np.concatenate([short, np.zeros((1, 2, 3))], axis=1)
    np.testing.assert_array_equal(both(short), both(padded_further))
    with_gap = short.copy()
    with_gap[0, 1] = 0.0
    assert not np.allclose(both(with_gap), both(short[:, [0, 2]]))


def test_the_answer_starts_from_the_last_state_and_reads_it_at_every_step():
    draw = generator(1)
    encoder, decoder = (RNN(n, 2, batch_first=True, rng=draw) for n in (3, 2))
    short = padded()[2:3, :3]
    _, summary = encoder(short)
    written, _ = decoder(np.repeat(summary, 3, axis=1), summary)
    np.testing.assert_allclose(make("RNN")(padded())[2:3], written, rtol=1e-13)


def test_in_a_model_it_counts_its_parameters_and_takes_over_others():
    model = Sequential([make("RNN"), Dense(2, 5, rng=generator())])
    rows = model.summary((5, 3))
    assert [row.output_shape for row in rows] == [(None, 3, 2), (None, 3, 5)]
    # 2 (3 + 2 + 2) to read, 2 (2 + 2 + 2) to write, 5 (2 + 1) to answer.
    assert [row.parameters for row in rows] == [14 + 12, 15]
    before = model.predict(padded())
    model.set_parameters({name: p + 0.1 for name, p in model.parameters.items()})
    assert not np.allclose(model.predict(padded()), before)
    with pytest.raises(ValueError, match=r"input_size: allowed .* \(None, 5, 4\); 3 was given"):
        model.summary((5, 4))


REFUSED = [
    ({"kind": "GRU"}, "decoder: allowed is the encoder's kind, RNN; GRU was"),
    ({"answer_steps": 0}, "answer_steps: allowed is a whole number"),
    *((bad, "decoder: allowed is a layer with input_size 2")
      for bad in ({"input_size": 3}, {"hidden_size": 3}, {"batch_first": False},
                  {"num_layers": 2}, {"bidirectional": True})),
]  # fmt: skip


@pytest.mark.parametrize(("bad", "message"), REFUSED)
def test_layers_that_do_not_fit_are_named(bad, message):
    arguments = {"kind": "RNN", "answer_steps": 3, "input_size": 2, "hidden_size": 2} | bad
    kind, steps = arguments.pop("kind"), arguments.pop("answer_steps")
    reader = KINDS["RNN"](3, 2, batch_first=True, rng=generator())
    writer = KINDS[kind](**{"batch_first": True, "rng": generator()} | arguments)
    with pytest.raises(ValueError, match=message):
        EncoderDecoder(reader, writer, steps)
