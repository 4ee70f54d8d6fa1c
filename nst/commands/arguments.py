"""An argument parser that refuses mistakes in one line and suggests the nearest option."""

import argparse
import re
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, NoReturn

from nst.config.settings import flag
from nst.disk.renamed_settings import RENAMED_SETTINGS
from nst.errors import NstError
from nst.text import CONTROL, nearest, one_line, shown

LONGEST = 400  # characters of a message that quotes the command line
OF_WEIGHTS = "--blend"  # an option that ends where a word is no weight, so that paths may follow
MOST_IN_EXAMPLE = 5  # pictures
WEIGHT = r"([a-z0-9_]+=)?[-+]?[0-9.][-+0-9.eE_:]*"
WEIGHTS = re.compile(f"{WEIGHT}(,{WEIGHT})*")


def with_example(fault: str, blend: object, pictures: int) -> str:
    """A fault of the weights of so many pictures, with an example where the weights are a list."""
    if isinstance(blend, list) and 1 < pictures <= MOST_IN_EXAMPLE:
        return f"{fault}, for example {OF_WEIGHTS} 3{' 1' * (pictures - 1)}"
    return fault


class Parser(argparse.ArgumentParser):
    """An ArgumentParser whose mistakes are NstErrors and whose help keeps its line breaks."""

    in_short: tuple[str, ...] = ()  # titles of the groups that --help shows; all, if none is named

    def __init__(self, **options: Any):
        options.setdefault("formatter_class", argparse.RawDescriptionHelpFormatter)
        options.setdefault("allow_abbrev", False)
        super().__init__(**options)

    def format_help(self, all_groups: bool = False) -> str:
        """The text of --help, or with `all_groups` that of --help-all."""
        groups = self._action_groups
        if self.in_short and not all_groups:
            self._action_groups = [group for group in groups if group.title in self.in_short]
        try:
            return super().format_help()
        finally:
            self._action_groups = groups

    def parse_known_args(self, args: Any = None, *more: Any, **options: Any) -> Any:
        """Refuse unknown options here: the verb's own parser knows which options are near."""
        words = list(sys.argv[1:] if args is None else args)
        if OF_WEIGHTS in self._option_string_actions:
            words = _with_weights_joined(words)
        namespace, unknown = super().parse_known_args(words, *more, **options)
        if unknown:
            option = unknown[0].split("=")[0]
            for old, new in RENAMED_SETTINGS.items():
                if option == flag(old):
                    self.error(f"{option} is now called {flag(new)}")
            known = [name for action in self._actions for name in action.option_strings]
            hint = nearest(option, known) if option.startswith("-") else ""
            self.error(f"unrecognized arguments: {' '.join(unknown)}", hint)
        return namespace, unknown

    def error(self, message: str, hint: str = "") -> NoReturn:
        if len(message) > LONGEST:
            message = f"{message[:LONGEST]}..."
        raise NstError(one_line(f"{message}{hint} (see {self.prog} --help)"))

    def _check_value(self, action: argparse.Action, value: Any) -> None:
        if action.choices is not None and value not in action.choices:
            names = [str(choice) for choice in action.choices]
            message = f"{shown(value)} is not one of {', '.join(names)}{nearest(value, names)}"
            raise argparse.ArgumentError(action, message)

    def _get_value(self, action: argparse.Action, arg_string: str) -> Any:
        if action.type is Path and CONTROL.search(arg_string):
            what = "holds a line break or another control character: rename the file"
            raise argparse.ArgumentError(action, f"{shown(arg_string)} {what}")
        return super()._get_value(action, arg_string)


def _with_weights_joined(words: Iterable[str]) -> list[str]:
    """The words of a command line with `--blend 3 1` as `--blend=3,1`."""
    joined: list[str] = []
    for word in words:
        last = joined[-1] if joined else ""
        if last.partition("=")[0] == OF_WEIGHTS and WEIGHTS.fullmatch(word):
            joined[-1] += f"{',' if '=' in last else '='}{word}"
        else:
            joined.append(word)
    return joined


class HelpAll(argparse.Action):
    """Print the help with all groups of options."""

    def __init__(self, option_strings: Sequence[str], dest: str, help: str):
        super().__init__(option_strings, argparse.SUPPRESS, nargs=0, help=help)

    def __call__(self, parser: argparse.ArgumentParser, *_: Any) -> None:
        print(parser.format_help(all_groups=True), end="")  # pyright: ignore[reportCallIssue]: of Parser
        parser.exit()


def value_of(kind: Any) -> Callable[[str], Any]:
    """An argparse type that reads a value of a kind of `nst.config.values`."""

    def parse(text: str) -> Any:
        try:
            return kind.parse(text)
        except NstError as error:
            raise argparse.ArgumentTypeError(str(error)) from None

    return parse
