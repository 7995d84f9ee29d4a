"""The one value that describes a run: what it accepts, and how links carry it."""

import math
import re
from dataclasses import FrozenInstanceError

import pytest
from hypothesis import given
from hypothesis import strategies as st

from elman.experiment import SETTINGS, Experiment, forgiving_query

TASKS = ("xor", "letters", "words", "sentences", "reber", "own")
RESETS = ("epoch", "never", "every", "group", "step", "growing")

# The limits, written out again: field, smallest and largest value, the message's words.
WHOLE_NUMBERS = {
    "length": (4, 1_000_000, "a whole number from 4 to 1,000,000"),
    "hidden": (1, 500, "a whole number from 1 to 500"),
    "epochs": (1, 100_000, "a whole number from 1 to 100,000"),
    "group_length": (2, 50, "a whole number from 2 to 50"),
    "reset_every": (1, 1_000_000, "a whole number from 1 to 1,000,000"),
    "depth": (1, 100, "a whole number from 1 to 100"),
    "seed": (0, 2**32 - 1, "a whole number from 0 to 4,294,967,295"),
    "data_seed": (0, 2**32 - 1, "a whole number from 0 to 4,294,967,295"),
}
NUMBERS = {
    "context_start": (-1.0, 1.0, "a number from -1 to 1"),
    "learning_rate": (1e-6, 100.0, "a number from 0.000001 to 100"),
    "momentum": (0.0, 0.999, "a number from 0 to 0.999"),
    "weight_scale": (0.0, 10.0, "a number from 0 to 10"),
}
CHOICES = {
    "task": TASKS,
    "codes": ("binary", "random"),
    "grammar": ("plain", "embedded"),
    "reset": RESETS,
    "activation": ("sigmoid", "tanh", "relu"),
    "weight_init": ("normal", "uniform"),
}
TEXTS = {
    "text": (20_000, "a text of at most 20,000 characters"),
    "boundary": (10, "a text of at most 10 characters"),
}
TAKES_NONE = {"length", "hidden", "epochs", "group_length", "reset_every"}

# What a field needs beside it: "every" has a number, and options belong to one task.
NEEDS = {
    "codes": {"task": "words"},
    "grammar": {"task": "reber"},
    "text": {"task": "own"},
    "group_length": {"task": "own"},
    "boundary": {"task": "own"},
    "reset_every": {"reset": "every"},
}


def experiment(field, value):
    """An Experiment in which only `field` can be at fault."""
    others = NEEDS.get(field, {})
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
    for field, (most, _) in TEXTS.items():
        for value in ("a" * (most + 1), 3, b"text", True, [3], {}):
            yield field, value
    for field in SETTINGS:
        if field not in TAKES_NONE:
            yield field, None


def test_the_tables_of_this_file_cover_every_field():
    assert {*WHOLE_NUMBERS, *NUMBERS, *CHOICES, *TEXTS} == set(SETTINGS)
    assert {
        name: dict([setting.only_with]) for name, setting in SETTINGS.items() if setting.only_with
    } == NEEDS


@pytest.mark.parametrize(("field", "value"), list(bad_values()), ids=lambda part: repr(part)[:20])
def test_a_bad_value_is_refused_naming_field_allowed_and_given(field, value):
    with pytest.raises(ValueError, match=f"^{field}: ") as caught:
        experiment(field, value)
    allowed = f"one of {', '.join(CHOICES[field])}" if field in CHOICES else None
    allowed = allowed or (WHOLE_NUMBERS | NUMBERS | TEXTS)[field][-1]
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


@pytest.mark.parametrize("field", [field for field in NEEDS if field != "reset_every"])
@pytest.mark.parametrize("task", TASKS)
def test_an_option_needs_its_task(field, task):
    value = {"text": "abcabcabc", "boundary": "space", "group_length": 5}.get(field)
    value = value or CHOICES[field][-1]
    needed = NEEDS[field]["task"]
    if task == needed:
        assert getattr(Experiment(task=task, **{field: value}), field) == value
    else:
        with pytest.raises(
            ValueError, match=f"^{field}: allowed only with task {needed}; .*{task}"
        ):
            Experiment(task=task, **{field: value})


def test_an_own_text_is_made_plain_and_its_groups_must_fit():
    held = Experiment(task="own", text="cafe\u0301 noir\r\n\r\nau lait\n")
    assert held.text == "caf\u00e9 noir\n\nau lait"
    with pytest.raises(ValueError, match=r"^text: allowed is 8 to 20,000 characters of 2 to 100"):
        Experiment(task="own", text="aaaaaaaaaa")
    with pytest.raises(ValueError, match=r"^boundary: allowed is one character of the text"):
        Experiment(task="own", text="abababab", boundary="space")
    with pytest.raises(ValueError, match=r"^group_length: allowed is a whole number from 2 to 8"):
        Experiment(task="own", text="abababab", group_length=9)
    with pytest.raises(ValueError, match=r"^boundary: allowed is none beside a group length"):
        Experiment(task="own", boundary="space", group_length=3)


def test_an_experiment_cannot_be_changed():
    with pytest.raises(FrozenInstanceError):
        Experiment().hidden = 5


# Every default of the design, written out: a changed default changes what old links mean.
XOR = {
    "task": "xor",
    "length": 3000,
    "hidden": 4,
    "epochs": 600,
    "codes": "binary",
    "grammar": "plain",
    "text": "",
    "group_length": None,
    "boundary": "",
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
WORDS = XOR | {"task": "words", "length": 4963, "hidden": 20, "epochs": 10}
SENTENCES = XOR | {"task": "sentences", "length": 27_534, "hidden": 150, "epochs": 6}
REBER = XOR | {"task": "reber", "length": 10_000, "hidden": 10, "epochs": 50}
OWN = XOR | {"task": "own", "length": 20_000, "hidden": 20, "epochs": 500}
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
    ("task=words", WORDS),
    ("task=words&codes=random&epochs=20", WORDS | {"codes": "random", "epochs": 20}),
    ("task=sentences&reset=never&context_start=0.5",
     SENTENCES | {"reset": "never", "context_start": 0.5}),
    ("task=reber&grammar=embedded&hidden=15", REBER | {"grammar": "embedded", "hidden": 15}),
    ("task=own", OWN),
    ("task=own&text=abcabcabcabc&group_length=3",
     OWN | {"text": "abcabcabcabc", "group_length": 3}),
    ("task=own&text=to be or not to be&boundary=space",
     OWN | {"text": "to be or not to be", "boundary": "space"}),
]  # fmt: skip


@pytest.mark.parametrize(("link", "meaning"), LINKS)
def test_a_link_of_today_keeps_its_meaning(link, meaning):
    query = dict(part.split("=") for part in link.split("&") if part)
    assert Experiment.from_query(query).to_dict() == meaning
    assert forgiving_query(query) == (Experiment(**meaning), [])


def test_a_link_names_the_task_and_nothing_that_is_default():
    assert Experiment().to_query() == {"task": "xor"}
    assert Experiment(task="letters", seed=3).to_query() == {"task": "letters", "seed": "3"}


def whole(field):
    low, high, _ = WHOLE_NUMBERS[field]
    return st.integers(low, high)


@st.composite
def own_texts(draw):
    """A text that is accepted, or the example, with or without groups."""
    letters = st.sampled_from("ab \nשا́é👍\t'&=")
    # Line ends at its own ends would be taken away.
    some = st.text(letters, max_size=40).map(lambda text: f"a bc {text} cb a")
    text = draw(st.sampled_from(["", "ab" * 9]) | some)
    groups = draw(st.sampled_from([{}, {"group_length": 5}, {"boundary": "a"}]))
    return {"text": text} | groups


@st.composite
def experiments(draw):
    """Any Experiment at all."""
    values = {
        field: draw(st.sampled_from(choices))
        for field, choices in CHOICES.items()
        if field not in NEEDS
    }
    for field in ("codes", "grammar"):
        if NEEDS[field]["task"] == values["task"]:
            values[field] = draw(st.sampled_from(CHOICES[field]))
    if values["task"] == "own":
        values |= draw(own_texts())
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
    assert Experiment(**experiment.to_dict()) == experiment


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


def test_replace_drops_the_options_of_the_task_that_is_left():
    embedded = Experiment(task="reber", grammar="embedded", seed=3)
    assert embedded.replace(task="own") == Experiment(task="own", seed=3)
    assert embedded.replace(hidden=4).grammar == "embedded"
    own = Experiment(task="own", text="ab ab ab ab", boundary="space")
    assert own.replace(task="words", codes="random") == Experiment(task="words", codes="random")
    with pytest.raises(ValueError, match=r"^boundary: "):
        own.replace(text="abababababab")


def test_replace_checks_again():
    with pytest.raises(ValueError, match=r"^hidden: "):
        Experiment().replace(hidden=0)
    with pytest.raises(ValueError, match=r"^task: .*; None was given"):
        Experiment().replace(task=None)


@given(st.data())
def test_a_mangled_link_falls_back_field_by_field(data):
    """Good values stay, each bad one gives its default and one sentence."""
    garbage = st.text("0123456789.-+_ eix\0é٣\ud800", max_size=8) | st.sampled_from(
        ["nan", "inf", "-1", "None", "True", "0x10", "9" * 5000, "1e999", "every", "letters", "own"]
    )
    whole_link = data.draw(experiments()).to_query()
    broken = data.draw(st.sets(st.sampled_from(sorted(SETTINGS))))
    query = whole_link | {name: data.draw(garbage) for name in broken} | {"page": "errors"}
    found, problems = forgiving_query(query)

    assert all(len(re.findall("(?:was|were) given", problem)) == 1 for problem in problems)
    # A policy that lacks its number is the one left out, though the sentence names the number.
    named = [
        "reset" if problem.endswith("nothing was given.") else problem.partition(":")[0]
        for problem in problems
    ]
    assert len(named) == len(set(named))
    assert set(named) <= query.keys()
    # A policy may fall with its number, and a number with its policy; an option with its task,
    # and groups with the text that they divide; no other field falls for the fault of another.
    together = [{"reset", "reset_every"}, {"task", *NEEDS} - {"reset_every"}]
    may_fall = broken.union(*(fields for fields in together if fields & broken))
    assert set(named) <= may_fall
    defaults = Experiment(task=found.task)
    bound = {"reset", *NEEDS}
    for name in SETTINGS:
        if name in named or name not in query:
            assert getattr(found, name) == getattr(defaults, name)
        elif name not in bound:
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
