"""The parts that every page is made of, so that a reader learns them once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import streamlit as st

from elman.analysis import verdicts
from elman.analysis.errors import Accuracy
from elman.analysis.references import Reference, decimals
from elman.analysis.replay import TEST_RESETS, Tested, replay
from elman.tasks import Sequence, Task, new_sequence, training_sequence
from elman.training import Run
from elman.ui import menu, pins, prose, runs, session, set_aside, sidebar, state, suggestions
from elman.ui.ends import PageEnds, fragment
from elman.ui.keep import menu as keep_menu
from elman.ui.show import figure as figure
from elman.ui.suggestions import try_next as try_next

# Filled by `require_run`: what `header` leaves room for beside the title.
_BESIDE_TITLE: session.Kept[Any] = session.Kept("beside_title", None)
_LAST_EPOCH: session.Kept[int | None] = session.Kept("last_epoch", None)

EPOCH = state.Control(
    "epoch",
    "Look back: the network after this many epochs",
    st.select_slider,
    help="Weights are kept at up to 64 epochs, close together at first, wider apart later; those "
    "of wide networks, which are large, at fewer.",
)
SEQUENCE = state.Control(
    "sequence",
    "Test on",
    st.segmented_control,
    ("new", "training"),
    default="new",
    of_task=True,
)
# Of a table that has a row for each step.
STEPS = state.Control("steps", "Steps shown", st.select_slider, (12, 24, 48, 96), default=12)
# The same inside one step and in surgery.
STEP = state.Control("step", "At step", st.number_input, default=5)
TEST_RESET = state.Control(
    "test_reset",
    "Context reset while testing",
    st.selectbox,
    tuple(TEST_RESETS),
    default="as trained",
    help="; ".join(f"**{name}**: {words}" for name, words in TEST_RESETS.items()) + ".",
    of_task=True,
)


def header(title: str, question: str, *, keep: bool = True) -> None:
    """Title and the one question that the page answers.

    Beside the title of a page that shows an experiment stand pins and Keep and share, unless the
    page has links of its own.
    """
    prose.begin_page()
    with st.container(gap=None):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.header(title)
            if keep and menu.current().shows_experiment:
                with st.container(horizontal=True, width="content"):
                    _BESIDE_TITLE.set(st.container(width="content"))
                    keep_menu()
        prose.say(f"##### {question}")
    # Labs say it where they end. Its place is there without it, too.
    place = st.empty()
    if menu.current().shows_experiment and menu.current().file != "labs":
        set_aside.say_and_offer(place)
    suggestions.say_what_changed()


def elsewhere(words: str, file: str) -> None:
    """One line that leads to another page, for who looks for what that one does."""
    title = next(entry.title for entry in menu.PAGES if entry.file == file)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        prose.caption(words, width="content")
        st.page_link(f"pages/{file}.py", label=f":primary[**{title} →**]", width="content")


def new_here() -> None:
    """What a first visitor needs to read this page."""
    prose.say(
        "The network reads one symbol at a time and guesses the next. Its only memory is the "
        "**context**, a copy of its hidden layer from the step before. Change anything in the "
        "sidebar, and a new network begins to train at once."
    )


def require_run() -> Run:
    """The run of the sidebar's experiment; ends the page while there is none."""
    run = runs.current_run(sidebar.current())
    if run is None:
        raise PageEnds
    offer_pin(run)
    return run


def offer_pin(run: Run) -> None:
    """Beside the title: pin this run, and what is pinned."""
    # Taken out, so that a page without a header cannot write beside another page's title.
    beside_title = _BESIDE_TITLE.pop()
    if beside_title is None:
        raise RuntimeError("A page calls header before require_run.")
    with beside_title.container(horizontal=True):
        pins.buttons(run)


def more(control: state.Control, fill: Callable[[], None]) -> None:
    """A part that opens on a press, and stays open in the link; `control` is an expander.

    `fill` draws what is in it. What is closed costs nothing, which matters where it would be
    drawn anew for every epoch while Watch it learn plays.
    """
    part = state.bound(control.widget, control.name, label=control.label)
    if part.open:
        with part:
            fill()


def choose_epoch(run: Run, label: str | None = None) -> int:
    """The epoch to look at: any snapshot, the last unless the reader looks back.

    `label` stands in for that of `EPOCH`.
    """
    epochs = [snapshot.epoch for snapshot in run.snapshots]
    if len(epochs) == 1:
        return epochs[0]
    # To a reader who has not looked back, the end of this run is the end of any.
    last = _LAST_EPOCH.get()
    if last not in (None, epochs[-1]) and state.chosen(EPOCH) == last:
        state.put(epoch=epochs[-1])
    _LAST_EPOCH.set(epochs[-1])
    return state.choose(EPOCH, options=epochs, default=epochs[-1], label=label)


class TestChoice(NamedTuple):
    """What a network is tested on, "new" or "training", and how the context is reset there."""

    on: str
    reset: str

    def sequence(self, run: Run) -> Sequence:
        """The sequence itself."""
        make = new_sequence if self.on == "new" else training_sequence
        return make(run.experiment)


def choose_test(run: Run) -> TestChoice:
    """How to test the networks of a run."""
    words = (
        "What training left unseen of the text, or the part it was trained on."
        if run.experiment.task == "own"
        else "A new sequence of the same rule, or the one it was trained on."
    )
    # One part, where two columns would be three: each is drawn anew with every frame that plays.
    side_by_side = st.container(horizontal=True)
    return TestChoice(
        state.choose(SEQUENCE, side_by_side, help=words), state.choose(TEST_RESET, side_by_side)
    )


def tested(run: Run, epoch: int, choice: TestChoice) -> Tested:
    """The network tested as chosen, under a heading if that is not the usual test;
    ends the page where its activations overflow."""
    place = st.empty()
    done = replayed(run, choice.sequence(run), epoch, choice.reset)
    _say_which_test(done, place)
    return done


def replayed(run: Run, sequence: Sequence, epoch: int, reset: str) -> Tested:
    """The same without the heading."""
    done = replay(run, sequence, epoch, reset)
    if not np.isfinite(done.outputs).all():
        st.info(
            f"After epoch {epoch} the activations of this network overflow on the test sequence: "
            "there is no error to measure. Look back to an earlier epoch."
        )
        raise PageEnds
    return done


def _say_which_test(tested: Tested, where: Any) -> None:
    """As a heading, which network was tested and how, unless it is the usual; and the way back."""
    run, how = tested.run, tested.unlike_training
    early = network_at(run, tested.epoch) if tested.epoch < run.epochs_done else ""
    if not early and not how:
        return
    words = f"{early}, tested {how}" if early and how else early or f"Tested {how}"
    if not how:
        prose.say(f"##### {words}", where)
        return
    with where.container(horizontal=True, vertical_alignment="center"):
        prose.say(f"##### {words}", width="content")
        if st.button("Test as trained", on_click=_test_as_trained, key="test_as_trained"):
            # Elsewhere on the page stand the choices, and what was drawn of them.
            st.rerun()


def _test_as_trained() -> None:
    state.put(sequence=SEQUENCE.default, test_reset=TEST_RESET.default)


@fragment()
def look_back(run: Run, draw: Callable[[Tested], None]) -> None:
    """What `draw` shows of a test, above the choice of epoch and test; they change it alone."""
    shown = st.container()
    choice = choose_test(run)
    with shown:
        _after_epoch(run, draw, choice)


@fragment()
def _after_epoch(run: Run, draw: Callable[[Tested], None], choice: TestChoice) -> None:
    """A part by itself, so that another epoch leaves the choice of the test as it is drawn."""
    figure = st.container()
    epoch = choose_epoch(run)
    with figure:
        draw(tested(run, epoch, choice))
    suggestions.look_again()


def network_at(run: Run, epoch: int) -> str:
    """Which network of a run is looked at, as a heading."""
    if epoch == 0:
        return "The untrained network, before the first epoch"
    return f"The network after {epoch:,} of {run.epochs_done:,} epochs"


def say_result(tested: Tested, *, beside: bool = True) -> None:
    """What a test showed: a headline, a line of numbers and, if wanted, the n-grams beside."""
    result = verdicts.result(tested, tested.run.sequence)
    when = "" if tested.epoch == tested.run.epochs_done else f"{_when(tested.epoch)}: "
    prose.say(f"#### {when}{result.headline}\n\n{result.numbers}")
    if beside:
        prose.caption(result.beside)


def _when(epoch: int) -> str:
    return f"After epoch {epoch:,}" if epoch else "Untrained"


RIGHT_HELP = {
    False: "Share of test steps at which every rounded output matches.",
    True: "Share of test steps whose largest output is that of the next symbol. Rounding would say "
    "nothing here: most likelihoods are below one half.",
}


def metrics(
    run: Run,
    epoch: int,
    references: tuple[Reference, ...],
    correct: Accuracy,
    task: Task,
    frozen: float | None,
) -> None:
    """Loss, the error of the frozen network on the same sequence, right answers everywhere, and,
    where there are any, where they can be known."""
    side_by_side = st.container(horizontal=True)
    quiet: dict[str, Any] = {"delta_color": "off", "delta_arrow": "off"}
    shown = f"{run.losses[epoch - 1]:.4f}" if epoch else "before training"
    # The floor, or the last baseline where none is known.
    beside = references[0] if references[0].role == "floor" else references[-1]
    side_by_side.metric(
        f"Loss after {epoch} epochs",
        shown,
        f"{beside.short} {beside.value:.4f}",
        help="Mean squared error over the training sequence, while learning.",
        **quiet,
    )
    if frozen is not None:
        baseline = references[-1]
        side_by_side.metric(
            "Frozen, same sequence",
            f"{frozen:.4f}",
            f"{baseline.short} {baseline.value:.4f}",
            help="Mean squared error over the training sequence once more, after this epoch and "
            "without learning. The loss is measured while the weights change at every step.",
            **quiet,
        )
    best = None if correct.ceiling is None else f"expected at best {correct.ceiling:.1%}"
    words = RIGHT_HELP[task.one_hot]
    if best:
        words += (
            " The best possible share is the mean likelihood of the likeliest symbol, computed "
            "from the rule."
        )
        words += " What is expected at best is an average: on one sequence luck may add a little."
    side_by_side.metric("Right everywhere", f"{correct.everywhere:.1%}", best, help=words, **quiet)
    if correct.where_certain is not None:
        side_by_side.metric(
            # A longer label would be cut off.
            f"Right at {task.predictable_words}"
            if len(task.predictable_words) < 20
            else "Right where certain",
            f"{correct.where_certain:.1%}",
            "at best 100%",
            help="The same, counting only the steps whose next symbol the rule foretells: "
            f"{task.predictable_words}.",
            **quiet,
        )


def lines_in_words(references: tuple[Reference, ...], frozen: float | None) -> str:
    """The values of the lines in a loss curve, as text, and what they are to be compared with."""
    lines = [f"{line.name} **{decimals(line.value)}**" for line in references]
    return (
        "Lines, for the training sequence: "
        + "; ".join(lines)
        + ". The best memoryless guess is always the same; the best "
        "bigram looks at the last symbol and remembers nothing else. "
        + ("" if frozen is None else "They learn nothing on the way, nor does the frozen network.")
    )
