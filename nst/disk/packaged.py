"""Where the workflow lies: in the repository beside the package, in an installation inside it."""

from pathlib import Path

PACKAGE = Path(__file__).resolve().parent.parent
# setup.py copies Snakefile, workflow and profiles there when a wheel is built.
_INSTALLED = PACKAGE / "packaged"
_ROOT = _INSTALLED if _INSTALLED.is_dir() else PACKAGE.parent

SNAKEFILE = _ROOT / "Snakefile"  # whole: for `snakemake -s`, and for `module`
RULES = _ROOT / "workflow/nst.smk"  # without the rule `all`: to be included
WORKFLOW = _ROOT / "workflow"
PROFILES = _ROOT / "profiles"
SCHEMA = PACKAGE / "config/config.schema.json"
