"""The tests of the workflow under the oldest Snakemake that pyproject.toml allows.

    python tests/support/oldest_snakemake.py [VERSION] [options of pytest]

They run in an environment of their own, which uses the packages of this one and adds another Snakemake:
that takes seconds and 7 MB, since torch is not installed twice.
"""

import re
import subprocess
import sys
import sysconfig
import tomllib
import venv
from pathlib import Path

ROOT = Path(__file__).parents[2]
TESTS = [
    f"tests/workflow/test_{name}.py"
    for name in (
        "workflow",
        "reruns",
        "snakemake_api",
        "own_snakefile",
        "replaced",
    )
]


def oldest_version() -> str:
    """The lower bound of Snakemake in pyproject.toml."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    (bound,) = [line for line in project["dependencies"] if line.startswith("snakemake")]
    return re.search(r">=([\d.]+)", bound)[1]


def environment(version: str) -> Path:
    """The Python of an environment with that Snakemake, made if need be."""
    folder = ROOT / f"build/snakemake-{version}"
    python = folder / "bin/python"
    if not (folder / "bin/snakemake").exists():
        venv.create(folder, with_pip=False)
        borrowed = sysconfig.get_path("purelib")
        own = sysconfig.get_path("purelib", vars={"base": str(folder), "platbase": str(folder)})
        Path(own, "borrowed.pth").write_text(f"import site; site.addsitedir({borrowed!r})\n")
        pip = [sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet"]
        subprocess.run([*pip, f"snakemake=={version}"], check=True)
    return python


def main() -> int:
    """Run the tests; pytest's exit status."""
    options = sys.argv[1:]
    version = options.pop(0) if options and re.fullmatch(r"[\d.]+", options[0]) else oldest_version()
    python = environment(version)
    print(f"Snakemake {version} in {python.parents[1].relative_to(ROOT)}", flush=True)
    return subprocess.run([python, "-m", "pytest", *TESTS, *options], cwd=ROOT).returncode


if __name__ == "__main__":
    sys.exit(main())
