"""`nst`: the command line. Each verb is a module of `nst.commands` of the same name."""

import argparse
import sys
import traceback
from collections.abc import Sequence
from importlib import import_module

from nst import __version__
from nst.commands.arguments import Parser
from nst.disk import log_end
from nst.errors import NstError
from nst.text import one_line

# In the order of `nst --help`.
VERBS = (
    "new", "transfer", "reproduce", "export", "proof", "weights", "recipes", "table", "sheet",
    "gallery", "curves", "summary", "measure", "prune", "restore", "status", "schema", "doctor",
)  # fmt: skip


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one verb and return its exit status: 2, and one line on stderr, for a user's mistake."""
    try:
        given = sys.argv[1:] if arguments is None else arguments
        options = parser(*given[:1]).parse_args(given)
        return options.run(options) or 0
    except NstError as error:
        print(log_end.failed(error), file=sys.stderr)
        return 2
    except MemoryError:
        advice = "not enough memory: free some, or ask for smaller pictures"
        print(log_end.failed(advice), file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print(log_end.stopped("; nothing was written"), file=sys.stderr)
        return 130
    except BrokenPipeError:  # `nst recipes | head`
        sys.stderr.close()
        return 0
    except Exception as error:  # a bug
        traceback.print_exc()
        print(log_end.failed(f"{type(error).__name__}: {one_line(str(error))}"), file=sys.stderr)
        return 1


def parser(verb: str = "") -> argparse.ArgumentParser:
    """The parser of the command line; `options.run` is the function of the chosen verb.

    If the call begins with a verb, only the module of that verb is imported.
    """
    program = Parser(
        prog="nst",
        description="Neural style transfer for grids of pictures.",
        epilog="example: nst transfer cat.jpg strokes.jpg --out x.png; more: nst VERB --help",
    )
    program.add_argument("--version", action="version", version=f"nst-grid {__version__}")
    program.set_defaults(run=_refuse_no_verb)
    verbs = program.add_subparsers(metavar="VERB")
    for name in VERBS:
        if verb in VERBS and name != verb:
            verbs.add_parser(name)
            continue
        module = import_module(f"nst.commands.{name}")
        text = module.__doc__ or ""
        about = text.partition("\n")[0]
        one = verbs.add_parser(name, help=about, description=text, epilog=module.EXAMPLE)
        module.add_arguments(one)
        one.set_defaults(run=module.run)
    return program


def _refuse_no_verb(options: argparse.Namespace) -> None:
    verbs = ", ".join(VERBS)
    raise NstError(f"no verb: name one of {verbs} (nst --help says what each does)")
