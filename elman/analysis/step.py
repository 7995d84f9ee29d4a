"""One step of a run's training: every number that it computes, which of them are shown, and words.

The weights before the step are the run's own: its trainer goes on from a snapshot up to that step.
The step itself is then taken by `ElmanNetwork`, whose source a reader can follow line by line.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from elman.analysis.references import decimals
from elman.network import Weights
from elman.settings import refuse
from elman.tasks import Sequence, Task
from elman.training import Run, resets_of_pass, resumed
from elman.training.sizes import snapshot_bytes
from elman.training.trainers import Snapshot, reference_network, set_state

# States kept along a pass, evenly spaced, so that no step is far from one of them; of wide networks
# as many as fit into so many bytes.
MOST_MARKS, MARKS_BYTES = 16, 16 * 2**20


# What is shown of a layer with more units than this.
MOST_UNITS = 8

# Of a one-hot code with more symbols: the first few beside those that matter at this step.
FIRST_SYMBOLS = 3


@dataclass(frozen=True)
class Step:
    """All quantities of one training step, by the names of `ElmanNetwork`.

    epoch, step       passes completed before this one; place in the sequence, from 0
    reset             whether the context was set back just before the step
    x, target         input (n_input,) and what it should predict (n_output,)
    context           what the step used (n_hidden,), after a reset if there was one
    hidden_net_input, hidden      (n_hidden,)
    output_net_input, output      (n_output,)
    error             target - output (n_output,)
    output_delta      (n_output,)
    hidden_deltas     (lags, n_hidden): of this step, and of those back that the gradient reaches
    past_steps        (lags - 1,) the places of those steps in the sequence
    past_x, past_context          (lags - 1, ...) what they read and used
    gradients, changes            of every weight; without momentum, changes are
                                  -learning_rate * gradients
    velocity          the changes of the step before, None without momentum
    before, after     every weight
    error_after       the error that the new weights would make at the same step (n_output,)
    new_context       what the next step will use, unless it is reset (n_hidden,)
    """

    epoch: int
    step: int
    reset: bool
    x: np.ndarray
    target: np.ndarray
    context: np.ndarray
    hidden_net_input: np.ndarray
    hidden: np.ndarray
    output_net_input: np.ndarray
    output: np.ndarray
    error: np.ndarray
    output_delta: np.ndarray
    hidden_deltas: np.ndarray
    past_steps: np.ndarray
    past_x: np.ndarray
    past_context: np.ndarray
    gradients: Weights
    changes: Weights
    velocity: Weights | None
    before: Weights
    after: Weights
    error_after: np.ndarray
    new_context: np.ndarray

    @property
    def moves(self) -> tuple[int, int, int]:
        """How many weights go up, go down, and stay."""
        changes = np.concatenate([change.ravel() for change in self.changes.values()])
        up, down = int((changes > 0.0).sum()), int((changes < 0.0).sum())
        return up, down, len(changes) - up - down


class TrainingPass:
    """The pass of a run's training that follows `epoch`, to be entered at any step.

    `epoch` must be one of those that the run has a snapshot of; after its last, this is the pass
    that would come next. Another epoch raises ValueError.
    """

    def __init__(self, run: Run, epoch: int) -> None:
        kept = [snapshot.epoch for snapshot in run.snapshots]
        if epoch not in kept:
            listed = ", ".join(map(str, kept))
            raise refuse("epoch", f"one of {listed}", epoch)
        self.run = run
        self.epoch = epoch
        self.resets = resets_of_pass(run, epoch)
        self._marks: dict[int, Snapshot] = {0: run.at(epoch)}
        marks = min(MOST_MARKS, 1 + MARKS_BYTES // snapshot_bytes(run.experiment))
        self._spacing = -(-len(run.sequence) // marks)

    def before(self, step: int) -> Snapshot:
        """The network as it is before `step` (from 0), and before the reset that may come then."""
        steps = len(self.run.sequence)
        if not 0 <= step < steps:
            raise refuse("step", f"a whole number from 0 to {steps - 1}", step)
        start = max(mark for mark in list(self._marks) if mark <= step)
        trainer = resumed(self.run, self._marks[start])
        # A run that diverges overflows on its way.
        with np.errstate(over="ignore", invalid="ignore"):
            for mark in range(start + self._spacing, step + 1, self._spacing):
                trainer.train(mark - self._spacing, mark, self.resets)
                self._marks[mark] = trainer.snapshot(self.epoch)
                start = mark
            trainer.train(start, step, self.resets)
        return trainer.snapshot(self.epoch)

    def step(self, step: int) -> Step:
        """Every number of one step, counted from 0."""
        run, state = self.run, self.before(step)
        network = reference_network(run.experiment, run.sequence)
        set_state(network, state, run.sequence)
        reset = bool(self.resets[step])
        if reset:
            network.reset_context()
        x, target = run.inputs[step], run.targets[step]
        context, past = network.context, list(network.history)
        with np.errstate(over="ignore", invalid="ignore"):
            hidden_net_input = network.hidden_net_input(x)
            output, hidden = network.forward(x)
            output_net_input = network.output_net_input(hidden)
            output_delta, hidden_deltas = network.deltas(hidden, output, target)
            gradients = network.gradients(x, hidden, output, target)
            error = network.backward(x, hidden, output, target)
            error_after = target - network.forward(x)[0]
        network.update_context(hidden)
        lags = len(past)
        return Step(
            epoch=self.epoch,
            step=step,
            reset=reset,
            x=x,
            target=target,
            context=context,
            hidden_net_input=hidden_net_input,
            hidden=hidden,
            output_net_input=output_net_input,
            output=output,
            error=error,
            output_delta=output_delta,
            hidden_deltas=np.array(hidden_deltas),
            past_steps=(step - 1 - np.arange(lags)) % len(run.sequence),
            past_x=np.array([seen[0] for seen in past]).reshape(lags, len(x)),
            past_context=np.array([seen[1] for seen in past]).reshape(lags, len(hidden)),
            gradients=gradients,
            changes=network.velocity,
            velocity=state.velocity,
            before=state.weights,
            after=network.weights,
            error_after=error_after,
            new_context=network.context,
        )


def training_step(run: Run, epoch: int, step: int) -> Step:
    """One step (from 0) of the pass that follows `epoch`, one of the epochs that `run` kept.

    To look at many steps of a pass, ask one `TrainingPass`, which does not begin anew each time.
    """
    return TrainingPass(run, epoch).step(step)


class Units(NamedTuple):
    """Which units are shown (indices from 0), and the names of all inputs and outputs."""

    inputs: np.ndarray
    hidden: np.ndarray
    outputs: np.ndarray
    names: tuple[str, ...]

    @property
    def labels(self) -> dict[str, list[str]]:
        """A short name for each shown unit of a layer."""
        hidden = [f"h\u00a0{unit + 1}" for unit in self.hidden]
        return {
            "input": [verbatim(self.names[unit]) for unit in self.inputs],
            "hidden": hidden,
            "context": [name.replace("h", "c") for name in hidden],
            "output": [verbatim(self.names[unit]) for unit in self.outputs],
        }


def decimals_of_change(before: Any, after: Any, least: int = 4) -> int:
    """So many decimals, at least `least`, show three digits of the largest change of numbers."""
    change = float(np.abs(np.asarray(after) - np.asarray(before)).max())
    if not np.isfinite(change) or change == 0.0:
        return least
    return int(np.clip(2 - np.floor(np.log10(change)), least, 12))


def verbatim(text: str) -> str:
    """A text as Markdown that shows it as it is, whatever signs it has."""
    return re.sub(r"([!-/:-@\[-`{-~])", r"\\\1", text)


def hidden_ranges(n_hidden: int) -> list[str]:
    """The stretches of hidden units that are shown at a time, as "9 to 16"."""
    return [
        f"{first + 1} to {min(first + MOST_UNITS, n_hidden)}"
        for first in range(0, n_hidden, MOST_UNITS)
    ]


def choose_units(
    step: Step, task: Task, hidden_range: str = "", further: Iterable[str] = ()
) -> Units:
    """All units of narrow layers; of wide ones a stretch, or the symbols that matter most.

    Of many one-hot symbols these are the first few, the one that is read, the one that comes, the
    three with the largest outputs, and `further` ones by name.
    """
    first, _, last = (hidden_range or hidden_ranges(len(step.hidden))[0]).partition(" to ")
    hidden = np.arange(int(first) - 1, int(last))
    n_input, n_output = len(step.x), len(step.output)
    asked = {task.features.index(name) for name in further}
    inputs, outputs = (set(range(n)) for n in (n_input, n_output))
    if n_input > MOST_UNITS:
        inputs = {*range(FIRST_SYMBOLS), *np.flatnonzero(step.x).tolist(), *asked}
    if n_output > MOST_UNITS:
        largest = np.argsort(-step.output, kind="stable")[:3].tolist()
        outputs = {*range(FIRST_SYMBOLS), *np.flatnonzero(step.target).tolist(), *largest, *asked}
    ordered = [np.array(sorted(units), dtype=int) for units in (inputs, hidden, outputs)]
    return Units(ordered[0], ordered[1], ordered[2], task.features)


def describe_place(run: Run, step: Step) -> str:
    """Which step of which pass this is."""
    words = f"Step {step.step + 1:,} of {len(run.sequence):,} in pass {step.epoch + 1:,}"
    if step.epoch < run.epochs_done:
        return f"{words} of {run.epochs_done:,}."
    passes = "1 pass" if run.epochs_done == 1 else f"{run.epochs_done:,} passes"
    return f"{words}: it would come next, after the {passes} of this run."


def describe_step(step: Step, sequence: Sequence, task: Task) -> str:
    """What the network read, answered and missed at this step, and where its weights move."""
    up, down, still = step.moves
    moves = f"{up:,} of {up + down + still:,} weights move up and {down:,} down"
    if not np.isfinite(step.output).all():
        return "The numbers of this step are no longer finite: the run diverges here."
    if still:
        moves += f"; {still:,} stay"
    read = task.symbols[sequence.symbols[step.step]]
    comes = task.symbols[sequence.symbols[(step.step + 1) % len(sequence)]]
    return f"The network has read {read} and {_answer(step, comes, task)}; {moves}."


def describe_update(step: Step) -> str:
    """Whether the update helped at the step that it was made for."""
    before, after = (float((error**2).mean()) for error in (step.error, step.error_after))
    if not np.isfinite([before, after]).all():
        return ""
    verb = "falls" if after < before else "rises" if after > before else "stays"
    words = f"Asked the same once more, with the new weights, the network's squared error {verb}"
    if verb == "stays":
        return f"{words} {before:.4g}."
    digits = next((n for n in range(4, 9) if f"{before:.{n}g}" != f"{after:.{n}g}"), 9)
    why = "" if after < before else ": the rate, momentum or earlier steps carried it too far"
    return f"{words} from {before:.{digits}g} to {after:.{digits}g}{why}."


def _answer(step: Step, comes: str, task: Task) -> str:
    if task.one_bit:
        return f"answers {step.output[0]:.2f}, and {comes} comes. The error is {step.error[0]:+.2f}"
    mean = float((step.error**2).mean())
    squared = decimals(mean) if mean >= 0.0001 else "less than 0.0001"
    if task.one_hot:
        best = int(step.output.argmax())
        expected = task.symbols.index(comes)
        largest = f"gives its largest output, {step.output[best]:.2f}, to {task.symbols[best]}"
        if best == expected:
            largest += ", which comes"
        else:
            largest += f", and {comes} comes, which has {step.output[expected]:.2f}"
        return f"{largest}. The squared error is {squared}"
    rounded = (step.output >= 0.5).astype(float)
    same = np.flatnonzero((task.codes == rounded).all(axis=1))
    answer = task.symbols[same[0]] if len(same) else "no symbol"
    coming = "which comes" if answer == comes else f"and {comes} comes"
    return f"its rounded answer is {answer}, {coming}. The squared error is {squared}"
