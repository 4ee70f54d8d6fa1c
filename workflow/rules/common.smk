"""config.yaml -> the grid, once; and the helpers of the rules, named for what they return.

Nothing here may import torch: every job of a cluster reads this file again.
"""

import hashlib
import json
import os
import re
import sys
from functools import cache
from itertools import islice
from pathlib import Path

from snakemake.exceptions import WorkflowError
from snakemake.io import IOFile

from nst.machine import gpu
from nst.disk.rebuild import code_digest
from nst.errors import NstError
from nst.results.gallery import gallery_files
from nst.config.grid import expand
from nst.workflow.jobs import await_jobs, find_our_programs, share_gpus
from nst.disk.record import ENGINE
from nst.config.settings import KINDS
from nst.results.sheet import plan

find_our_programs()
shell.prefix(await_jobs())

CONFIG_FILES = [os.path.relpath(f) for f in workflow.overwrite_configfiles] or ["config.yaml"]
OVERLAY = dict(workflow.config_settings.config)
FEW = 4  # ready jobs for each core, among which the next ones are chosen
OF_SETTINGS = {}  # texts that `of_settings` has made; GRID keeps their settings alive


def tell(text):
    """Print a message of the workflow, where Snakemake prints its own."""
    if text:
        print(text, file=sys.stderr, flush=True)


def refuse(error):
    """End the run before any job: one line per fault, exit status 2."""
    tell("\n".join(f"error: {line}" for line in str(error).splitlines()))
    sys.exit(2)


try:
    GRID = expand(CONFIG_FILES, OVERLAY)
    SHEETS = plan(GRID)
except NstError as fault:
    refuse(fault)


def go_on_in_a_group():
    """Let the other cells of a submitted group go on when one fails.

    Snakemake does not hand --keep-going to the groups that it submits to a cluster, and these
    settings do not exist any earlier than when the first rule is asked for its input.
    """
    if workflow.remote_exec:
        workflow.execution_settings.keep_going = True


@cache
def choose_among_few():
    """Let Snakemake choose the next local job among a few that are ready, and only when one has ended.

    It looks at all inputs of all jobs it chooses among: once when a job has ended and then, to keep to
    its limit of jobs a second, every second for each that has. These looks soon take more than the jobs.
    """
    settings = workflow.scheduling_settings
    if settings and workflow.local_exec:
        settings.max_jobs_per_timespan = None
        settings.subsample = settings.subsample or FEW * workflow.resource_settings.cores


def cell(wildcards):
    """The cell of a rule's wildcards."""
    go_on_in_a_group()
    choose_among_few()
    announce_dry_run()
    name = f"{wildcards.content}/{wildcards.style}/{wildcards.variant}"
    if name not in GRID.by_id:
        raise WorkflowError(f"{name} is no cell of {' and '.join(CONFIG_FILES)}")
    return GRID.by_id[name]


def content_picture(wildcards):
    return str(cell(wildcards).content_picture)


def style_picture(wildcards):
    return str(cell(wildcards).style_picture)


def init_picture(wildcards):
    """The picture that the image starts from, if config.yaml names one."""
    picture = cell(wildcards).settings.init_picture()
    return [str(picture)] if picture else []


def weights_file(wildcards):
    """The weights: the user's own, watched for changes, or the pinned ones, which cannot change."""
    backbone = cell(wildcards).settings.backbone
    if backbone in GRID.config.weights:
        return str(GRID.config.weights[backbone])
    return ancient(f"results/weights/{backbone}.safetensors")


def transfer_flags(wildcards):
    """The options that make this cell, as a person would type them."""
    return of_settings(cell(wildcards))[0]


def cell_settings(wildcards):
    """All settings that this cell's files depend on, in one spelling; recipes included."""
    found = cell(wildcards)
    snapshot_every = GRID.snapshot_every or remembered_snapshot_every(found.file(".png").as_posix())
    return of_settings(found, snapshot_every)[1]


def of_settings(found, snapshot_every=0):
    """A cell's options and all its settings as text, once for all cells that share their settings."""
    key = id(found.settings), snapshot_every
    if key not in OF_SETTINGS:
        film = {"snapshot_every": snapshot_every} if snapshot_every else {}
        text = json.dumps({**found.settings.pixels(), **film}, sort_keys=True)
        OF_SETTINGS[key] = found.flags(), text
    return OF_SETTINGS[key]


def remembered_snapshot_every(picture):
    """The `snapshot_every` that Snakemake remembers a picture by, 0 if none.

    They stand for those of a config without films, since a film too many is no reason to make a cell
    again. The record would not do: a cell made again without its film would change what it says.
    """
    remembered = workflow.persistence.params(IOFile(picture, workflow.get_rule("transfer")))
    found = re.search(r'"snapshot_every": (\d+)', " ".join(remembered or ()))
    return int(found[1]) if found else 0


def film_output():
    """The film of a cell as an output of its rule, if config.yaml asks for films.

    Films that it does not ask for stay as they are until `snakemake prune`.
    """
    return "results/cells/{content}/{style}/{variant}.webp" if GRID.snapshot_every else []


def film_flags(wildcards, output):
    """The options that make the film, if there is one.

    Snakemake does not compare params that are made from outputs; `cell_settings` has what it should.
    """
    return (
        ["--snapshot-every", str(GRID.snapshot_every), "--film", output.film]
        if GRID.snapshot_every
        else []
    )


@cache
def gpus_here():
    """How many GPUs this machine, or this allocation, offers; asked once."""
    try:
        return len(gpu.pool().devices)
    except NstError as error:
        refuse(error)


def device(wildcards):
    """Where the cell is computed. A resource, not a parameter: it is no reason to make it again."""
    return cell(wildcards).settings.device


def tile(wildcards):
    """By which tiles the cell is gone through, as text: of numbers Snakemake would make sums."""
    return KINDS["tile"].text(cell(wildcards).settings.tile)


def gpus(wildcards):
    """How many GPUs the cell holds: none on a machine without, unless the config insists."""
    if device(wildcards) == "cuda":
        return 1
    return int(device(wildcards) == "auto" and gpus_here() > 0)


if any(c.settings.device != "cpu" for c in GRID.cells):
    limit = workflow.global_resources.get("gpu")
    share_gpus(getattr(limit, "value", limit), gpus_here())  # a number before Snakemake 9.13


def cell_files(ending):
    """One file of every cell, in the config's order."""
    return [c.file(ending).as_posix() for c in GRID.cells]


def missing_cell_files():
    """A file that is not there of every cell that lacks one: unless it is named, it is not missed.

    Not all files of all cells, of which Snakemake would look up the rule, one by one.
    """
    endings = (".png", ".json", ".csv", *([".webp"] if GRID.snapshot_every else []))
    lacking = (first_missing(map(c.file, endings)) for c in GRID.cells)
    return [] if workflow.remote_exec else [path for paths in lacking for path in paths]


def film_files():
    """The film of every cell, if config.yaml asks for films."""
    return cell_files(".webp") if GRID.snapshot_every else []


def sheet_files():
    """All contact sheets."""
    return [f"results/sheets/{name}.png" for name in SHEETS]


def pairs():
    """Every content with every style, in the config's order."""
    return dict.fromkeys((c.content, c.style) for c in GRID.cells)


def curve_files():
    """The figures of all pairs."""
    return [f"results/curves/{content}/{style}/all.svg" for content, style in pairs()]


def first_missing(paths):
    """The first of these files that is not there, to be named as an output of the rule that makes them.

    So a deleted one is missed, and the others are kept: Snakemake deletes the outputs of a rule before
    it runs, and keeps a note with all inputs of each.
    """
    return [path.as_posix() for path in islice((p for p in paths if not p.exists()), 1)]


def gallery_lacks():
    """A file beside the page that is to be made; jobs of a cluster make none and need not look."""
    return [] if workflow.remote_exec else first_missing(gallery_files(GRID))


def sheet_pictures(wildcards):
    """What one sheet shows, originals included."""
    return [path.as_posix() for path in SHEETS[wildcards.sheet].pictures()]


def sheet_labels(wildcards):
    """What stands on one sheet, and in which order."""
    sheet = SHEETS[wildcards.sheet]
    heads = [header.label for header in (*sheet.rows, *sheet.columns)]
    return json.dumps([sheet.title, heads, [[c.id for c in row] for row in sheet.cells]])


def sheet_facts(wildcards):
    """What a report says of one sheet: its kind, its content, and what is the same in all of it."""
    sheet = SHEETS[wildcards.sheet]
    variant = " · ".join(filter(None, [sheet.variant, sheet.page]))
    return {"kind": sheet.kind, "content": sheet.content or "all", "variant": variant}


def grid_order():
    """A digest of the cells in the config's order: Snakemake compares inputs as a set."""
    listed = [[c.id, c.settings.recipe, list(c.axes)] for c in GRID.cells]
    return hashlib.sha256(json.dumps(listed).encode()).hexdigest()


def config_options():
    """The options that let a verb of nst read the config as this run did."""
    overlay = ["--overlay", json.dumps(OVERLAY)] if OVERLAY else []
    return ["--config", *CONFIG_FILES, *overlay]
