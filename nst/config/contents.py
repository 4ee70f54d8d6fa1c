"""`content`: the pictures whose shapes are kept. An entry is a path, or `{picture: path}` with more."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from nst.config.checked_config import Config
from nst.config.entries import Said, entries_of, picture
from nst.config.picture_paths import is_folder
from nst.config.yaml_lines import Key, unknown
from nst.text import shown

# What an entry may say beside its picture, and the setting that it becomes.
SETTINGS = {"mask": "mask", "alpha": "alpha", "regions": "regions"}


def read_contents(config: Config) -> list[Said]:
    """Put the contents into a config; return what their entries say beside the pictures."""
    said: list[Said] = []
    for name, key, entry in entries_of(config, "content"):
        if isinstance(entry, dict):
            faults = len(config.faults)
            said += beside(config, key, "content", name, entry, SETTINGS)
            if "picture" not in entry:
                if len(config.faults) == faults:
                    config.fault(key, f"{shown(entry)} names no picture: write {{picture: path}}")
                config.content[name] = Path()
                continue
            key, entry = (*key, "picture"), entry["picture"]
        if isinstance(entry, list):
            config.fault(key, f"{shown(entry)} is not one picture: give each a name of its own")
            config.content[name] = Path()
        elif isinstance(entry, str) and is_folder(entry):
            text = f"{shown(entry)} is a folder: `content: {entry}` at the top makes a content of each"
            config.fault(key, f"{text} picture")
            config.content[name] = Path()
        else:
            config.content[name] = picture(config, key, entry)
    return said


def beside(
    config: Config,
    key: Key,
    section: str,
    name: str,
    entry: dict[Any, Any],
    settings: dict[str, str],
    others: tuple[str, ...] = ("picture",),
) -> Iterator[Said]:
    """What an entry says beside its picture; keys that are neither these nor `others` become faults."""
    for word, value in entry.items():
        if word in settings:
            yield Said((*key, word), section, name, settings[word], value)
        elif word not in others:
            config.fault((*key, word), unknown(word, (*others, *settings)))
