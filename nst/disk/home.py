"""The user's home, which no record or page names: the path of what lies there begins with `~/`."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any


def from_home(data: Any) -> Any:
    """Data, each text in which names what lies in the home folder by `~/`."""
    home = _home()
    return _mapped(data, lambda text: _moved(text, home, "~")) if home else data


def in_full(data: Any) -> Any:
    """Data with the home folder in place of each `~/` that a text begins with; undoes `from_home`."""
    home = _home()
    return _mapped(data, lambda text: _moved(text, "~", home)) if home else data


def _home() -> str:
    """The path of the home folder; nothing if there is none, or if all paths would lie in it."""
    try:
        home = Path.home()
    except RuntimeError:  # a user without an entry or HOME, as in some containers
        return ""
    return str(home) if home.is_absolute() and home.name else ""


def _moved(text: str, old: str, new: str) -> str:
    return new + text[len(old) :] if text.startswith(f"{old}/") else text


def _mapped(data: Any, change: Callable[[str], str]) -> Any:
    """Data with its texts changed, down to the last; keys stay."""
    if isinstance(data, str):
        return change(data)
    if isinstance(data, Mapping):
        return {name: _mapped(value, change) for name, value in data.items()}
    if isinstance(data, list | tuple):
        return [_mapped(value, change) for value in data]
    return data
