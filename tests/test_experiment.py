"""The one value that describes a run: what it accepts, and how links carry it."""

import math
from dataclasses import FrozenInstanceError, asdict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from elman.experiment import SETTINGS, Experiment, forgiving_query

TASKS = ("xor", "letters")
RESETS = ("epoch", "never", "every", "group", "step", "growing")

# The limits, written out again: field, smallest and largest value, the message's words.
WHOLE_NUMBERS = {
    "length": (4, 1_000_000, "a whole number from 4 to 1,000,000"),
    "hidden": (1, 500, "a whole number from 1 to 500"),
    "epochs": (1, 100_000, "a whole number from 1 to 100,000"),
    "reset_every": (1, 1_000_000, "a whole number from 1 to 1,000,000"),
    "depth": (1, 100, "a whole number from 1 to 100"),
    "seed": (0, 2**32 - 1, "a whole number from 0 to 4,294,967,295"),
    "data_seed": (0, 2**32 - 1, "a whole number from 0 to 4,294,967,295"),
}
NUMBERS = {
    "context_start": (-1.0, 1.0, "a number from -1 to 1"),
    "learning_rate": (1e-6, 100.0, "a number from 1e-06 to 100"),
    "momentum": (0.0, 0.999, "a number from 0 to 0.999"),
    "weight_scale": (0.0, 10.0, "a number from 0 to 10"),
}
CHOICES = {
    "task": TASKS,
    "reset": RESETS,
    "activation": ("sigmoid", "tanh", "relu"),
    "weight_init": ("normal", "uniform"),
}
TAKES_NONE = {"length", "hidden", "epochs", "reset_every"}


def experiment(field, value):
    """An Experiment in which only `field` can be at fault."""
    others = {"reset": "every"} if field == "reset_every" else {}
    if (field, value) == ("reset", "every"):
        others = {"reset_every": 5}
    return Experiment(**others, **{field: value})


def bad_values():
    nonsense = (True, False, math.nan, math.inf, -math.inf, "many", "", "4 units", [3], {}, 1j)
    for field, (low, high, _) in WHOLE_NUMBERS.items():
        for value in (low - 1, high + 1, low + 0.5, "2.5", 10**400, "9" * 5000, *nonsense):
            yield field, value
    for field, (low, high, _) in NUMBERS.items():
        outside = (math.nextafter(low, -2), math.nextafter(high, 200))
        for value in (*outside, "0,1", 10**400, *nonsense):
            yield field, value
    for field, choices in CHOICES.items():
        for value in (0, 1.0, choices[0].upper(), choices[0] + " ", b"xor", *nonsense):
            yield field, value
    for field in SETTINGS:
        if field not in TAKES_NONE:
            yield field, None


def test_the_tables_of_this_file_cover_every_field():
    assert {*WHOLE_NUMBERS, *NUMBERS, *CHOICES} == set(SETTINGS)


@pytest.mark.parametrize(("field", "value"), list(bad_values()), ids=lambda part: repr(part)[:20])
def test_a_bad_value_is_refused_naming_field_allowed_and_given(field, value):
    with pytest.raises(ValueError, match=f"^{field}: ") as caught:
        experiment(field, value)
    allowed = f"one of {', '.join(CHOICES[field])}" if field in CHOICES else None
    allowed = allowed or (WHOLE_NUMBERS | NUMBERS)[field][2]
    given = repr(value) if len(repr(value)) <= 60 else repr(value)[:57] + "..."
    assert str(caught.value) == f"{field}: allowed is {allowed}; {given} was given."


@pytest.mark.parametrize("as_text", [False, True])
def test_the_limits_themselves_are_allowed_also_as_text(as_text):
    limits = [(field, end) for field, (*ends, _) in WHOLE_NUMBERS.items() for end in ends]
    limits += [(field, end) for field, (*ends, _) in NUMBERS.items() for end in ends]
    limits += [(field, value) for field, values in CHOICES.items() for value in values]
    for field, value in limits:
        held = getattr(experiment(field, str(value) if as_text else value), field)
        assert held == value
        assert type(held) is type(value)


def test_whole_numbers_may_arrive_as_floats_and_numbers_as_whole_ones():
    held = Experiment(hidden=7.0, learning_rate=1)
    assert (held.hidden, type(held.hidden)) == (7, int)
    assert (held.learning_rate, type(held.learning_rate)) == (1.0, float)


def test_reset_every_needs_its_number():
    with pytest.raises(ValueError, match=r"^reset_every: .*whole number from 1 to 1,000,000; noth"):
        Experiment(reset="every")


@pytest.mark.parametrize("reset", [reset for reset in RESETS if reset != "every"])
def test_the_number_needs_reset_every(reset):
    with pytest.raises(ValueError, match=f"^reset_every: .*only with reset every; 5 .*{reset}"):
        Experiment(reset=reset, reset_every=5)


def test_an_experiment_cannot_be_changed():
    with pytest.raises(FrozenInstanceError):
        Experiment().hidden = 5


# Every default of the design, written out: a changed default changes what old links mean.
XOR = {
    "task": "xor",
    "length": 3000,
    "hidden": 4,
    "epochs": 600,
    "reset": "epoch",
    "reset_every": None,
    "context_start": 0.0,
    "learning_rate": 0.1,
    "momentum": 0.0,
    "depth": 1,
    "activation": "sigmoid",
    "weight_init": "normal",
    "weight_scale": 0.1,
    "seed": 0,
    "data_seed": 42,
}
LETTERS = XOR | {"task": "letters", "hidden": 20, "epochs": 200}
LINKS = [
    ("", XOR),
    ("task=xor", XOR),
    ("task=letters", LETTERS),
    ("task=xor&hidden=4&reset=never", XOR | {"reset": "never"}),
    ("task=xor&hidden=2&reset=never&context_start=0.5",
     XOR | {"hidden": 2, "reset": "never", "context_start": 0.5}),
    ("hidden=20&epochs=10&length=300", XOR | {"hidden": 20, "epochs": 10, "length": 300}),
    ("task=letters&reset=every&reset_every=7", LETTERS | {"reset": "every", "reset_every": 7}),
    ("task=letters&reset=growing&depth=5&activation=tanh&momentum=0.9",
     LETTERS | {"reset": "growing", "depth": 5, "activation": "tanh", "momentum": 0.9}),
    ("reset=group&learning_rate=1e-3&weight_init=uniform&weight_scale=0.5",
     XOR | {"reset": "group", "learning_rate": 0.001, "weight_init": "uniform",
            "weight_scale": 0.5}),
    ("reset=step&activation=relu&seed=3&data_seed=4&page=2",
     XOR | {"reset": "step", "activation": "relu", "seed": 3, "data_seed": 4}),
]  # fmt: skip


@pytest.mark.parametrize(("link", "meaning"), LINKS)
def test_a_link_of_today_keeps_its_meaning(link, meaning):
    query = dict(part.split("=") for part in link.split("&") if part)
    assert asdict(Experiment.from_query(query)) == meaning
    assert forgiving_query(query) == (Experiment(**meaning), [])


def test_a_link_names_the_task_and_nothing_that_is_default():
    assert Experiment().to_query() == {"task": "xor"}
    assert Experiment(task="letters", seed=3).to_query() == {"task": "letters", "seed": "3"}


def whole(field):
    low, high, _ = WHOLE_NUMBERS[field]
    return st.integers(low, high)


@st.composite
def experiments(draw):
    """Any Experiment at all."""
    values = {field: draw(st.sampled_from(choices)) for field, choices in CHOICES.items()}
    values |= {field: draw(whole(field)) for field in WHOLE_NUMBERS if field not in TAKES_NONE}
    for field in ("length", "hidden", "epochs"):
        values[field] = draw(st.none() | whole(field))
    if values["reset"] == "every":
        values["reset_every"] = draw(whole("reset_every"))
    for field, (low, high, _) in NUMBERS.items():
        values[field] = draw(st.floats(low, high))
    return Experiment(**values)


@given(experiments())
def test_every_experiment_survives_its_link(experiment):
    again = Experiment.from_query(experiment.to_query())
    assert again == experiment
    assert hash(again) == hash(experiment)
    assert forgiving_query(experiment.to_query()) == (experiment, [])
    assert Experiment(**asdict(experiment)) == experiment


@given(experiments(), experiments())
def test_differences_are_what_replace_needs(here, there):
    changes = {name: new for name, (_, new) in here.differences(there).items()}
    # A change of task would bring that task's own sizes, even where the two agree.
    changes |= {name: getattr(there, name) for name in ("length", "hidden", "epochs")}
    assert here.replace(**changes) == there
    assert not here.differences(here)


def test_replace_takes_the_new_task_s_sizes_unless_they_are_given():
    xor = Experiment(length=300, hidden=9, epochs=50, seed=3)
    assert xor.replace(task="letters") == Experiment(task="letters", seed=3)
    assert xor.replace(task="letters", hidden=7) == Experiment(task="letters", hidden=7, seed=3)
    assert xor.replace(task="xor", seed=4) == Experiment(length=300, hidden=9, epochs=50, seed=4)


def test_replace_drops_the_number_of_a_policy_that_has_none():
    every = Experiment(reset="every", reset_every=5)
    assert every.replace(reset="never") == Experiment(reset="never")
    assert every.replace(reset="every", seed=1).reset_every == 5
    assert every.replace(reset_every=9).reset_every == 9
    assert Experiment().replace(reset="every", reset_every=2).reset_every == 2
    with pytest.raises(ValueError, match=r"^reset_every: "):
        every.replace(reset="never", reset_every=5)


def test_replace_checks_again():
    with pytest.raises(ValueError, match=r"^hidden: "):
        Experiment().replace(hidden=0)
    with pytest.raises(ValueError, match=r"^task: .*; None was given"):
        Experiment().replace(task=None)


@given(st.data())
def test_a_mangled_link_falls_back_field_by_field(data):
    """Good values stay, each bad one gives its default and one sentence."""
    garbage = st.text("0123456789.-+_ eix\0é٣\ud800", max_size=8) | st.sampled_from(
        ["nan", "inf", "-1", "None", "True", "0x10", "9" * 5000, "1e999", "every", "letters"]
    )
    whole_link = data.draw(experiments()).to_query()
    broken = data.draw(st.sets(st.sampled_from(sorted(SETTINGS))))
    query = whole_link | {name: data.draw(garbage) for name in broken} | {"page": "errors"}
    found, problems = forgiving_query(query)

    assert all(problem.count("was given") == 1 for problem in problems)
    # A policy that lacks its number is the one left out, though the sentence names the number.
    named = [
        "reset" if problem.endswith("nothing was given.") else problem.partition(":")[0]
        for problem in problems
    ]
    assert len(named) == len(set(named))
    assert set(named) <= query.keys()
    # A policy may fall with its number, and a number with its policy; no other field falls
    # for the fault of another.
    may_fall = broken | ({"reset", "reset_every"} if {"reset", "reset_every"} & broken else set())
    assert set(named) <= may_fall
    defaults = Experiment(task=found.task)
    for name in SETTINGS.keys() - {"reset", "reset_every"}:
        if name in named or name not in query:
            assert getattr(found, name) == getattr(defaults, name)
        else:
            assert getattr(found, name) == getattr(Experiment(**{name: query[name]}), name)
    if not problems:
        assert found == Experiment.from_query(query)
    else:
        with pytest.raises(ValueError, match="^" + problems[0].partition(":")[0]):
            Experiment.from_query(query)


def test_the_sentences_of_a_mangled_link():
    found, problems = forgiving_query(
        {"task": "xor", "hidden": "many", "epochs": "0", "seed": "7", "reset": "every"}
    )
    assert found == Experiment(seed=7)
    assert problems == [
        "hidden: allowed is a whole number from 1 to 500; 'many' was given.",
        "epochs: allowed is a whole number from 1 to 100,000; '0' was given.",
        "reset_every: allowed with reset every is a whole number from 1 to 1,000,000; "
        "nothing was given.",
    ]
    assert forgiving_query({"reset": "sometimes", "reset_every": "5"})[0] == Experiment()
    assert forgiving_query({"reset": "every", "reset_every": "soon"})[0] == Experiment()
