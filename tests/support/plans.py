"""What Snakemake would run in a copy of the finished grid of 2 x 2 x 2 cells."""

import hashlib
import json
import re

from conftest import Project

from nst.disk.formats import decoder
from nst.disk.sums import KNOWN

CELLS = {
    f"{content}/{style}/style_weight-{weight}"
    for content in ("c1", "c2")
    for style in ("s1", "s2")
    for weight in ("1e4", "1e5")
}
SHEETS = {"all_style_weight-1e4", "all_style_weight-1e5", "c1_by_style_weight", "c2_by_style_weight"}
AGGREGATES = {"table", "curves", "summary", "gallery"}


def planned(project: Project, *arguments, env=None):
    """What Snakemake would run: the cells, the sheets, and the names of the other rules."""
    done = project.snakemake("--dry-run", *arguments, env=env)
    assert done.returncode == 0, done.stdout + done.stderr
    text = done.stdout + done.stderr
    cells = set(re.findall(r"output: results/cells/(\S+)\.png,", text))
    sheets = set(re.findall(r"output: results/sheets/(\S+)\.png\n", text))
    rules = set(re.findall(r"^(?:local)?rule (\w+):", text, re.MULTILINE))
    return cells, sheets, rules - {"transfer", "sheet", "all"}


def change(project: Project, key, value):
    """Set one dotted key of config.yaml; None removes it."""
    config = project.config
    *path, last = key.split(".")
    table = config
    for part in path:
        table = table.setdefault(part, {})
    if value is None:
        del table[last]
    else:
        table[last] = value
    project.configure(config)


def cut_short(project: Project, name: str):
    """Damage a picture as if it had happened after the run decoded it, so that its jobs fail."""
    path = project.folder / name
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    (project.folder / KNOWN).parent.mkdir(parents=True, exist_ok=True)
    status = path.stat()
    stamp = [status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns]
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    (project.folder / KNOWN).write_text(json.dumps({name: [*stamp, digest, decoder()]}))
