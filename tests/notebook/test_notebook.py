"""docs/python.ipynb runs as it stands, in the folder of a project with results."""

import importlib.util
import json
import os
import shutil
import subprocess
import sys

import pytest
from conftest import ROOT

NOTEBOOK = ROOT / "docs/python.ipynb"
RUN = """
import sys, nbclient, nbformat
notebook = nbformat.read(sys.argv[1], as_version=4)
nbclient.NotebookClient(notebook, timeout=600, kernel_name="python3").execute()
nbformat.write(notebook, sys.argv[2])
"""


def test_it_holds_no_outputs():
    cells = json.loads(NOTEBOOK.read_text())["cells"]
    assert all(not cell.get("outputs") and not cell.get("execution_count") for cell in cells)


@pytest.mark.skipif(not importlib.util.find_spec("nbclient"), reason="nbclient is not installed")
def test_it_runs(finished, real_weights, tmp_path):
    shutil.copytree(ROOT / "images", finished.folder / "images")
    environment = {
        **os.environ,
        "NST_WEIGHTS": str(real_weights.parent),
        "NST_GPUS": "",
        "PYTHONPATH": str(ROOT),
        "IPYTHONDIR": str(tmp_path / "ipython"),
        "JUPYTER_RUNTIME_DIR": str(tmp_path / "runtime"),
    }
    command = [sys.executable, "-W", "ignore", "-c", RUN, NOTEBOOK, tmp_path / "run.ipynb"]
    folder = finished.folder
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    cells = json.loads((tmp_path / "run.ipynb").read_text())["cells"]
    outputs = [
        output.get("data", {}) | {"text": output.get("text", "")}
        for cell in cells
        for output in cell.get("outputs", [])
    ]
    html = "".join("".join(output.get("text/html", "")) for output in outputs)
    assert sum("image/png" in output for output in outputs) == 1
    assert html.count("<img ") == 3 + 4  # three results, two styles x two weights
    assert any("did you mean 'avg'" in "".join(output["text"]) for output in outputs)
    assert (folder / "cat.png").is_file() and (folder / "cat.json").is_file()
