"""A run has the same bits on every processor, alone, beside others and on a cluster.

Training amplifies a last bit that differs until the runs have nothing in common, so nothing less
would do for a link that promises everybody the same run.
"""

import json

import bits
import numpy as np
import pytest
from command import ended, program

from elman import Experiment, run
from elman.training import compiling

pytestmark = pytest.mark.skipif(not compiling.available(), reason="Numba is not installed")

# The least that any processor of this kind can do, and one with fused operations.
PROCESSORS = ("generic", "haswell")


@pytest.fixture(scope="module")
def here():
    return bits.alone(bits.table())


@pytest.mark.slow
@pytest.mark.parametrize("processor", PROCESSORS)
def test_every_processor_gives_the_same_bits_alone_and_in_lanes(processor, here):
    answer, _ = ended(program(bits.__file__, "table", NUMBA_CPU_NAME=processor))
    found = json.loads(answer)
    assert found["alone"] == here
    assert len(found["in lanes"]) >= 30
    assert found["in lanes"] == {name: here[name] for name in found["in lanes"]}


def test_lanes_give_the_bits_of_single_runs(here):
    found = bits.in_lanes(bits.table())
    assert found == {name: here[name] for name in found}


@pytest.mark.slow
def test_what_the_presets_mean_has_not_changed():
    """Whoever changes these has changed every link to them: `python tests/bits.py presets`."""
    assert bits.presets() == json.loads(bits.PRESETS.read_text(encoding="utf-8"))


def test_a_fingerprint_tells_runs_apart_by_any_bit():
    first, again = (run(Experiment(length=60, epochs=3)) for _ in range(2))
    assert first.fingerprint == again.fingerprint
    weights = again.snapshots[1].weights["b_h"]
    weights[0] = np.nextafter(weights[0], 1.0)
    assert first.fingerprint != again.fingerprint
    assert first.fingerprint != run(Experiment(length=60, epochs=3, seed=1)).fingerprint
