"""The rules of the house, checked on the code itself."""

import ast
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import BIN, ROOT

PACKAGE = ROOT / "nst"
# What each module may import of ours: only what stands here. Modules of TORCH may use torch at
# import; no other module may reach one of them except inside a function.
ARROWS = {
    "__init__": set(),
    "__main__": {"cli", "preloaded"},
    "errors": set(),
    "home": set(),
    "files": {"errors"},
    "values": {"errors", "home"},
    "breakdown": {"errors", "values"},
    "layers": set(),
    "settings": {"home", "layers", "values"},
    "document": {"errors", "values"},
    "recipes": {"document", "errors", "settings"},
    "convert": {"errors", "layers", "recipes", "settings", "values"},
    "images": {"errors", "files"},
    "paths": {"errors", "images", "settings", "values"},
    "config": {"document", "errors", "home", "paths", "settings", "values"},
    "grid": {"config", "errors", "paths", "recipes", "settings"},
    "record": {"errors", "home", "values"},
    "table": {"errors", "files", "grid", "record", "settings"},
    "choice": {"grid", "record"},
    "plot": {"values"},
    "curves": {"choice", "derived", "grid", "plot", "record", "settings", "table", "values"},
    "summary": {"choice", "files", "grid", "record", "table", "values"},
    "sheet": {"errors", "grid", "images", "values"},
    "derived": {"files", "home"},
    "thumbnails": {"images"},
    "gallery": {
        "choice", "curves", "derived", "files", "film", "grid", "home", "images", "plot", "record",
        "settings", "sheet", "table", "thumbnails", "values",
    },
    "stale": {"grid", "sheet"},
    "dates": {"curves", "errors", "grid", "stale"},
    "film": {"images"},
    "gpu": {"errors"},
    "jobs": set(),
    "preloaded": {"signals"},
    "lock": {"errors", "files"},
    "weights": {"errors", "files", "layers"},
    "doctor": {"errors", "gpu", "weights"},
    "state": {"breakdown", "errors", "layers", "values"},
    "operations": set(),
    "backbone": {"errors", "layers", "operations", "settings", "state"},
    "losses": set(),
    "tiles": {"layers"},
    "tiled": {"tiles"},
    "objective": {"backbone", "losses", "settings", "tiled", "tiles"},
    "memory": {"layers", "settings", "tiles"},
    "scales": {"settings"},
    "parametrization": {"layers"},
    "optimizers": {"memory", "settings"},
    "engine": {
        "backbone", "errors", "layers", "objective", "optimizers", "parametrization", "settings",
    },
    "stages": {"engine", "home", "images", "scales", "settings"},
    "progress": set(),
    "checkpoint": {"errors", "files", "values"},
    "optimisation": {
        "backbone", "breakdown", "checkpoint", "engine", "errors", "film", "images", "memory",
        "objective", "progress", "record", "settings", "stages", "values",
    },
    "signals": set(),
    "device": {"backbone", "errors", "gpu", "settings"},
    "places": {"errors", "settings"},
    "transfer": {
        "backbone", "breakdown", "checkpoint", "device", "engine", "files", "film", "images", "memory",
        "optimisation", "places", "record", "settings", "signals", "stages", "weights",
    },
    "reproduce": {
        "document", "errors", "gpu", "images", "record", "settings", "signals", "values", "weights",
    },
    "arguments": {"errors", "values"},
    "cli": {"arguments", "errors", "settings", "values"},
}  # fmt: skip
TORCH = {
    "state", "operations", "backbone", "losses", "tiled", "objective", "parametrization", "optimizers",
    "engine", "stages", "checkpoint", "optimisation", "device", "transfer",
}  # fmt: skip
MODULES = sorted(path.stem for path in PACKAGE.glob("*.py"))


def imports(module, inside_functions=False):
    """The names that a module imports: (at import, only inside functions or for type checks)."""
    tree = ast.parse((PACKAGE / f"{module}.py").read_text())
    top, inner = set(), set()

    def walk(node, deep):
        for child in ast.iter_child_nodes(node):
            deeper = deep or isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.If)
            found = inner if deep else top
            if isinstance(child, ast.Import):
                found.update(alias.name for alias in child.names)
            if isinstance(child, ast.ImportFrom):
                found.add(child.module)
                found.update(f"{child.module}.{alias.name}" for alias in child.names)
            walk(child, deeper)

    walk(tree, False)
    return top, inner


def ours(names):
    return {m.group(1) for name in names if (m := re.match(r"nst\.(\w+)", name))} & set(MODULES)


def test_every_module_has_its_line():
    assert sorted(ARROWS) == MODULES


def test_every_module_is_on_the_map():
    page = (ROOT / "README.md").read_text().split("## The map")[1].split("\n## ")[0]
    assert [m for m in MODULES if not m.startswith("__") and f"`nst/{m}.py`" not in page] == []


@pytest.mark.parametrize("module", MODULES)
def test_a_module_imports_only_what_its_line_allows(module):
    top, _ = imports(module)
    assert ours(top) <= ARROWS[module]


@pytest.mark.parametrize("module", MODULES)
def test_nobody_imports_cli(module):
    top, inner = imports(module)
    assert "cli" not in ours(top | inner) or module == "__main__"


@pytest.mark.parametrize("module", [m for m in MODULES if m not in TORCH])
def test_a_torch_free_module_pulls_in_neither_torch_nor_pandas(module):
    code = f"import sys, nst.{module}; print({{'torch', 'torchvision', 'pandas'}} & set(sys.modules))"
    if module == "__main__":
        code = code.replace("nst.__main__", "nst.cli")
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


OUR_FILES = [
    path
    for folder in ("nst", "tests", "images", "benchmarks")
    for path in (ROOT / folder).glob("**/*.py")
]


@pytest.mark.parametrize("path", sorted(OUR_FILES), ids=lambda path: str(path.relative_to(ROOT)))
def test_files_are_short(path):
    assert len(path.read_text().splitlines()) < 300


@pytest.mark.parametrize("module", MODULES)
def test_what_is_public_says_what_it_is(module):
    tree = ast.parse((PACKAGE / f"{module}.py").read_text())
    if module != "__main__":
        assert ast.get_docstring(tree)
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_"):
            assert ast.get_docstring(node), node.name


def rules():
    for path in sorted((ROOT / "workflow/rules").glob("*.smk")):
        text = path.read_text()
        assert text.startswith('"""'), path
        for match in re.finditer(r"^rule (\w+):\n(.*?)(?=^\S|\Z)", text, re.MULTILINE | re.DOTALL):
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


@pytest.mark.parametrize(
    "command",
    [
        ["ruff", "check", "."],
        ["ruff", "format", "--check", "."],
        ["snakefmt", "--check", "Snakefile", "workflow"],
        ["snakemake", "--lint"],
    ],
    ids=" ".join,
)
def test_linters_are_silent(command):
    done = subprocess.run(
        [str(BIN / command[0]), *command[1:]], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_package_holds_its_data(tmp_path):
    """An installed copy must find recipes and templates, which no import would miss."""
    if shutil.which("git") is None or not (ROOT / ".git").exists():
        pytest.skip("not a git checkout")
    listed = subprocess.run(
        ["git", "ls-files", "nst"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split()
    packed = re.search(r"^nst = (\[.*\])$", (ROOT / "pyproject.toml").read_text(), re.MULTILINE)
    patterns = ast.literal_eval(packed.group(1))
    for name in listed:
        path = Path(name).relative_to("nst")
        assert path.suffix == ".py" or any(path.match(pattern) for pattern in patterns), name
