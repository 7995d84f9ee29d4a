"""Keep and share: the menu of every experiment page, and runs opened from files."""

import ast
import io
import json
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest
from visitor import (
    EXPERIMENT_PAGES,
    PAGES,
    ROOT,
    RUN_PAGES,
    SHORT,
    act,
    choose,
    go,
    press,
    shown,
    visit,
)

from elman import Experiment, run, saving
from elman.ui import keep, kept_runs

ASKED = Experiment(epochs=5, length=300)

# The page that makes links has no other menu of them.
SHARED = [page for page in EXPERIMENT_PAGES if page != "teach"]


def opened_menu(page="train", **link):
    visitor = visit(page, **SHORT | link)
    visitor.session_state["keep_open"] = True
    return act(visitor)


def content_of(trained):
    file = io.BytesIO()
    saving.save(trained, file)
    return file.getvalue()


def claimed(experiment, loss=0.1234):
    """A run of this experiment that nobody trained: its weights are zero, its loss made up."""
    trained = run(experiment)
    snapshots = tuple(
        replace(one, weights={name: 0 * w for name, w in one.weights.items()})
        for one in trained.snapshots
    )
    losses = np.full_like(trained.losses, loss)
    return replace(trained, losses=losses, snapshots=snapshots)


def upload(visitor, content, name="mine.npz"):
    (uploader,) = [one for one in visitor.file_uploader if one.key.startswith("run_file")]
    return act(uploader.set_value((name, content, "application/octet-stream")))


def words(visitor):
    return "\n".join(one.value for one in (*visitor.markdown, *visitor.info, *visitor.error))


def loss(visitor):
    return next(metric.value for metric in visitor.metric if metric.label.startswith("Loss"))


@pytest.mark.parametrize("page", PAGES)
def test_every_page_that_shows_an_experiment_has_the_menu(page):
    visitor = opened_menu(page)
    labels = [button.label for button in visitor.get("download_button")]
    wanted = [file.label for file in (*keep.results(run(ASKED)), *keep.programs(ASKED, None))]
    assert [label for label in labels if label in wanted] == (wanted if page in SHARED else [])


def test_a_closed_menu_holds_nothing():
    visitor = visit(**SHORT)
    assert visitor.get("download_button") == []
    assert not visitor.file_uploader


def test_the_link_holds_page_and_settings():
    visitor = opened_menu("errors", measure="rms", hidden="3")
    (address,) = [block.value for block in visitor.code if "measure" in block.value]
    assert parse_qs(urlsplit(address).query) == {
        "epochs": ["5"], "length": ["300"], "hidden": ["3"], "measure": ["rms"],
    }  # fmt: skip


def test_before_training_there_are_the_programs_alone(allow):
    allow(instant_seconds=1e-9)
    visitor = opened_menu()
    labels = [button.label for button in visitor.get("download_button")]
    assert labels == ["Script, PY", "Notebook, IPYNB"]
    assert "after training" in "\n".join(caption.value for caption in visitor.caption)


def test_each_file_holds_what_its_name_says():
    trained = run(Experiment(task="letters", hidden=3, epochs=4, length=60))
    files = (*keep.results(trained), *keep.programs(trained.experiment, trained))
    assert len({file.name for file in files}) == len({file.label for file in files}) == len(files)
    made = {
        file.name.rpartition(".")[2]: file.make() for file in files if "errors" not in file.name
    }
    assert made["csv"].startswith(b"epoch,loss\n1,")
    assert made["png"].startswith(b"\x89PNG")
    assert made["svg"].startswith(b"<svg")
    assert saving.load(io.BytesIO(made["npz"])).final_loss == trained.final_loss
    assert repr(trained.final_loss) in made["py"]
    assert repr(trained.final_loss) in "".join(
        cell["source"] for cell in json.loads(made["ipynb"])["cells"]
    )
    (errors,) = [file.make() for file in files if "errors" in file.name]
    assert errors.startswith(b"by,at,measure,error,floor\nposition,consonant,squared,")


def test_the_size_of_a_file_is_known_before_it_is_made():
    for trained in (run(ASKED), run(Experiment(**SHORT, hidden=40, depth=9, momentum=0.5))):
        assert saving.size(trained) == pytest.approx(len(content_of(trained)), rel=0.2, abs=6000)


@pytest.mark.parametrize("page", RUN_PAGES)
def test_an_opened_run_is_shown_as_it_is_in_the_file(page):
    visitor = opened_menu(page, hidden="9", task="letters")
    experiment = Experiment(epochs=4, length=30, reset="every", reset_every=5, seed=3)
    upload(visitor, content_of(claimed(experiment)))
    assert shown(visitor) == experiment
    assert "Shown from the saved file `mine.npz`" in words(visitor)
    assert not visitor.file_uploader
    assert loss(go(visitor, "train")) == "0.1234"


def test_an_opened_run_stays_with_the_one_who_opened_it():
    """The weights of a file may be anything, so nobody else may get them, nor what follows."""
    experiment = Experiment(task="reber", length=300, epochs=5)
    link = {"task": "reber", **SHORT}
    visitor = opened_menu(hidden="9")
    upload(visitor, content_of(claimed(experiment)))
    places = {"errors": {"error_view": "accepted strings"}, "gradients": {"closer": "jacobians"}}

    def seen(visitor, page):
        go(visitor, page)
        for key, value in places[page].items():
            choose(visitor, key, value)
        return words(visitor), [frame.value for frame in visitor.dataframe]

    mine = {page: seen(visitor, page) for page in places}
    assert all("Shown from" in text for text, _ in mine.values())

    other = visit(**link)
    for page, (text, tables) in mine.items():
        theirs, their_tables = seen(other, page)
        assert "Shown from" not in theirs
        assert {*text.splitlines()} - {*theirs.splitlines()}
        assert their_tables
        assert not any(a.equals(b) for a, b in zip(tables, their_tables, strict=True))
    assert loss(go(other, "train")) == f"{run(experiment).final_loss:.4f}"


def cached_functions():
    """The parameters of every cached function of the app, by file and name, with the annotations
    that they have."""
    for folder in ("elman/ui", "pages"):
        for file in sorted((ROOT / folder).rglob("*.py")):
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                marks = [ast.unparse(mark) for mark in getattr(node, "decorator_list", ())]
                if any(mark.startswith("st.cache_") for mark in marks):
                    names = {one.arg: ast.unparse(one.annotation) for one in node.args.args}
                    yield f"{file.name}: {node.name}", names


def test_no_cache_knows_a_run_by_its_experiment_alone():
    """A run is left out of a key by its underscore; then `cache_key(run)` must be in it."""
    cached = dict(cached_functions())
    of_runs = {
        name: parameters
        for name, parameters in cached.items()
        if {"_run", "_trace", "_tested"} & {*parameters}
    }
    assert len(of_runs) >= 3
    assert [
        name for name, parameters in of_runs.items() if "Hashable" not in parameters.values()
    ] == []
    shared = ("Run", "Tested", "Weights")
    assert [
        name for name, parameters in cached.items()
        if any(kind in shared and not one.startswith("_") for one, kind in parameters.items())
    ] == []  # fmt: skip


def test_train_anew_leaves_the_file_behind():
    visitor = opened_menu()
    upload(visitor, content_of(claimed(ASKED)))
    assert loss(visitor) == "0.1234"
    # Another setting is trained here, and the way back leads to the file.
    choose(visitor, "hidden", 5)
    assert loss(visitor) == f"{run(ASKED.replace(hidden=5)).final_loss:.4f}"
    assert "Shown from" not in words(visitor)
    choose(visitor, "hidden", 4)
    assert loss(visitor) == "0.1234"
    press(visitor, "Train anew")
    assert loss(visitor) == f"{run(ASKED).final_loss:.4f}"
    assert "Shown from" not in words(visitor)


@pytest.mark.parametrize("status", ["stopped", "diverged"])
def test_an_opened_run_says_how_it_ended(status):
    trained = claimed(Experiment(epochs=9, length=300))
    kept = tuple(one for one in trained.snapshots if one.epoch <= 4)
    ended = replace(trained, losses=trained.losses[:4], snapshots=kept, status=status)
    visitor = opened_menu()
    upload(visitor, content_of(ended))
    assert ended.message in words(visitor)
    assert "Train again" not in [button.label for button in visitor.button]


def test_own_text_and_groups_come_with_the_run():
    text = "abc abd " * 9
    visitor = opened_menu(task="own", text="x y z " * 10, group_length="6")
    experiment = Experiment(task="own", text=text, boundary="space", length=60, epochs=2)
    upload(visitor, content_of(run(experiment)))
    assert shown(visitor) == experiment
    assert visitor.text_area[0].value == experiment.text
    assert visitor.query_params["text"] == experiment.text
    assert visitor.get_by_key("group_length").value is None


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"no run", "file: allowed is a run saved as .npz"),
        (content_of(run(ASKED))[:-300], "file: allowed is a run saved as .npz"),
    ],
)
def test_a_bad_file_says_why_and_changes_nothing(content, reason):
    visitor = opened_menu("errors", hidden="3")
    before = shown(visitor), dict(visitor.query_params)
    upload(visitor, content, name="a `bad` **file**.npz")
    (error,) = visitor.error
    assert error.value.startswith("`a 'bad' **file**.npz` cannot be opened, and what was shown")
    assert reason in error.value
    assert (shown(visitor), dict(visitor.query_params)) == before
    assert "Shown from" not in words(visitor)


def test_a_file_that_unpacks_to_more_than_the_limit_is_refused(monkeypatch):
    monkeypatch.setattr(kept_runs, "largest_bytes", lambda: 5_000)
    visitor = opened_menu()
    upload(visitor, content_of(run(ASKED)))
    assert "at most 5,000 bytes" in visitor.error[0].value
