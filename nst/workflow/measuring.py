"""What the rule that measures is given, and what a run does when it cannot run for all pairs."""

import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from nst.config.grid import Grid
from nst.disk.sums import Sums
from nst.errors import NstError
from nst.results.currency import CURRENT, WEIGHTS, Currency
from nst.results.metrics import NETWORKS, VERSION, missing_networks, pair_file, part_file, to_measure
from nst.results.states import LOGS
from nst.text import counted
from nst.transfer.weights_folder import default_folder_or
from nst.workflow import snakemake_api
from nst.workflow.aggregates import config_options, digest_of
from nst.workflow.notices import refuse, tell
from nst.workflow.run_plan import PLAN

PATIENCE = 60  # seconds that the page of a run that failed waits for metrics


def metric_files(grid: Grid) -> list[str]:
    """The metrics of every pair; none if the config turns them off."""
    return [pair_file(*pair).as_posix() for pair in grid.measured]


def pair_pictures(grid: Grid, content: str, style: str) -> list[str]:
    """The images of a pair. Ends the process, with one line, if the config does not measure it."""
    if (content, style) not in grid.measured:
        refuse(NstError(f"{pair_file(content, style)} is of no pair that the config measures"))
    return [one.picture.as_posix() for one in grid.measured[content, style] if one.id in grid.by_id]


def pair_minutes(grid: Grid, content: str, style: str) -> int:
    """How long measuring a pair may take, on a slow node."""
    return 3 + len(grid.measured.get((content, style), ())) // 10


def pair_digest(grid: Grid, content: str, style: str, sums: Sums) -> str:
    """A digest of how the images of a pair are measured, and of what this run does not make of it."""
    given = [one.picture for one in grid.measured[content, style] if one.id not in grid.by_id]
    given += [grid.config.content[content], *grid.config.style_pictures[style]]
    return f"{VERSION} {digest_of(given, sums)}"


def unmeasured(grid: Grid, currencies: Mapping[str, Currency], sums: Sums) -> list[Path]:
    """The metrics of pairs with images that stay and are not measured, where that can be done.

    Also of pairs whose measuring was stopped: what was measured of them is beside their file.
    """
    if not all(map(has_weights, NETWORKS)):
        return []
    to_make = {name for name, currency in currencies.items() if currency.kind != CURRENT}
    return [
        pair_file(*pair)
        for pair, cells in grid.measured.items()
        if part_file(*pair).exists() or {one.id for one in to_measure(cells, sums)} - to_make
    ]


def has_weights(name: str) -> bool:
    """Whether weights are in the project or in the user's folder, from which they are linked."""
    folders = (WEIGHTS, default_folder_or(WEIGHTS))
    return any((folder / f"{name}.safetensors").is_file() for folder in folders)


def measure_rest(
    grid: Grid, config_files: Sequence[str], overlay: Mapping[str, Any], sums: Sums
) -> bool:
    """Measure the images of pairs that lack one, for which no job runs; False if it is interrupted.

    In a process of its own: that of Snakemake does not import torch. What takes longer than PATIENCE is
    left to the next run, which goes on from there.
    """
    rest = sum(len(to_measure(cells, sums)) for cells in grid.measured.values())
    if missing_networks() or not rest:
        return True
    tell(f"measuring {counted(rest, 'image')}, for {PATIENCE} seconds at most")
    command = [shutil.which("python") or sys.executable, "-m", "nst", "measure", "--of-run"]
    command += [*config_options(config_files, overlay), "--plan", str(PLAN)]
    try:
        with (LOGS / "metrics.log").open("w") as log:
            subprocess.run(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, timeout=PATIENCE)
    except (OSError, subprocess.TimeoutExpired):
        pass
    except KeyboardInterrupt:
        return False
    return True


def without_networks(workflow: Any, rule: str) -> str:
    """One line if this run had jobs of the rule that measures and could not measure, or nothing."""
    missing = missing_networks() if snakemake_api.job_threads(workflow, rule) else []
    if not missing:
        return ""
    names, verb = " and ".join(missing), "says" if len(missing) == 1 else "say"
    commands = " and ".join(f"`nst weights {name}`" for name in missing)
    why = f"{commands} {verb} why, and what to do"
    return f"images are not measured, as {names} could not be fetched: {why}; or set metrics: none"
