"""This workflow in a Snakefile of the user's: what Snakemake does not document of modules, and hooks.

As in `snakemake_api`, every name has a fallback.
"""

from collections.abc import Callable, Mapping
from typing import Any

from nst.errors import NstError
from nst.workflow import snakemake_api

RULES = (
    "transfer", "shared_start", "print", "prints", "weights", "metric_weights", "measure", "table",
    "sheet", "curves", "summary", "gallery", "prune", "export",
)  # fmt: skip
FILE = "workflow/nst.smk"  # names our hooks
HOOKS = {"onstart": "begin", "onsuccess": "end", "onerror": "fail"}  # of Snakemake, of a Run


_runs: list[Any] = []  # one, unless a program runs Snakemake several times


def run_of(workflow: Any, make: Callable[[Any], Any]) -> Any:
    """The run of a workflow, made once: Snakemake reads a module again for each `use rule`."""
    found = [run for run in _runs if run.workflow is workflow]
    _runs[:] = found or [make(workflow)]
    return _runs[0]


def config_of(workflow: Any) -> tuple[list[str], dict[str, Any]]:
    """The config files, and the values over them; of a module with a `config:`, only values.

    Without the name, a module reads config.yaml.
    """
    if _get(workflow, "modifier.skip_configfile") and workflow.config:
        return [], _plain(workflow.config)
    return snakemake_api.config_files(workflow), snakemake_api.config_overlay(workflow)


def refuse_prefix(workflow: Any) -> None:
    """Raise NstError in a module with a `prefix:`. Without the name, its jobs fail."""
    moved = _get(workflow, "modifier.path_modifier.replace_prefix")
    if moved and moved("results/index.html") != "results/index.html":
        raise NstError(
            "a module of nst-grid takes no prefix: it writes to results/ in the folder where it runs;"
            " leave the prefix out, or run it in a folder of its own (snakemake --directory FOLDER)"
        )


def rule_names(workflow: Any) -> dict[str, str]:
    """What our rules are called after `use rule * from nst as nst_*`, by the names that we gave them.

    To be called while the Snakefile is read. Without the name, they are taken to keep theirs.
    """
    modify: Callable[[str], str] = _get(workflow, "modifier.modify_rulename") or str
    return {name: modify(name) for name in RULES}


def add_hooks(workflow: Any, run: Any) -> None:
    """Let Snakemake call this run at the start and at the end, before the user's own hooks.

    It keeps one of each kind, the last one of the main Snakefile, and none of modules. Without the
    names, a module locks no folder and has no page that follows.
    """
    for name, ours in HOOKS.items():
        theirs = _get(workflow, f"_{name}")
        is_ours = isinstance(theirs, _Hook) or str(_get(theirs, "__code__.co_filename")).endswith(FILE)
        if callable(theirs) and not is_ours:
            setattr(workflow, f"_{name}", _Hook(getattr(run, ours), theirs))


class _Hook:
    """A hook of ours, and after it one of the user's."""

    def __init__(self, ours: Callable[[], None], theirs: Callable[[Any], object]):
        self.ours, self.theirs = ours, theirs

    def __call__(self, log: Any) -> None:
        self.ours()
        self.theirs(log)


def has_others(workflow: Any, ours: Mapping[str, str]) -> bool:
    """Whether rules of the user's own make files beside `ours`. Without the names, none are seen."""
    makers = {_get(rule, "name") for rule in _get(workflow, "rules") or () if _get(rule, "output")}
    return not makers <= set(ours.values())


def _plain(value: Any) -> Any:
    """A config as JSON would have it: Snakemake's reader also knows dates."""
    if isinstance(value, Mapping):
        return {str(name): _plain(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    return value if value is None or isinstance(value, str | int | float | bool) else str(value)


def _get(owner: Any, path: str) -> Any:
    """The attribute at a dotted path, or None."""
    for name in path.split("."):
        owner = getattr(owner, name, None)
    return owner
