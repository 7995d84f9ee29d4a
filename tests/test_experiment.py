"""The one value that describes a run: what it accepts, and how links carry it."""

import functools
import math
import re
from dataclasses import FrozenInstanceError

import pytest
from hypothesis import given
from hypothesis import strategies as st

from elman import experiment
from elman.experiment import SETTINGS, Experiment, TaskDefaults, TaskSettings, forgiving_query
from elman.settings import Setting

TASKS = ("xor", "letters", "words", "sentences", "reber", "own")
RESETS = ("epoch", "never", "every", "group", "step", "growing")

# The limits, written out again: field, smallest and largest value; the words of other limits.
WHOLE_NUMBERS = {
    "length": (4, 1_000_000), "hidden": (1, 500), "epochs": (1, 100_000), "group_length": (2, 50),
    "reset_every": (1, 1_000_000), "depth": (1, 100), "seed": (0, 2**32 - 1),
    "data_seed": (0, 2**32 - 1),
}  # fmt: skip
NUMBERS = {
    "context_start": (-1.0, 1.0), "learning_rate": (1e-6, 100.0), "momentum": (0.0, 0.999),
    "weight_scale": (0.0, 10.0),
}  # fmt: skip
CHOICES = {
    "task": TASKS, "codes": ("binary", "random"), "grammar": ("plain", "embedded"),
    "reset": RESETS, "activation": ("sigmoid", "tanh", "relu"),
    "weight_init": ("normal", "uniform"), "read_as": ("characters", "words"),
    "documents": ("one", "lines", "paragraphs"),
}  # fmt: skip
TEXTS = {"text": 20_000, "boundary": 10, "branch": 600}
TAKES_NONE = {"length", "hidden", "epochs", "group_length", "reset_every"}
ALLOWED = {
    **{name: f"a whole number from {a:,} to {b:,}" for name, (a, b) in WHOLE_NUMBERS.items()},
    **{name: f"a number from {a:g} to {b:g}" for name, (a, b) in NUMBERS.items()},
    **{name: f"one of {', '.join(choices)}" for name, choices in CHOICES.items()},
    **{name: f"a text of at most {most:,} characters" for name, most in TEXTS.items()},
    "learning_rate": "a number from 0.000001 to 100",
}  # fmt: skip

# Options belong to one task; a value of each that is off its default. "every" has a number.
OF_A_TASK = {
    "codes": ("words", "random"), "grammar": ("reber", "embedded"), "text": ("own", "abcabcabc"),
    "group_length": ("own", 5), "boundary": ("own", "space"), "read_as": ("own", "words"),
    "documents": ("own", "lines"),
}  # fmt: skip
NEEDS = {name: {"task": task} for name, (task, _) in OF_A_TASK.items()}
NEEDS["reset_every"] = {"reset": "every"}


def only(field, value):
    """An Experiment in which only `field` can be at fault."""
    others = NEEDS.get(field, {})
    if (field, value) == ("reset", "every"):
        others = {"reset_every": 5}
    return Experiment(**others, **{field: value})


def bad_values(field):
    nonsense = [True, False, math.nan, math.inf, -math.inf, "many", "", "4 units", [3], {}, 1j]
    nonsense += [] if field in TAKES_NONE else [None]
    if field in WHOLE_NUMBERS:
        low, high = WHOLE_NUMBERS[field]
        return [low - 1, high + 1, low + 0.5, "2.5", 10**400, "9" * 5000, *nonsense]
    if field in NUMBERS:
        low, high = NUMBERS[field]
        return [math.nextafter(low, -2), math.nextafter(high, 200), "0,1", 10**400, *nonsense]
    if field in CHOICES:
        first = CHOICES[field][0]
        return [0, 1.0, first.upper(), first + " ", b"xor", *nonsense]
    return ["a" * (TEXTS[field] + 1), 3, b"text", True, [3], {}, None]


def test_the_tables_of_this_file_cover_every_field():
    assert set(ALLOWED) == set(SETTINGS)
    needs = {name: setting.only_with for name, setting in SETTINGS.items()}
    assert {name: dict([needed]) for name, needed in needs.items() if needed} == NEEDS


@pytest.mark.parametrize("field", ALLOWED)
def test_a_bad_value_is_refused_naming_field_allowed_and_given(field):
    for value in bad_values(field):
        with pytest.raises(ValueError) as caught:  # noqa: PT011
            only(field, value)
        long = len(repr(value)) > 60
        given = f"{repr(value)[:57]}... was" if long else f"{value!r} was"
        if long and field in TEXTS:
            given = f"{len(value):,} were"
        assert str(caught.value) == f"{field}: allowed is {ALLOWED[field]}; {given} given."


def test_the_limits_themselves_are_allowed_also_as_text_and_kept_in_their_plain_form():
    for field, values in (WHOLE_NUMBERS | NUMBERS | CHOICES).items():
        for value in (*values, *map(str, values)):
            held = getattr(only(field, value), field)
            assert str(held) == str(value)
            assert type(held) is type(values[0])
    held = Experiment(hidden=7.0, learning_rate=1)
    assert (repr(held.hidden), repr(held.learning_rate)) == ("7", "1.0")
    held = Experiment(task="own", text="cafe\u0301 noir\r\n\r\nau lait\n")
    assert held.text == "caf\u00e9 noir\n\nau lait"


def refused(message, make=Experiment, **values):
    with pytest.raises(ValueError, match=f"^{message}"):
        make(**values)


def test_what_does_not_go_together_is_refused():
    refused("reset_every: .*whole number from 1 to 1,000,000; nothing was", reset="every")
    for reset in {*RESETS} - {"every"}:
        refused(f"reset_every: .*only with reset every; 5 .*{reset}", reset=reset, reset_every=5)
    for field, (needed, value) in OF_A_TASK.items():
        assert getattr(Experiment(task=needed, **{field: value}), field) == value
        for task in {*TASKS} - {needed}:
            message = f"{field}: allowed only with task {needed}; .*{task}"
            refused(message, task=task, **{field: value})
    own = functools.partial(refused, task="own")
    own("text: allowed is 8 to 20,000 characters of 2 to 100", text="aaaaaaaaaa")
    own("boundary: allowed is one character of the t", text="abababab", boundary="space")
    own("group_length: allowed is a whole .* from 2 to 8", text="abababab", group_length=9)
    own("boundary: allowed is none beside a group length", boundary="space", group_length=3)


def test_an_experiment_cannot_be_changed_and_has_no_other_settings():
    with pytest.raises(FrozenInstanceError):
        Experiment().hidden = 5
    with pytest.raises(TypeError, match="no setting 'hiden'; it has task, length"):
        Experiment(hiden=5)
    with pytest.raises(AttributeError, match="no attribute 'hiden'"):
        _ = Experiment().hiden


def test_a_task_that_registers_brings_its_settings_and_takes_no_name_twice():
    sizes, width = TaskDefaults(length=5, hidden=6, epochs=7), Setting(int, "", default=1)
    for name, option in (("xor", "width"), ("toy", "codes"), ("seed", "width")):
        with pytest.raises(ValueError, match=r"^(xor|codes|seed): allowed is a name that no task"):
            experiment.register(name, TaskSettings(sizes, {option: width}))
    before = dict(SETTINGS)
    experiment.register("toy", TaskSettings(sizes, {"width": width}))
    try:
        toy = Experiment(task="toy", width=3)
        assert (toy.length, toy.hidden, toy.epochs, toy.width) == (5, 6, 7, 3)
        refused("width: allowed only with task toy", width=3)
    finally:
        experiment.unregister("toy")
    assert before == SETTINGS
    refused("task: ", task="toy")


# Every default of the design, written out: a changed default changes what old links mean.
XOR = {
    "task": "xor", "length": 3000, "hidden": 4, "epochs": 600, "codes": "binary",
    "grammar": "plain", "text": "", "group_length": None, "boundary": "",
    "read_as": "characters", "documents": "one", "reset": "epoch",
    "reset_every": None, "context_start": 0.0, "learning_rate": 0.1, "momentum": 0.0, "depth": 1,
    "activation": "sigmoid", "weight_init": "normal", "weight_scale": 0.1, "seed": 0,
    "data_seed": 42, "branch": "",
}  # fmt: skip
OF_TASKS = {
    "xor": {},
    "letters": {"hidden": 20, "epochs": 200},
    "words": {"length": 4963, "hidden": 20, "epochs": 10},
    "sentences": {"length": 27_534, "hidden": 150, "epochs": 6},
    "reber": {"length": 10_000, "hidden": 10, "epochs": 50},
    "own": {"length": 20_000, "hidden": 20, "epochs": 500},
}
# What links say; what a page adds counts nothing.
LINKS = [
    {"page": "2"},
    *({"task": task} for task in TASKS),
    {"hidden": 2, "reset": "never", "context_start": 0.5, "epochs": 10, "length": 300},
    {"task": "letters", "reset": "every", "reset_every": 7},
    {"task": "letters", "reset": "growing", "depth": 5, "activation": "tanh", "momentum": 0.9},
    {"reset": "group", "learning_rate": 1e-05, "weight_init": "uniform", "weight_scale": 0.5},
    {"reset": "step", "activation": "relu", "seed": 3, "data_seed": 4},
    {"task": "words", "codes": "random", "epochs": 20},
    {"task": "reber", "grammar": "embedded", "hidden": 15},
    {"task": "own", "text": "abcabcabcabc", "group_length": 3},
    {"task": "own", "text": "to be or not to be", "boundary": "space"},
    {"task": "own", "text": "a b c d\ne f g h i", "read_as": "words", "documents": "lines"},
]


@pytest.mark.parametrize("link", LINKS)
def test_a_link_of_today_keeps_its_meaning(link):
    query = {name: str(value) for name, value in link.items()}
    task = link.get("task", "xor")
    meaning = XOR | {"task": task} | OF_TASKS[task] | link
    meaning.pop("page", None)
    assert Experiment.from_query(query).to_dict() == meaning
    assert forgiving_query(query) == (Experiment(**meaning), [])


def test_a_link_names_the_task_and_nothing_that_is_default():
    assert Experiment().to_query() == {"task": "xor"}
    assert Experiment(task="letters", seed=3).to_query() == {"task": "letters", "seed": "3"}


@st.composite
def own_texts(draw):
    """A text that is accepted, or the example, with or without groups."""
    letters = st.sampled_from("ab \nשا́é👍\t'&=\"\\{}%#\u202e")
    # Line ends at its own ends would be taken away.
    some = st.text(letters, max_size=40).map(lambda text: f"a bc {text} cb a")
    text = draw(st.sampled_from(["", "ab" * 9]) | some)
    groups = draw(st.sampled_from([{}, {"group_length": 5}, {"boundary": "a"}]))
    documents = draw(st.sampled_from(["one", "one", "lines", "paragraphs"]))
    if documents != "one":
        between = "\n" if documents == "lines" else "\n\n"
        text = text and between.join([text, "some more of it, and then some more"])
        groups = {"read_as": draw(st.sampled_from(["characters", "words"]))}
    return {"text": text, "documents": documents, "read_as": "characters"} | groups


@st.composite
def experiments(draw):
    """Any Experiment at all."""
    values = {field: draw(st.sampled_from(choices)) for field, choices in CHOICES.items()}
    for field in ("codes", "grammar", "read_as", "documents"):
        if NEEDS[field]["task"] != values["task"]:
            del values[field]
    if values["task"] == "own":
        values |= draw(own_texts())
    numbers = {field: st.integers(*limits) for field, limits in WHOLE_NUMBERS.items()}
    numbers |= {field: st.floats(*limits) for field, limits in NUMBERS.items()}
    numbers |= {field: st.none() | numbers[field] for field in ("length", "hidden", "epochs")}
    if values["reset"] != "every":
        del numbers["reset_every"]
    # Groups belong to the own text.
    del numbers["group_length"]
    return Experiment(**values, **{field: draw(some) for field, some in numbers.items()})


@given(experiments())
def test_every_experiment_survives_its_link(whole):
    assert whole == Experiment(**whole.to_dict())
    again = Experiment.from_query(whole.to_query())
    assert (again, hash(again)) == (whole, hash(whole))
    assert forgiving_query(whole.to_query()) == (whole, [])


@given(experiments(), experiments())
def test_differences_are_what_replace_needs(here, there):
    changes = {name: new for name, (_, new) in here.differences(there).items()}
    # A change of task would bring that task's own sizes, even where the two agree.
    changes |= {name: getattr(there, name) for name in ("length", "hidden", "epochs")}
    assert here.replace(**changes) == there
    assert not here.differences(here)


def test_replace_takes_the_sizes_and_drops_the_options_of_what_is_left():
    xor = Experiment(length=300, hidden=9, epochs=50, seed=3)
    assert xor.replace(task="letters") == Experiment(task="letters", seed=3)
    assert xor.replace(task="letters", hidden=7) == Experiment(task="letters", hidden=7, seed=3)
    assert xor.replace(task="xor", seed=4) == Experiment(length=300, hidden=9, epochs=50, seed=4)
    refused("hidden: ", xor.replace, hidden=0)
    refused("task: .*; None was given", xor.replace, task=None)
    every = Experiment(reset="every", reset_every=5)
    assert every.replace(reset="never") == Experiment(reset="never")
    assert every.replace(reset="every", seed=1).reset_every == 5
    assert every.replace(reset_every=9).reset_every == 9
    assert Experiment().replace(reset="every", reset_every=5) == every
    refused("reset_every: ", every.replace, reset="never", reset_every=5)
    embedded = Experiment(task="reber", grammar="embedded", seed=3)
    assert embedded.replace(task="own") == Experiment(task="own", seed=3)
    assert embedded.replace(hidden=4).grammar == "embedded"
    own = Experiment(task="own", text="ab ab ab ab", boundary="space")
    assert own.replace(task="words", codes="random") == Experiment(task="words", codes="random")
    refused("boundary: ", own.replace, text="abababababab")


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
    for name in SETTINGS:
        if name in named or name not in query:
            assert getattr(found, name) == getattr(Experiment(task=found.task), name)
        elif name not in {"reset", "branch", *NEEDS}:
            assert getattr(found, name) == getattr(Experiment(**{name: query[name]}), name)
    if not problems:
        assert found == Experiment.from_query(query)
    else:
        with pytest.raises(ValueError, match="^" + problems[0].partition(":")[0]):
            Experiment.from_query(query)
