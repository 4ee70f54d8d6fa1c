"""`content`: the pictures whose shapes are kept. An entry is a path, or `{picture: path}` with more."""

from collections.abc import Iterator
from typing import Any

from nst.config.checked_config import Config
from nst.config.entries import Said, entries_of, picture
from nst.config.yaml_lines import Key, unknown

# What an entry may say beside its picture, and the setting that it becomes.
SETTINGS = {"mask": "mask", "alpha": "alpha", "regions": "regions"}


def read_contents(config: Config) -> list[Said]:
    """Put the contents into a config; return what their entries say beside the pictures."""
    said: list[Said] = []
    for name, key, entry in entries_of(config, "content"):
        if isinstance(entry, dict):
            said += beside(config, key, "content", name, entry, SETTINGS)
            key, entry = (*key, "picture"), entry.get("picture")
        config.content[name] = picture(config, key, entry)
    return said


def beside(
    config: Config, key: Key, section: str, name: str, entry: dict[Any, Any], settings: dict[str, str]
) -> Iterator[Said]:
    """What an entry with the key `picture` says beside it; unknown keys become faults."""
    for word, value in entry.items():
        if word in settings:
            yield Said((*key, word), section, name, settings[word], value)
        elif word != "picture":
            config.fault((*key, word), unknown(word, ("picture", *settings)))
