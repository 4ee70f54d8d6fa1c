"""`content` and `style`: their entries by name, and what entries say beside their pictures.

A section is a mapping from name to entry, or a folder or a glob, each picture of which is an entry.
What an entry says beside its pictures becomes settings of that content or style alone.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from nst.config import picture_paths
from nst.config.checked_config import Config
from nst.config.setting_sets import PICTURE_ENDINGS
from nst.config.values import derived_name, is_safe, safe_name
from nst.config.yaml_lines import Key
from nst.disk.home import expand_home
from nst.text import one_line, shown


class Said(NamedTuple):
    """A setting that an entry asks for: where it says so, and the value as it is written."""

    key: Key
    section: str
    name: str
    setting: str
    value: Any


def entries_of(config: Config, section: str) -> Iterator[tuple[str, Key, Any]]:
    """The name of each entry of a section, its key, and its value; mistakes become faults."""
    what = "a mapping `name: picture`, a folder or a glob"
    value = expand_home(config.data.get(section))
    if section not in config.data:
        config.fault((), f"{section}: is missing: give {what}")
        entries, way_out = [], ""
    elif isinstance(value, str):
        files = pictures_of(config, (section,), value, HOW_TO_BLEND.get(section, ""))
        entries = [(derived_name(path.stem), (section,), path) for path in files]
        config.labels[section] = {name: picture_paths.label_of(path) for name, _, path in entries}
        way_out = "rename one, or list the pictures as a mapping `name: picture`"
    else:
        table = config.table((section,), value, what)
        entries = [(name, (section, name), entry) for name, entry in table.items()]
        way_out = "give them different names"
    folded: dict[str, object] = {}  # some file systems do not tell upper from lower case
    for name, key, entry in entries:
        if name.casefold() in folded:
            two = f"{shown(str(folded[name.casefold()]))} and {shown(str(entry))}"
            config.fault(key, f"{shown(name)} names two pictures, {two}: {way_out}")
        folded.setdefault(name.casefold(), entry)
        if fault := name_fault(name):
            config.fault(key, fault)
        yield name, key, entry


HOW_TO_BLEND = {"style": "; for one style of all pictures of a folder, give it a name: `monet: works/`"}


def pictures_of(config: Config, key: Key, pattern: str, hint: str = "") -> list[Path]:
    """The pictures of a folder or a glob; a notice of files that are not read, a fault if all are."""
    paths, unread = config.listings[pattern] = picture_paths.pictures_in(pattern)
    if not paths:
        endings = ", ".join(PICTURE_ENDINGS)
        missing = "" if picture_paths.exists(pattern) else ", which does not exist"
        others = f"; {unread}" if unread else ""
        lack = f"no picture in {shown(pattern)}{missing}{others}"
        if picture_paths.matches_nothing(pattern):
            lack, hint = f"no file matches {shown(pattern)}", ""
        message = f"{lack} (pictures end in {endings}){hint}"
        config.fault(key, message)
    elif unread:
        count = f"{len(paths)} picture{'s' * (len(paths) > 1)}"
        config.notices.append(one_line(f"{pattern}: {count}; {unread}"))
    return paths


def picture(config: Config, key: Key, path: object) -> Path:
    """The path of one picture; a fault for one that cannot be used."""
    if fault := picture_paths.picture_fault(path, config.sizes):
        config.fault(key, fault)
    return Path(str(path))


def name_fault(name: str) -> str:
    """Why a name cannot be part of a file name on every system, or ""."""
    if is_safe(name):
        return ""
    return (
        f"{shown(name)} is not safe as a file name on every system: use up to 64 letters, digits, '.',"
        f" '_' or '-', a letter or digit first, for example `{safe_name(name)}: path`"
    )


def note_settings(config: Config, said: Iterable[Said]) -> None:
    """Note the settings that entries ask for; an axis of the grid may not be set here as well."""
    for one in said:
        if one.setting in config.axes:
            config.fault(
                one.key, f"sets {one.setting}, an axis of `grid` already; remove one of the two"
            )
        elif (parsed := config.value(one.key, one.setting, one.value)) is not None:
            config.entry_settings[one.section].setdefault(one.name, {})[one.setting] = parsed
            config.entry_keys[one.section, one.name, one.setting] = one.key
