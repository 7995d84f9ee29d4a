"""Parameters as mappings name -> array: first weights, PyTorch's names, and files.

Names end in PyTorch's own for the layer, such as "weight_ih_l0" or "bias", with or without a
place before them ("0.weight_ih_l0").
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import IO

import numpy as np

from elman.layers.archive import HEADER_BYTES, Form, opened
from elman.settings import checked_array, checked_finite, checked_rng, refuse

Arrays = Mapping[str, np.ndarray]


def keras_parameters(parameters: Arrays, *, rng: np.random.Generator) -> dict[str, np.ndarray]:
    """First parameters as Keras draws them, for the names and shapes of `parameters`.

    Input weights are uniform within ±sqrt(6 / (inputs + outputs)) (Glorot and Bengio 2010,
    AISTATS), recurrent weights orthogonal (Saxe, McClelland and Ganguli 2014, ICLR), biases zero
    but for 1 at the LSTM's forget gate (Jozefowicz, Zaremba and Sutskever 2015, ICML).
    """
    checked_rng(rng)
    drawn = {}
    for name, p in parameters.items():
        if "weight_hh" in name:
            q, r = np.linalg.qr(rng.normal(size=p.shape))
            # Without the signs some orthogonal matrices would come up more often than others.
            drawn[name] = q * np.sign(np.diag(r))
        elif "weight" in name:
            bound = math.sqrt(6.0 / sum(p.shape))
            drawn[name] = rng.uniform(-bound, bound, p.shape)
        else:
            drawn[name] = np.zeros_like(p)
            weights = parameters.get(name.replace("bias_ih", "weight_hh"), p)
            if weights is not p and len(p) == 4 * weights.shape[1]:
                hidden = weights.shape[1]
                drawn[name][hidden : 2 * hidden] = 1.0
    return drawn


def checked_parameters(given: Arrays, like: Arrays) -> dict[str, np.ndarray]:
    """Copies of `given`; ValueError for other names or shapes than `like`'s, or not finite."""
    _check_names(given, like)
    return {
        name: checked_finite(name, np.array(checked_array(name, given[name], p.shape)))
        for name, p in like.items()
    }


def to_state_dict(parameters: Arrays) -> dict[str, np.ndarray]:
    """Copies in the shape of PyTorch's state_dict, which always has two biases or none.

    A single bias gets its second one, of zeros.
    """
    mapping = {}
    for name, p in parameters.items():
        mapping[name] = p.copy()
        if _lacks_second(name, parameters):
            mapping[_second(name)] = np.zeros_like(p)
    return mapping


def from_state_dict(mapping: Arrays, like: Arrays) -> dict[str, np.ndarray]:
    """The parameters named as in `like` from PyTorch's mapping; ValueError if they do not fit.

    A single bias is the sum of PyTorch's two. Tensors of PyTorch are taken as they are.
    """
    given = checked_parameters(mapping, to_state_dict(like))
    for name in like:
        if _lacks_second(name, like):
            given[name] += given[_second(name)]
    return {name: given[name] for name in like}


def read_npz(file: str | Path | IO[bytes], like: Arrays) -> dict[str, np.ndarray]:
    """The arrays of an .npz file, which must have the names and shapes of `like`.

    Raises ValueError if it is no such file.
    """
    most = sum(p.nbytes + HEADER_BYTES for p in like.values())
    with opened(file, "an .npz file of weights", most) as archive:
        given = {name: archive.array(name, Form("f", p.shape)) for name, p in like.items()}
        archive.check_names(like)
    return checked_parameters(given, like)


def _check_names(given: Mapping[str, object], like: Mapping[str, object]) -> None:
    if given.keys() != like.keys():
        raise refuse(
            "parameters",
            f"exactly {', '.join(like)}",
            verb="are",
            words=f"{', '.join(given) or 'none'} were given",
        )


def _second(name: str) -> str:
    return name.replace("bias_ih", "bias_hh")


def _lacks_second(name: str, parameters: Arrays) -> bool:
    return "bias_ih" in name and _second(name) not in parameters
