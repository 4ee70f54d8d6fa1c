"""Reads favourites.yaml: the images that a person chose on the page, with notes."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nst.config.yaml_lines import Document, read, unknown
from nst.errors import NstError

FILE = Path("favourites.yaml")
ID = re.compile(r"[^/\s]+/[^/\s]+/[^/\s]+")
LONGEST_ID = 400


@dataclass(frozen=True)
class Favourites:
    """The project that a file names, if any, and the notes of its favourites by the cells' ids."""

    project: str | None
    notes: dict[str, str]


def project_name() -> str:
    """The name of the project in the current folder."""
    return Path.cwd().name or "project"


def read_favourites(path: Path) -> Favourites:
    """The favourites of a file. Raises NstError with the line of the first fault."""
    document = read(path)
    for key in document.data:
        if key not in ("project", "favourites"):
            document.fault((key,), unknown(key, ("project", "favourites")))
    if "favourites" not in document.data:
        raise NstError(f"{path} has no favourites: not a favourites file?")
    project = document.data.get("project")
    notes = _notes(document)
    if document.faults:
        raise NstError(document.faults[0])
    return Favourites(None if project is None else str(project), notes)


def page_favourites() -> dict[str, Any] | None:
    """What the page holds of the project's favourites.yaml; None without one."""
    if not FILE.is_file():
        return None
    try:
        favourites = read_favourites(FILE)
    except NstError as error:
        return {"fault": str(error)}
    entries = [{"id": name, "note": note} for name, note in favourites.notes.items()]
    return {"project": favourites.project, "entries": entries}


def _notes(document: Document) -> dict[str, str]:
    items = document.data["favourites"]
    if items is not None and not isinstance(items, list):
        document.refuse(("favourites",), items, "a list of favourites")
        return {}
    notes: dict[str, str] = {}
    for index, item in enumerate(items or ()):
        key = ("favourites", index)
        fields = {"cell": item} if isinstance(item, str) else item
        if not isinstance(fields, dict) or not _is_id(fields.get("cell")):
            document.refuse(key, item, "an image: write cell: content/style/variant")
            continue
        for name in fields.keys() - {"cell", "note"}:
            document.fault((*key, name), unknown(name, ("cell", "note")))
        note = fields.get("note")
        if not isinstance(note, str | int | float | None) or isinstance(note, bool):
            document.refuse((*key, "note"), note, "text: put it in quotes")
            continue
        text = "" if note is None else str(note).rstrip()
        before = notes.get(fields["cell"], "")
        both = before and text and f"\n{text}\n" not in f"\n{before}\n"
        notes[fields["cell"]] = f"{before}\n{text}" if both else before or text
    return notes


def _is_id(value: object) -> bool:
    return isinstance(value, str) and len(value) <= LONGEST_ID and bool(ID.fullmatch(value))
