"""The Watch it learn page: a view that an epoch slider or a play button moves through training."""

from __future__ import annotations

import streamlit as st

from elman.analysis import errors, pace
from elman.analysis.replay import Tested
from elman.tasks import Task
from elman.training import Run
from elman.ui import page, session, state, tables
from elman.ui.ends import fragment
from elman.ui.views import errors as error_views
from elman.ui.views import states as state_views
from elman.ui.views import view
from elman.ui.views.view import View

SECONDS_A_FRAME = 0.8

VIEW = state.Control(
    "lens",
    "Watch",
    st.segmented_control,
    default="by position",
    help="Every view of the pages Errors and Hidden states, at any epoch.",
)

# A component without a picture that tells what the browser knows and the session does not.
_MOTION_KEY = "motion"
_MOTION = st.components.v2.component(
    "elman_motion",
    js="""
export default function ({ data, setStateValue }) {
  const still = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
  if (still !== data) setStateValue("still", still);
}
""",
)
_STILL = session.Kept("prefers_no_motion", False)

_PLAYING = session.Kept("playing", False)
# The epoch that was drawn last.
_FRAME: session.Kept[int | None] = session.Kept("frame", None)


def _predictions(tested: Tested) -> None:
    tables.show_predictions(errors.predictions(tested, 12), tested.task)


PREDICTIONS = View("predictions", "what is expected, beside what came", _predictions)


def views_of(task: Task) -> dict[str, View]:
    """All views of the pages Errors and Hidden states, and the predictions of Train, by name."""
    return view.of_task((*error_views.VIEWS, PREDICTIONS, *state_views.VIEWS), task)


def _play() -> None:
    _PLAYING.set(True)


def _pause() -> None:
    _PLAYING.set(False)


def show(run: Run, shown: View) -> None:
    """Draw the epoch slider with Play, and the view at that epoch."""
    epochs = pace.frames(run.losses, [snapshot.epoch for snapshot in run.snapshots])
    still = _prefers_no_motion()
    playing = _PLAYING.get() and len(epochs) > 1 and not still

    @fragment(run_every=SECONDS_A_FRAME if playing else None)
    def stage(run: Run) -> None:
        if _PLAYING.get() and not playing and len(epochs) > 1 and not still:
            # Only a run of the whole page sets the clock.
            st.rerun()
        if playing and _PLAYING.get():
            _advance(epochs)
        left, middle, right = st.columns([3, 12, 2], vertical_alignment="bottom")
        with middle:
            epoch = page.choose_epoch(run, pace.describe(run.losses))
        with right:
            _offer_the_fall(run)
        at_end = epoch == epochs[-1]
        if playing:
            left.button("Pause", on_click=_pause, key="pause", width="stretch")
        elif still:
            # The reader's system asks for no motion: each press shows one epoch more.
            label = f"From {epochs[0]}" if at_end else "Next"
            left.button(
                label, on_click=_show_next, args=(epochs, epoch), key="play", width="stretch"
            )
        else:
            label = f"Play from {epochs[0]}" if at_end else "Play"
            left.button(
                label,
                on_click=_start,
                args=(epochs[0] if at_end else None,),
                key="play",
                width="stretch",
                help="Epochs in which nothing can be seen to change are passed over.",
            )
        figures = st.container()
        choice = page.choose_test(run)
        with figures:
            shown.draw(page.tested(run, epoch, choice))
        _FRAME.set(epoch)
        if playing and (at_end or not _PLAYING.get()):
            _pause()
            st.rerun()

    stage(run)


def _offer_the_fall(run: Run) -> None:
    """The way to the epoch from which on most is learned."""
    found = pace.fall(run.losses)
    if found is not None:
        kept = [snapshot.epoch for snapshot in run.snapshots]
        begin = max((epoch for epoch in kept if epoch <= found.begin), default=kept[0])
        st.button("Go there", on_click=_go_to, args=(begin,), key="go_there", width="stretch")


def _go_to(epoch: int) -> None:
    _pause()
    state.put(epoch=epoch)


def _show_next(epochs: list[int], shown: int) -> None:
    state.put(epoch=next((epoch for epoch in epochs if epoch > shown), epochs[0]))


def _prefers_no_motion() -> bool:
    """Whether the reader's system asks pages not to move."""
    _MOTION(key=_MOTION_KEY, data=_STILL.get(), on_still_change=_take_in)
    return _STILL.get()


def _take_in() -> None:
    _STILL.set(bool(getattr(state.value(_MOTION_KEY), "still", False)))


def _start(first: int | None) -> None:
    if first is not None:
        state.put(epoch=first)
    _play()


def _advance(epochs: list[int]) -> None:
    """Move the slider to the next kept epoch; called before the slider is drawn."""
    shown = state.value(page.EPOCH.name, epochs[-1])
    if shown != _FRAME.get():
        # The beginning, or where the reader has moved the slider: it has not been seen yet.
        return
    later = [epoch for epoch in epochs if epoch > shown]
    state.put(epoch=later[0] if later else epochs[-1])
