"""Imports point one way: pages, ui, charts and analysis, training, the network and its tasks,
Experiment."""

import ast
import subprocess
import sys
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

# Lowest first; a module may import its own layer and those before it. A module is found here by
# the first part of its name below `elman`, and `elman` itself is what its __init__ imports.
LAYERS = (
    ("settings",),
    ("experiment",),
    ("network", "layers", "tasks"),
    ("training",),
    ("sweeps", "saving", "scripts", "__init__"),
    ("analysis", "studies"),
    ("charts", "report", "reproduction", "labs"),
    ("cli", "__main__"),
    ("ui",),
    ("pages", "streamlit_app"),
)
RANK = {name: rank for rank, layer in enumerate(LAYERS) for name in layer}
SHELLS = ("pages", "streamlit_app", "ui")
DRAWS = ("charts", "report", *SHELLS)


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


def layer_name(module):
    top, _, rest = module.partition(".")
    if top != "elman":
        return top
    return rest.partition(".")[0]


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


def wrong_imports(root):
    """A sentence for every import that points the wrong way."""
    known = modules(root)
    wrong = []
    for module, file in known.items():
        here = layer_name(module)
        if here not in RANK:
            wrong.append(f"{module} has no layer yet: name it in LAYERS")
            continue
        for name in sorted(imports(module, file, known)):
            package = name.partition(".")[0]
            if package == "streamlit" and here not in SHELLS:
                wrong.append(f"{module} imports {name}: only the app may")
            if package == "altair" and here not in DRAWS:
                wrong.append(f"{module} imports {name}: only drawing modules may")
            if name in known and RANK.get(layer_name(name), 0) > RANK[here]:
                wrong.append(f"{module} imports {name} from a layer above it")
    return wrong


def test_imports_point_one_way():
    assert len(modules(ROOT)) > 10
    assert wrong_imports(ROOT) == []


def test_no_module_imports_itself_by_way_of_others():
    known = modules(ROOT)
    graph = {module: imports(module, file, known) & known.keys() for module, file in known.items()}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail("circular imports: " + " <- ".join(error.args[1]))


@pytest.mark.parametrize(
    ("module", "line", "complaint"),
    [
        ("elman/experiment.py", "from elman.network import ElmanNetwork", "a layer above"),
        ("elman/network.py", "from elman import training", "a layer above"),
        ("elman/network.py", "from elman import run", "a layer above"),
        ("elman/network.py", "from . import training", "a layer above"),
        ("elman/tasks/xor.py", "from ..training import run", "a layer above"),
        ("elman/tasks/xor.py", "def later():\n    import elman.training", "a layer above"),
        ("elman/training/loop.py", "import elman.analysis.errors as e", "a layer above"),
        ("elman/charts/errors.py", "from elman.ui import sidebar", "a layer above"),
        ("elman/cli/main.py", "import elman.ui.sidebar", "a layer above"),
        ("elman/charts/errors.py", "import streamlit as st", "only the app"),
        ("elman/analysis/errors.py", "from streamlit.runtime import caching", "only the app"),
        ("elman/analysis/errors.py", "import altair as alt", "only drawing modules"),
        ("elman/extra.py", "import math", "no layer"),
        ("elman/ui/sidebar.py", "import streamlit\nfrom elman import charts, run", None),
        ("elman/tasks/xor.py", "from elman.experiment import Experiment", None),
        ("pages/train.py", "import streamlit\nfrom elman.ui import sidebar", None),
    ],
)
def test_the_rule_notices_a_wrong_import(tmp_path, module, line, complaint):
    names = ["elman/" + name for name in (
        "__init__.py", "experiment.py", "network.py", "tasks/__init__.py", "tasks/xor.py",
        "training/__init__.py", "training/loop.py", "analysis/__init__.py", "analysis/errors.py",
        "charts/errors.py", "cli/main.py",
        "ui/__init__.py", "ui/sidebar.py",
    )]  # fmt: skip
    for name in (*names, module):
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(line if name == module else "", encoding="utf-8")
    wrong = wrong_imports(tmp_path)
    if complaint is None:
        assert wrong == []
    else:
        assert len(wrong) == 1
        assert complaint in wrong[0]


def test_importing_the_library_loads_neither_tables_nor_charts_nor_the_app():
    script = "import elman, sys; print({'pandas', 'streamlit', 'altair'} & {*sys.modules})"
    shown = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert shown.stdout.strip() == "set()"
