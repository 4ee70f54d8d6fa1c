"""nst-grid: neural style transfer for grids of pictures. The rooms, in reading order:

config    Reads config.yaml, recipes and options, refuses every mistake, and expands them into cells.
workflow  Provides what the Snakefile needs: locks, stale cells, reports, jobs that share one torch.
progress  Says how far a run is: read from its files, estimated, and told on the terminal.
transfer  Makes one image, from files to files, and resumes it after a stop.
engine    Computes the image from tensors: network, losses, optimizers and the loop.
metrics   Measures saved images by numbers that compare across recipes.
results   Turns records and images into the table, sheets, curves, summary and page.
commands  Defines the verbs of `nst` and their options.
notebook  Makes, loads and shows images from Python: what `import nst` offers in scripts and notebooks.
disk      Reads and writes pictures, films and records, each file completely or not at all.
machine   Finds and locks GPUs, measures free memory, and handles stop signals.

From Python: `nst.stylize` makes an image, `nst.load` reads a project, `nst.show` shows either in a
notebook. `cli` parses the command line, `errors` holds the mistakes a user can fix, `text` formats
values for messages. docs/architecture.md has the imports between the rooms and the path of one cell.
"""

__version__ = "0.1.0"

TYPE_CHECKING = False  # but not for type checkers; `typing` itself is slow to import
if TYPE_CHECKING:
    from nst.disk.packaged import RULES, SNAKEFILE
    from nst.errors import NstError
    from nst.notebook.load import load
    from nst.notebook.show import Grid, show
    from nst.notebook.stylize import Result, stylize

# What is imported only when it is asked for, and the module that has it: `import nst` takes no time.
_LAZY = {
    "RULES": "nst.disk.packaged",
    "SNAKEFILE": "nst.disk.packaged",
    "NstError": "nst.errors",
    "load": "nst.notebook.load",
    "Grid": "nst.notebook.show",
    "show": "nst.notebook.show",
    "Result": "nst.notebook.stylize",
    "stylize": "nst.notebook.stylize",
}
__all__ = [
    "RULES", "SNAKEFILE", "Grid", "NstError", "Result", "__version__", "load", "show", "stylize",
]  # fmt: skip


def __getattr__(name: str) -> object:
    if name not in _LAZY:
        raise AttributeError(f"module 'nst' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_LAZY[name]), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *_LAZY])
