"""Links made by chance: 2,000 of them are understood or refused, hundreds open a page."""

import pytest
from hostile import links
from visitor import PAGES, drawn, visit

from elman.experiment import SETTINGS, Experiment, forgiving_query
from elman.labs import address, lesson
from elman.labs.lesson import Lesson, Station
from elman.settings import Setting
from elman.tasks import packed, training_sequence
from elman.ui import fields, reduced, session, state, views
from elman.ui.board import JobBoard

views.load_all()

COUNT, PER_PAGE = 2000, 14

NAMES = sorted({*SETTINGS, *state.CONTROLS, *session.declared(), "embed", "utm_source"})

# More multiplications than a page of the numbers below needs, and done in no time.
MOST_WORK = 1e7

# Small, so that many can be trained.
SMALL = {"length": "60", "epochs": "2", "hidden": "3"}


def typical():
    """Name -> values that are allowed, as texts; of whole numbers small ones and the extremes."""
    found = {}
    for name, setting in SETTINGS.items():
        if setting.choices:
            found[name] = list(setting.choices)
        elif setting.kind is not str:
            ends = (setting.low, setting.high)
            found[name] = [SMALL.get(name, "2"), *(str(setting.kind(end)) for end in ends)]
    for name, control in state.CONTROLS.items():
        if not isinstance(control.options, Setting) and len(control.options):
            found[name] = [str(option) for option in control.options]
    found |= {"hide": ["more", "task,reset", "all"], "pages": ["errors,states", "train"]}
    found |= {"text": ["to be or not to be, that is", "abcabcabcabc", "**a** $b$ <i> `c` [d](e)"]}
    found["branch"] = ["1", "1,epochs,5,momentum,0.5", "0,,0,,0", "9,hidden,3", ","]
    found["text_packed"] = [packed.pack(found["text"][0]), packed.pack("a" * 90_000)]
    found["pin"] = ["this", "hidden~3~epochs~2~length~60", "name~**b** <i>~seed~3", "hidden~~~0"]
    found |= {"t_data": ["60x3-0123456789ab"], "t_read": ["demand", "temperature", "**a**"]}
    found |= {"t_sequence": ["house", "demand"], "t_epochs": ["2"], "t_seeds": ["3"]}
    found |= {"text_missing": ["12000"], "zog": ["true"], "lab": ["positions"]}
    taken = lesson.to_link(Lesson("**T**", tuple(map(Station, map(address.read, ADDRESSES)))))
    return found | {"lesson": [taken], "draft": [taken], "station": ["1", "2", "end"]}


ADDRESSES = ("errors?task=letters&hidden=3", "labs?lab=results", "numbers?n_sequence=1+2+3+4")
TYPICAL = typical()


def test_of_two_thousand_links_each_gives_an_experiment_and_a_sentence_for_what_it_cannot_be():
    for link in links(11, NAMES, TYPICAL, COUNT):
        last = {name: values[-1] for name, values in link.items()}
        given, missing, broken = packed.out_of_link(last)
        experiment, wrong = forgiving_query(given)
        view, unknown = reduced.parse(last, PAGES)
        told = session.wrong_names(link, views.load_all)
        assert Experiment.from_query(experiment.to_query()) == experiment
        assert {*view.hide} <= {*fields.controls()}
        assert missing >= 0
        for problem in (*broken, *wrong, *unknown, *told):
            assert ": " in problem or "more names" in problem
            assert len(problem) < 500
        for name, values in link.items():
            assert session.known(name) or any(repr(name)[:50] in one for one in told) or more(told)
            several = len(values) > 1 and session.known(name) and not session.may_be_several(name)
            assert several == any(one.startswith(f"{name}: allowed is one value") for one in told)


def more(told):
    return any("more names are unknown" in one for one in told)


@pytest.mark.slow
@pytest.mark.parametrize("page", PAGES)
def test_a_page_opens_by_any_link_without_an_exception_and_within_the_limits(
    page, allow, monkeypatch
):
    begun, ask = [0.0], JobBoard.ask
    monkeypatch.setattr(
        JobBoard, "ask", lambda board, work, who: begun.append(work.size) or ask(board, work, who)
    )
    allow(max_work=MOST_WORK)
    here = {*drawn(visit(page, **SMALL))} & {*NAMES}
    for link in links(page, [*NAMES, *sorted(here) * 4], TYPICAL, PER_PAGE):
        asked = {name: values if len(values) > 1 else values[0] for name, values in link.items()}
        visitor = visit(page, **SMALL | asked)
        assert len(training_sequence(visitor.shown)) <= SETTINGS["length"].high
    assert max(begun) <= MOST_WORK
