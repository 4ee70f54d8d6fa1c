"""The arguments of a command line: how they are read, and refused in one line."""

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any

from nst.errors import NstError
from nst.text import CONTROL, nearest, one_line, shown

LONGEST = 400  # characters of what somebody typed, in a message


class Parser(argparse.ArgumentParser):
    """argparse that refuses as everything else here does, and knows the nearest option."""

    def error(self, message: str) -> None:
        marker = "unrecognized arguments: "
        hint = ""
        if marker in message:
            wrong = message.split(marker)[1].split()[0].split("=")[0]
            known = [option for action in self._walk() for option in action.option_strings]
            hint = nearest(wrong, known) if wrong.startswith("-") else ""
        if len(message) > LONGEST:
            message = f"{message[:LONGEST]}..."
        raise NstError(one_line(f"{message}{hint} (see {self.prog} --help)"))

    def _check_value(self, action: argparse.Action, value: str) -> None:
        if action.choices is not None and value not in action.choices:
            known = ", ".join(action.choices)
            hint = nearest(value, action.choices)
            raise argparse.ArgumentError(action, f"{shown(value)} is not one of {known}{hint}")

    def _get_value(self, action: argparse.Action, text: str) -> Any:
        if action.type is Path and CONTROL.search(text):
            what = "holds a line break or another control character: rename the file"
            raise argparse.ArgumentError(action, f"{shown(text)} {what}")
        return super()._get_value(action, text)

    def _walk(self):
        for action in self._actions:
            yield action
            if isinstance(action, argparse._SubParsersAction):
                for parser in action.choices.values():
                    yield from parser._actions


def value_of(kind: Any) -> Callable[[str], Any]:
    """What reads an argument as a value of a kind of `nst.values`, refused under the option's name."""

    def parse(text: str) -> Any:
        try:
            return kind.parse(text)
        except NstError as error:
            raise argparse.ArgumentTypeError(str(error)) from None

    return parse
