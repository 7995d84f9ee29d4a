"""Imports point one way: pages, ui, charts and analysis, training, the network and its tasks,
Experiment."""

import ast
import functools
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

# Lowest first; a room may import rooms of its own layer and of those before it. A room is a
# folder of `elman/` or a file at its root, `pages/`, or the entry file.
LAYERS = (
    ("settings",),
    ("experiment",),
    ("network", "layers", "tasks"),
    ("training",),
    ("sweeps", "saving", "scripts", "shipped", "__init__"),
    ("analysis", "studies"),
    ("charts", "report", "reproduction", "labs"),
    ("cli", "__main__"),
    ("ui",),
    ("pages", "streamlit_app"),
)
RANK = {room: rank for rank, layer in enumerate(LAYERS) for room in layer}
MOST_FLOORS = 12

# Rooms that alone may import these packages, and rooms that must not import each other.
ONLY = {
    "streamlit": {"pages", "streamlit_app", "ui"},
    "altair": {"pages", "streamlit_app", "ui", "charts", "report"},
}
APART = ("ui", "cli")


def modules(root):
    """Module name -> file, of the library and the app."""
    files = [root / "streamlit_app.py"]
    for folder in ("elman", "pages"):
        files += sorted((root / folder).rglob("*.py"))
    return {
        ".".join(file.relative_to(root).with_suffix("").parts): file
        for file in files
        if file.exists()
    }


def room_of(module):
    top, _, rest = module.partition(".")
    return rest.partition(".")[0] if top == "elman" else top


def imports(module, file, known):
    """Names of the modules that a file imports, anywhere in it."""
    package = module.split(".")[:-1]
    found = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            start = package[: len(package) - node.level + 1] if node.level else []
            source = ".".join([*start, *(node.module or "").split(".")]).rstrip(".")
            for alias in node.names:
                # `from elman import tasks` imports a module, `from elman import run` a name.
                inner = f"{source}.{alias.name}"
                is_module = inner in known or f"{inner}.__init__" in known
                found.add(inner if is_module else source)
    return {f"{name}.__init__" if f"{name}.__init__" in known else name for name in found}


@functools.cache
def graph_of(root):
    """Module -> what it imports of the library, the app and other packages."""
    known = modules(root)
    return {module: imports(module, file, known) for module, file in known.items()}


def rooms_of(graph):
    """Room -> the other rooms that it imports."""
    rooms = {room_of(module): set() for module in graph}
    for module, names in graph.items():
        rooms[room_of(module)] |= {room_of(name) for name in names & graph.keys()}
    return {room: others - {room} for room, others in rooms.items()}


def floors_of(graph):
    """Room or module -> its floor, one above all that it imports; a circle raises CycleError."""
    floors = {}
    for name in TopologicalSorter(graph).static_order():
        floors[name] = 1 + max((floors[other] for other in graph[name]), default=0)
    return floors


def complaints(root):
    """A sentence for everything in the imports that is not as it should be."""
    graph = graph_of(root)
    found = [
        f"{room} has no layer yet: name it in LAYERS" for room in rooms_of(graph).keys() - RANK
    ]
    for module, names in graph.items():
        here = room_of(module)
        for name in names:
            rooms = ONLY.get(name.partition(".")[0], {here})
            if here not in rooms:
                found.append(f"{module} imports {name}: only {', '.join(sorted(rooms))} may")
            if name in graph and RANK.get(room_of(name), 0) > RANK.get(here, len(LAYERS)):
                found.append(f"{module} imports {name} from a layer above it")
            if name in graph and {here, room_of(name)} == {*APART}:
                found.append(f"{module} imports {name}: these rooms stay apart")
    inner = {module: names & graph.keys() for module, names in graph.items()}
    for each in (inner, rooms_of(graph)):
        try:
            floors_of(each)
        except CycleError as error:
            found.append("circle: " + " <- ".join(error.args[1]))
    return found


def test_imports_point_one_way_and_the_house_has_at_most_twelve_floors():
    assert complaints(ROOT) == []
    floors = floors_of(rooms_of(graph_of(ROOT)))
    assert len(floors) >= 20
    assert floors["settings"] == 1
    assert max(floors.values()) <= MOST_FLOORS, sorted(floors.items(), key=lambda item: item[1])


HOUSE = {
    f"elman/{name}.py": ""
    for name in (
        "__init__", "experiment", "network", "tasks/__init__", "tasks/words", "training/__init__",
        "analysis/__init__", "analysis/errors", "charts/__init__", "cli/main", "ui/__init__",
        "ui/sidebar",
    )
} | {
    "elman/tasks/xor.py": "from . import words",
    "elman/studies/recall.py": "from elman import analysis",
}  # fmt: skip


@pytest.mark.parametrize(("module", "line", "complaint"), [
    ("elman/experiment.py", "from elman.network import ElmanNetwork", "a layer above"),
    ("elman/network.py", "from elman import training", "a layer above"),
    ("elman/network.py", "from elman import run", "a layer above"),
    ("elman/network.py", "from . import training", "a layer above"),
    ("elman/tasks/xor.py", "from ..training import run", "a layer above"),
    ("elman/tasks/xor.py", "def later():\n    import elman.training", "a layer above"),
    ("elman/ui/sidebar.py", "import elman.cli.main", "stay apart"),
    ("elman/charts/errors.py", "import streamlit as st", "only pages, streamlit_app, ui may"),
    ("elman/analysis/errors.py", "from streamlit.runtime import caching", "only pages"),
    ("elman/extra.py", "import math", "no layer"),
    ("elman/tasks/words.py", "from elman.tasks import xor", "circle: elman.tasks.words"),
    ("elman/analysis/errors.py", "from elman.studies import recall", "circle: analysis"),
    ("elman/ui/sidebar.py", "import streamlit\nfrom elman import charts, run", None),
    ("pages/train.py", "import streamlit\nfrom elman.ui import sidebar", None),
])  # fmt: skip
def test_the_rule_notices_a_wrong_import(tmp_path, module, line, complaint):
    for name, text in (HOUSE | {module: line}).items():
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    found = complaints(tmp_path)
    assert found == [] if complaint is None else any(complaint in one for one in found)
