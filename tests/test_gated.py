"""LSTM and GRU; what they share with the simple layer is tested in test_layers.py."""

from math import exp, tanh

import numpy as np
import pytest
from differences import check_layer
from torch_fixtures import case_name, read, relative_differences

from elman.layers.gated import GRU, LSTM

KINDS = {"LSTM": LSTM, "GRU": GRU}
CASES = [case for case in read("layer") if case["layer"] in KINDS]


def generator(seed=0):
    return np.random.default_rng(seed)


def logistic(z):
    return 1.0 / (1.0 + exp(-z))


@pytest.mark.parametrize("case", CASES, ids=case_name)
def test_equals_pytorch(case):
    layer = KINDS[case["layer"]](**case["arguments"], rng=generator()).eval()
    differences = relative_differences(layer, case)
    assert max(differences.values()) < 1e-9, differences


@pytest.mark.parametrize("kind", [LSTM, GRU])
@pytest.mark.parametrize("bidirectional", [False, True])
@pytest.mark.parametrize("lengths", [None, [2, 4, 1]])
def test_gradients_by_central_differences(kind, bidirectional, lengths):
    layer = kind(2, 2, 2, dropout=0.4, bidirectional=bidirectional, rng=generator(5))
    check_layer(layer, steps=4, batch=3, lengths=lengths)


@pytest.mark.parametrize("kind", [LSTM, GRU])
def test_gradients_without_bias_by_central_differences(kind):
    layer = kind(3, 2, bias=False, batch_first=True, rng=generator(6))
    check_layer(layer, steps=3, batch=2)


def small(kind, w_ih, w_hh, b_ih, b_hh):
    """One input, one unit, and the given parameters."""
    layer = kind(1, 1, rng=generator())
    layer.parameters = {
        "weight_ih_l0": np.reshape(w_ih, (-1, 1)),
        "weight_hh_l0": np.reshape(w_hh, (-1, 1)),
        "bias_ih_l0": np.array(b_ih),
        "bias_hh_l0": np.array(b_hh),
    }
    return layer


def test_lstm_step_by_hand():
    layer = small(LSTM, [0.1, 0.2, 0.3, 0.4], [0.5, -0.6, 0.7, -0.8],
                  [0.01, 0.02, 0.03, 0.04], [0.1, 0.0, -0.1, 0.2])  # fmt: skip
    x, h, c = 2.0, 0.5, -1.5
    i = logistic(0.1 * x + 0.5 * h + 0.01 + 0.1)
    f = logistic(0.2 * x - 0.6 * h + 0.02)
    g = tanh(0.3 * x + 0.7 * h + 0.03 - 0.1)
    o = logistic(0.4 * x - 0.8 * h + 0.04 + 0.2)
    c_next = f * c + i * g
    output, (h_n, c_n) = layer([[[x]]], ([[[h]]], [[[c]]]))
    assert c_n.item() == pytest.approx(c_next, rel=1e-14)
    assert h_n.item() == pytest.approx(o * tanh(c_next), rel=1e-14)
    assert output.item() == h_n.item()


def test_gru_step_by_hand():
    layer = small(GRU, [0.1, 0.2, 0.3], [0.5, -0.6, 0.7], [0.01, 0.02, 0.03], [0.1, 0.0, -0.1])
    x, h = 2.0, 0.5
    r = logistic(0.1 * x + 0.5 * h + 0.01 + 0.1)
    z = logistic(0.2 * x - 0.6 * h + 0.02)
    n = tanh(0.3 * x + 0.03 + r * (0.7 * h - 0.1))
    output, h_n = layer([[[x]]], [[[h]]])
    assert h_n.item() == pytest.approx((1.0 - z) * n + z * h, rel=1e-14)
    assert output.item() == h_n.item()


def test_lstm_keeps_its_cell_with_an_open_forget_gate():
    closed, open_ = -50.0, 50.0
    layer = small(LSTM, [0.0] * 4, [0.0] * 4, [closed, open_, 1.0, 0.0], [0.0] * 4)
    _, (_, c_n) = layer(np.ones((100, 1, 1)), ([[[0.0]]], [[[0.7]]]))
    assert c_n.item() == pytest.approx(0.7, rel=1e-12)
    _, (_, grad_c0) = layer.backward(None, (None, [[[1.0]]]))
    assert grad_c0.item() == pytest.approx(1.0, rel=1e-12)


@pytest.mark.parametrize("kind", [LSTM, GRU])
def test_huge_inputs_saturate_without_overflow(kind):
    layer = kind(2, 3, rng=generator())
    with np.errstate(all="raise", under="ignore"):
        output, _ = layer(np.full((3, 2, 2), 1e6))
        grad_x, _ = layer.backward(np.ones_like(output))
    assert np.isfinite(output).all()
    assert np.isfinite(grad_x).all()


@pytest.mark.parametrize("kind", [LSTM, GRU])
def test_a_layer_of_one_unit_keeps_its_parameters(kind):
    layer = kind(2, 1, rng=generator())
    before = {name: p.copy() for name, p in layer.parameters.items()}
    output, _ = layer(np.ones((3, 2, 2)))
    layer.backward(np.ones_like(output))
    for name, p in layer.parameters.items():
        np.testing.assert_array_equal(p, before[name])


def test_lstm_states_come_in_pairs():
    layer = LSTM(2, 3, rng=generator())
    x = np.ones((4, 5, 2))
    with pytest.raises(ValueError, match=r"^h0: allowed is a pair of arrays \(1, 5, 3\)"):
        layer(x, np.zeros((1, 5, 3)))
    with pytest.raises(ValueError, match=r"^h0: allowed is an array \(1, 5, 3\)"):
        layer(x, (np.zeros((1, 5, 3)), np.zeros((1, 4, 3))))
    output, _ = layer(x, (None, np.ones((1, 5, 3))))
    with pytest.raises(ValueError, match=r"^grad_h_n: allowed is a pair"):
        layer.backward(np.ones_like(output), np.zeros((1, 5, 3)))
    grad_x, (grad_h0, grad_c0) = layer.backward(None, (np.ones((1, 5, 3)), None))
    assert grad_x.shape == x.shape
    assert grad_h0.shape == grad_c0.shape == (1, 5, 3)
