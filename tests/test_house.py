"""The rules of the house, checked on the code itself."""

import ast
import re
import subprocess
import sys

import pytest
from conftest import ROOT

PACKAGE = ROOT / "nst"
# What each room may import of ours, outside functions and inside them. The arrows go one way.
ARROWS = {
    "errors": set(),
    "text": set(),
    "machine": {"errors"},
    "disk": {"errors", "text"},
    "config": {"disk", "errors", "text"},
    "engine": {"config", "errors", "text"},
    "transfer": {"config", "disk", "engine", "errors", "machine", "text"},
    "results": {"config", "disk", "errors", "text"},
    "metrics": {"config", "disk", "engine", "errors", "results", "text", "transfer"},
    "progress": {"config", "disk", "errors", "results", "text"},
    "workflow": {"config", "disk", "errors", "machine", "progress", "results", "text", "transfer"},
    "commands": {
        "config", "disk", "engine", "errors", "machine", "metrics", "progress", "results", "text",
        "transfer", "workflow",
    },
    "notebook": {"config", "disk", "errors", "results", "text", "transfer"},
    "cli": {"commands", "disk", "errors", "text"},
    "__main__": {"cli", "disk", "workflow"},
    "__init__": {"disk", "errors", "notebook"},
}  # fmt: skip
TORCH = {"engine", "metrics", "transfer"}  # the only rooms that may import torch outside functions
FILES = sorted(PACKAGE.rglob("*.py"))


def room(path):
    """The room of a file: its folder, or its own name if it stands at the door."""
    return path.relative_to(PACKAGE).with_suffix("").parts[0]


def files_of(name):
    """The files of a room."""
    return [path for path in FILES if room(path) == name]


def imported(path):
    """The rooms that a file imports from."""
    rooms = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module:
            names = [node.module]
            if node.module == "nst":
                names = [f"nst.{alias.name}" for alias in node.names if not alias.name.startswith("__")]
            rooms.update(name.split(".")[1] for name in names if name.startswith("nst."))
    return rooms


def test_every_room_has_its_line():
    assert {room(path) for path in FILES} == set(ARROWS)


def test_no_room_is_above_itself():
    above = {name: set(below) for name, below in ARROWS.items()}
    while free := [name for name, below in above.items() if not below]:
        above = {name: below - set(free) for name, below in above.items() if name not in free}
    assert above == {}


def test_no_file_imports_itself_through_others():
    modules = {".".join(path.relative_to(ROOT).with_suffix("").parts): path for path in FILES}
    above = {}
    for module, path in modules.items():
        tree = ast.parse(path.read_text()).body  # imports inside functions cannot make a circle
        nodes = [node for node in tree if isinstance(node, ast.ImportFrom) and node.module]
        names = {node.module for node in nodes}
        names |= {f"{node.module}.{alias.name}" for node in nodes for alias in node.names}
        above[module] = names & set(modules) - {module}
    while free := [name for name, below in above.items() if not below]:
        above = {name: below - set(free) for name, below in above.items() if name not in free}
    assert above == {}


@pytest.mark.parametrize("name", ARROWS)
def test_a_room_imports_only_from_the_rooms_below(name):
    wrong = {str(path): imported(path) - ARROWS[name] - {name} for path in files_of(name)}
    assert {path: rooms for path, rooms in wrong.items() if rooms} == {}


def test_the_docs_draw_the_same_arrows():
    page = (ROOT / "docs/architecture.md").read_text()
    drawn = {name: set(below.split(", ")) for name, below in re.findall(r"^(\w+) -> (.+)$", page, re.M)}
    assert drawn == {name: below for name, below in ARROWS.items() if below and name != "__main__"}


def test_only_the_rooms_of_torch_pull_it_in():
    rooms = [path for path in FILES if room(path) not in TORCH and path.stem != "__main__"]
    names = [".".join(path.relative_to(ROOT).with_suffix("").parts) for path in rooms]
    code = (
        "import importlib, sys\n"
        f"for name in {names}:\n"
        "    importlib.import_module(name)\n"
        "    for heavy in {'torch', 'torchvision', 'pandas'} & set(sys.modules):\n"
        "        sys.exit(f'{name} pulls in {heavy}')"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_files_are_short():
    folders = ("nst", "tests", "images", "benchmarks")
    files = [path for folder in folders for path in (ROOT / folder).rglob("*.py")]
    lengths = {str(path): len(path.read_text().splitlines()) for path in files}
    assert {path: length for path, length in lengths.items() if length >= 300} == {}


@pytest.mark.parametrize("name", ARROWS)
def test_what_is_public_says_what_it_is(name):
    undocumented = []
    for path in files_of(name):
        tree = ast.parse(path.read_text())
        if path.stem != "__main__" and not ast.get_docstring(tree):
            undocumented.append(str(path))
        undocumented += [
            f"{path}: {node.name}"
            for node in tree.body
            if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_")
            if not ast.get_docstring(node)
        ]
    assert undocumented == []


def test_tests_share_what_stands_in_support():
    """pytest finds a test module from another folder only if it has collected that before."""
    for path in (ROOT / "tests").rglob("test_*.py"):
        for name in re.findall(r"^ *from (test_\w+) import", path.read_text(), re.MULTILINE):
            assert path.with_name(f"{name}.py").exists(), f"{path}: {name}"


def rules():
    for path in sorted((ROOT / "workflow/rules").glob("*.smk")):
        text = path.read_text()
        assert text.startswith('"""'), path
        for match in re.finditer(r"^rule (\w+):\n(.*?)(?=^\S|\Z)", text, re.MULTILINE | re.DOTALL):
            if "shell:" in match.group(2):  # else it only names what is asked for
                yield match.group(1), match.group(2)


@pytest.mark.parametrize(("name", "body"), list(rules()), ids=[name for name, _ in rules()])
def test_a_rule_has_a_docstring_a_log_and_a_quoted_shell_line(name, body):
    assert body.lstrip().startswith('"""')
    assert "\n    log:\n" in body
    assert "\n    benchmark:\n" in body or name == "prune"
    shell = body.split("shell:")[1]
    assert "run:" not in body
    for placeholder in re.findall(r"\{([^}]+)\}", shell):
        assert placeholder.endswith(":q"), placeholder


def test_the_snakefile_is_a_table_of_contents():
    assert len((ROOT / "Snakefile").read_text().splitlines()) <= 60


def test_linters_are_silent():
    """The same as `make lint`, by the tools beside this Python."""
    done = subprocess.run([ROOT / ".ci/lint"], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
