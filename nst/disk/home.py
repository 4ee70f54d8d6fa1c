"""The home folder is written as `~/`, so that no record or page names the user."""
# ruff: noqa: PTH111 - these are texts that must stay as they were written, which Path does not promise

import os
from collections.abc import Callable, Mapping
from typing import Any


def abbreviate_home(data: Any) -> Any:
    """Data in which every text that begins with the home folder begins with `~/`; keys stay."""
    home = os.path.expanduser("~").rstrip("/")
    if not home.startswith("/"):  # no home, or the root folder, which would abbreviate every path
        return data
    return _map_texts(
        data, lambda text: f"~{text[len(home) :]}" if text.startswith(f"{home}/") else text
    )


def expand_home(data: Any) -> Any:
    """Data in which every text that begins with `~/` begins with the home folder; keys stay."""
    # `~user/` is left alone: expanduser would look the user up.
    return _map_texts(data, lambda text: os.path.expanduser(text) if text.startswith("~/") else text)


def _map_texts(data: Any, change: Callable[[str], str]) -> Any:
    if isinstance(data, str):
        return change(data)
    if isinstance(data, Mapping):
        return {name: _map_texts(value, change) for name, value in data.items()}
    if isinstance(data, list | tuple):
        return [_map_texts(value, change) for value in data]
    return data
