"""Gated recurrent layers, `LSTM` and `GRU`, to the pattern of `elman.layers.RNN`.

Symbols as there; besides, with s the logistic function and · element by element:

    i, f, o     input, forget and output gate of the LSTM       (B, H)
    g           its candidate                                   (B, H)
    c_t         its cell state                                  (B, H)
    r, z        reset and update gate of the GRU                (B, H)
    n           its candidate                                   (B, H)

    LSTM:  i = s(..)  f = s(..)  g = tanh(..)  o = s(..)
           each .. being its rows of W_ih x_t + b_ih + W_hh h_{t-1} + b_hh
           c_t = f · c_{t-1} + i · g
           h_t = o · tanh(c_t)

    GRU:   r = s(..)  z = s(..)
           n = tanh(W_in x_t + b_in + r · (W_hn h_{t-1} + b_hn))
           h_t = (1 - z) · n + z · h_{t-1}

The gates' rows are stacked in this order (i, f, g, o and r, z, n) in one matrix, so that a step
takes one product for all of them. s(a) = (1 + tanh(a/2)) / 2 never overflows.

Sources: Hochreiter and Schmidhuber (1997), Neural Computation 9:1735-1780, with the forget gate
of Gers, Schmidhuber and Cummins (2000), Neural Computation 12:2451-2471; Cho et al. (2014),
EMNLP, 1724-1734. The place of b_hn is that of PyTorch.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from elman.layers.recurrent import LayerRecord, RecurrentLayer


def _split(a: np.ndarray, gates: int) -> list[np.ndarray]:
    """Views of the `gates` equal parts of the last axis."""
    size = a.shape[-1] // gates
    return [a[..., k * size : (k + 1) * size] for k in range(gates)]


class LSTM(RecurrentLayer):
    """Long short-term memory: a cell state that gates write, keep and read.

    Arguments are those of `RNN` without nonlinearity. States are pairs: `output, (h_n, c_n) =
    layer(x, (h0, c0))` and `grad_x, (grad_h0, grad_c0) = layer.backward(grad_output,
    (grad_h_n, grad_c_n))`. A value that is not allowed raises ValueError.

    Sources: Hochreiter and Schmidhuber (1997); Gers, Schmidhuber and Cummins (2000).
    """

    gates = 4
    state_names = ("h", "c")

    def before_forward(self, record: LayerRecord) -> None:
        """Halve what goes into the logistic gates i, f and o, for all steps at once.

        s(a) = (1 + tanh(a/2)) / 2, so that one call of tanh then serves all four gates: it gives
        g as it is, and `step_forward` brings the others from -1 to 1 to 0 to 1.
        """
        ones = np.ones(self.hidden_size)
        record.half = np.concatenate([0.5 * ones, 0.5 * ones, ones, 0.5 * ones])
        record.a *= record.half
        record.to_gates *= record.half
        record.tanh_c = record.new(record.h_after.shape)

    def step_forward(self, record: LayerRecord, now: Any, before: Any, after: Any) -> None:
        """i, f, g, o from a_t + W_hh h_{t-1}; c_t = f · c_{t-1} + i · g; h_t = o · tanh(c_t)."""
        a = record.a[now]
        a += np.dot(record.h[before], record.to_gates)
        np.tanh(a, out=a)
        a *= record.half
        a += 1.0 - record.half
        i, f, g, o = _split(a, 4)
        c = np.multiply(f, record.c[before], out=record.c[after])
        c += i * g
        tanh_c = np.tanh(c, out=record.tanh_c[now])
        np.multiply(o, tanh_c, out=record.h[after])

    def before_backward(self, record: LayerRecord) -> None:
        """The gates' slopes and dh_t/dc_t, for all steps."""
        _, _, g, o = _split(record.a, 4)
        record.slope = record.a * (1.0 - record.a)
        np.subtract(1.0, g * g, out=_split(record.slope, 4)[2])
        record.h_by_c = o * (1.0 - record.tanh_c * record.tanh_c)

    def step_backward(
        self, record: LayerRecord, now: Any, before: Any, after: Any, grads: list[np.ndarray]
    ) -> None:
        """da_t from dh and dc; for the step before, dh = da_t W_hh and dc = dc · f."""
        dh, dc = grads
        i, f, g, _ = _split(record.a[now], 4)
        da = record.da[now]
        di, df, dg, do = _split(da, 4)
        dc += dh * record.h_by_c[now]
        np.multiply(dc, g, out=di)
        np.multiply(dc, record.c[before], out=df)
        np.multiply(dc, i, out=dg)
        np.multiply(dh, record.tanh_c[now], out=do)
        da *= record.slope[now]
        dc *= f
        np.dot(da, record.w_hh, out=dh)


class GRU(RecurrentLayer):
    """Gated recurrent unit: the update gate mixes the old state with a candidate.

    Arguments are those of `RNN` without nonlinearity. A value that is not allowed raises
    ValueError.

    Source: Cho et al. (2014), EMNLP, 1724-1734, in PyTorch's form.
    """

    gates = 3
    adds_biases_first = False

    def before_forward(self, record: LayerRecord) -> None:
        """Halve what goes into the logistic gates r and z, and make room for W_hh h_{t-1} + b_hh.

        As in the LSTM: half of a_t and half of each step's product, since s(a) needs tanh(a/2).
        """
        ones = np.ones(self.hidden_size)
        half = np.concatenate([0.5 * ones, 0.5 * ones, ones])
        record.a *= half
        record.to_gates *= half
        record.b_gates = 0.0 if record.b_hh is None else record.b_hh * half
        record.s = record.new(record.a.shape)

    def step_forward(self, record: LayerRecord, now: Any, before: Any, after: Any) -> None:
        """r, z, n from a_t and s_t = W_hh h_{t-1} + b_hh; h_t = n + z · (h_{t-1} - n)."""
        a, h = record.a[now], record.h[before]
        s = np.dot(h, record.to_gates, out=record.s[now])
        s += record.b_gates
        size = self.hidden_size
        rz = a[:, : 2 * size]
        rz += s[:, : 2 * size]
        np.tanh(rz, out=rz)
        rz *= 0.5
        rz += 0.5
        r, z, n = _split(a, 3)
        n += r * s[:, 2 * size :]
        np.tanh(n, out=n)
        h_new = np.subtract(h, n, out=record.h[after])
        h_new *= z
        h_new += n

    def before_backward(self, record: LayerRecord) -> None:
        """The gates' slopes, times what each multiplies, for all steps."""
        r, z, n = _split(record.a, 3)
        record.ds = record.new(record.a.shape)
        record.n_slope = (1.0 - z) * (1.0 - n * n)
        record.r_slope = _split(record.s, 3)[2] * r * (1.0 - r)
        record.z_slope = (record.h_before - n) * z * (1.0 - z)

    def step_backward(
        self, record: LayerRecord, now: Any, before: Any, after: Any, grads: list[np.ndarray]
    ) -> None:
        """da_t and ds_t from dh; for the step before, dh = dh · z + ds_t W_hh."""
        (dh,) = grads
        r, z, _ = _split(record.a[now], 3)
        ds = record.ds[now]
        dr, dz, dsn = _split(ds, 3)
        dn = np.multiply(dh, record.n_slope[now], out=_split(record.da[now], 3)[2])
        np.multiply(dn, record.r_slope[now], out=dr)
        np.multiply(dh, record.z_slope[now], out=dz)
        np.multiply(dn, r, out=dsn)
        dh *= z
        dh += np.dot(ds, record.w_hh)
        record.da[now][:, : 2 * self.hidden_size] = ds[:, : 2 * self.hidden_size]
