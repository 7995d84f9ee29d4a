"""Keep and share: the menu of every experiment page, and runs opened from files."""

import ast
import json
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest
from same import loaded, saved
from visitor import ROOT, RUN_PAGES, SHORT, visit

from elman import Experiment, run, saving
from elman.ui import keep, kept_runs, session

ASKED = Experiment(epochs=5, length=300)
SHOWN_FROM = "Shown from the saved file `mine.npz`"


def opened_menu(page="train", **link):
    visitor = visit(page, **SHORT | link)
    assert not offered(visitor), "a closed menu holds nothing"
    visitor.session_state["keep_open"] = True
    return visitor.run()


def offered(visitor):
    """The labels of all files that the menu offers."""
    return [button.label for button in visitor.get("download_button") if ", " in button.label]


def claimed(experiment):
    """A run of this experiment that nobody trained: its weights are zero, its loss made up."""
    trained, snapshots = run(experiment), []
    for one in trained.snapshots:
        weights = {name: 0 * w for name, w in one.weights.items()}
        snapshots.append(replace(one, weights=weights))
    losses = np.full_like(trained.losses, 0.1234)
    return replace(trained, losses=losses, snapshots=tuple(snapshots))


def open_file(visitor, content, name="mine.npz"):
    return visitor.upload("run_file", content, name)


@pytest.mark.parametrize("page", ["train", "compare"])
def test_the_menu_offers_results_and_programs(page):
    wanted = [file.label for file in (*keep.results(run(ASKED)), *keep.programs(ASKED, None))]
    assert offered(opened_menu(page)) == wanted
    assert not visit(page, **SHORT).file_uploader


def test_the_link_is_made_of_the_settings_whatever_the_browser_has_for_an_address(monkeypatch):
    link = {"task": "own", "text": "abcabcabcabc", "group_length": "3", "hide": "seed"}
    visitor = visit("errors", **SHORT | link, measure="rms", seed="7")
    monkeypatch.setattr(session, "query", dict)
    visitor.session_state["keep_open"] = True
    (address,) = [block.value for block in visitor.run().code if "measure" in block.value]
    asked = {name: [text] for name, text in (SHORT | link).items()}
    assert parse_qs(urlsplit(address).query) == asked | {"measure": ["rms"], "seed": ["7"]}


def test_while_it_trains_there_are_the_programs_alone(allow, hold):
    allow(live_after=1e-9)
    hold()
    visitor = opened_menu(seed="1")
    assert offered(visitor) == ["Script, PY", "Notebook, IPYNB"]
    assert "after training" in visitor.words


def test_each_file_holds_what_its_name_says():
    trained = run(Experiment(task="letters", hidden=3, epochs=4, length=60))
    files = (*keep.results(trained), *keep.programs(trained.experiment, trained))
    assert len({file.name for file in files}) == len({file.label for file in files}) == len(files)
    made = {file.label: file.make() for file in files}
    beginnings = {
        "Losses, CSV": b"epoch,loss\n1,", "Loss and errors, PNG": b"\x89PNG",
        "Loss and errors, SVG": b"<svg",
        "Errors, CSV": b"by,at,measure,error,floor\nposition,consonant,squared,",
    }  # fmt: skip
    assert all(made[label].startswith(beginning) for label, beginning in beginnings.items())
    assert loaded(made["Weights, NPZ"]).final_loss == trained.final_loss
    cells = json.loads(made["Notebook, IPYNB"])["cells"]
    for program in (made["Script, PY"], "".join(cell["source"] for cell in cells)):
        assert repr(trained.final_loss) in program


def test_the_size_of_a_file_is_known_before_it_is_made():
    for trained in (run(ASKED), run(ASKED.replace(hidden=40, depth=9, momentum=0.5))):
        assert saving.size(trained) == pytest.approx(len(saved(trained)), rel=0.2, abs=6000)


@pytest.mark.parametrize("page", RUN_PAGES)
def test_an_opened_run_is_shown_as_it_is_in_the_file(page):
    visitor = opened_menu(page, hidden="9", task="letters")
    experiment = Experiment(epochs=4, length=30, reset="every", reset_every=5, seed=3)
    open_file(visitor, saved(claimed(experiment)))
    assert visitor.shown == experiment
    assert SHOWN_FROM in visitor.words
    assert not visitor.file_uploader
    assert visitor.go("train").loss == "0.1234"


def test_an_opened_run_stays_with_the_one_who_opened_it():
    """The weights of a file may be anything, so nobody else may get them, nor what follows."""
    experiment = Experiment(task="reber", length=300, epochs=5)
    visitor = open_file(opened_menu(hidden="9"), saved(claimed(experiment)))
    places = {"errors": {"error_view": "accepted strings"}, "gradients": {"closer": "jacobians"}}

    def seen(visitor, page):
        visitor.go(page)
        for key, value in places[page].items():
            visitor.choose(key, value)
        return visitor.words, visitor.tables

    mine = {page: seen(visitor, page) for page in places}
    assert all("Shown from" in text for text, _ in mine.values())

    other = visit(task="reber", **SHORT)
    for page, (text, numbers) in mine.items():
        theirs, their_numbers = seen(other, page)
        assert "Shown from" not in theirs
        assert {*text.splitlines()} - {*theirs.splitlines()}
        assert their_numbers
        assert not any(a.equals(b) for a, b in zip(numbers, their_numbers, strict=True))
    assert other.go("train").loss == f"{run(experiment).final_loss:.4f}"


def requests():
    """The file and the source of every request that the app makes of the board."""
    for file in (*(ROOT / "elman/ui").rglob("*.py"), *(ROOT / "pages").glob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "Work":
                yield file.name, ast.unparse(node.args[0])


def test_no_answer_about_a_run_is_known_by_its_experiment_alone():
    """A run may come from a file: then `cache_key(run)` stands for it in what all share."""
    asked = [(name, request) for name, request in requests() if "run" in request]
    assert len(asked) >= 3
    assert all("cache_key(run)" in request for _, request in asked), asked


def test_train_anew_leaves_the_file_behind():
    visitor = open_file(opened_menu(), saved(claimed(ASKED)))
    assert visitor.loss == "0.1234"
    # Another setting is trained here, and the way back leads to the file.
    visitor.choose("hidden", 5)
    assert visitor.loss == f"{run(ASKED.replace(hidden=5)).final_loss:.4f}"
    assert "Shown from" not in visitor.words
    visitor.choose("hidden", 4)
    assert visitor.loss == "0.1234"
    visitor.press("Train anew")
    assert visitor.loss == f"{run(ASKED).final_loss:.4f}"
    assert "Shown from" not in visitor.words


@pytest.mark.parametrize("status", ["stopped", "diverged"])
def test_an_opened_run_says_how_it_ended(status):
    whole = claimed(ASKED.replace(epochs=9))
    kept = tuple(one for one in whole.snapshots if one.epoch <= 4)
    ended = replace(whole, losses=whole.losses[:4], snapshots=kept, status=status)
    visitor = open_file(opened_menu(), saved(ended))
    assert ended.message in [one.value for one in (*visitor.info, *visitor.error)]
    assert "Train again" not in visitor.labels


def test_own_text_and_groups_come_with_the_run():
    text = "abc abd " * 9
    visitor = opened_menu(task="own", text="x y z " * 10, group_length="6")
    experiment = Experiment(task="own", text=text, boundary="space", length=60, epochs=2)
    open_file(visitor, saved(run(experiment)))
    assert visitor.shown == experiment
    assert visitor.text_area[0].value == experiment.text
    assert visitor.query_params["text"] == experiment.text
    assert visitor.get_by_key("group_length").value is None


def test_a_bad_file_says_why_and_changes_nothing(monkeypatch):
    visitor = opened_menu("errors", hidden="3")
    before = visitor.shown, dict(visitor.query_params)
    whole = saved(run(ASKED))
    for content in (b"no run", whole[:-300]):
        open_file(visitor, content, name="a `bad` **file**.npz")
        said = visitor.refusal
        assert said.startswith("`a 'bad' **file**.npz` cannot be opened, and what was shown stays")
        assert "file: allowed is a run saved as .npz" in said
        assert (visitor.shown, dict(visitor.query_params)) == before
        assert "Shown from" not in visitor.words
    monkeypatch.setattr(kept_runs, "largest_bytes", lambda: 5_000)
    assert "at most 5,000 bytes" in open_file(opened_menu(), whole).refusal
