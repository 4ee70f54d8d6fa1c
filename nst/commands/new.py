"""Make the folder of a new project: its config, its Snakefile and its profiles."""

import argparse
import os
import re
import shlex
from pathlib import Path

import yaml

from nst.config.picture_paths import exists, path_fault, picture_fault, pictures_now_in
from nst.config.values import derived_name
from nst.disk.files import write_together
from nst.disk.home import expand_home
from nst.disk.packaged import PACKAGE, PROFILES
from nst.errors import NstError
from nst.text import counted, shown
from nst.workflow.environment import link_package

EXAMPLE = "example: nst new my-project --content ~/Photos --style ~/Paintings"
TEMPLATES = PACKAGE / "config/project"
WEIGHTS = 3  # in the template of config.yaml
EXAMPLES = {
    "content": "# content: photos",
    "style": "# style:\n#   waves: paintings/waves.jpg",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `nst new`."""
    parser.add_argument("folder", type=Path, metavar="FOLDER", help="a new folder, or an empty one")
    for section, whose in (("content", "shapes are kept"), ("style", "colours and strokes are taken")):
        parser.add_argument(
            f"--{section}",
            action="extend",
            nargs="+",
            metavar="PATH",
            help=f"the pictures whose {whose}: a folder, a quoted glob, or files",
        )


def run(options: argparse.Namespace) -> None:
    """Write the files of the project, and say what to do next."""
    folder = options.folder
    _refuse_folder(folder)
    named = {"content": options.content or [], "style": options.style or []}
    entries = {section: _entry(section, paths, folder) for section, paths in named.items()}
    counts = {section: sum(len(_pictures(path)) for path in paths) for section, paths in named.items()}
    config = (TEMPLATES / "config.yaml").read_text(encoding="utf-8")
    config = re.sub("^(CONTENT|STYLE)$", lambda found: entries[found[1].lower()], config, flags=re.M)
    texts = {
        "profiles/default/config.yaml": (TEMPLATES / "profile.yaml").read_text(encoding="utf-8"),
        "profiles/slurm/config.yaml": (PROFILES / "slurm/config.yaml").read_text(encoding="utf-8"),
        "config.yaml": config,
        "Snakefile": (TEMPLATES / "Snakefile").read_text(encoding="utf-8"),
    }
    write_together({folder / name: text.encode() for name, text in texts.items()})
    link_package(folder)  # where editors find the schema that config.yaml names
    print(_next_steps(folder, counts))


def _refuse_folder(folder: Path) -> None:
    """Raise NstError for a folder that is not new, or whose path is no good for commands."""
    if fault := path_fault(str(folder)):
        raise NstError(fault)
    try:
        there = sorted(folder.iterdir()) if folder.is_dir() else []
        is_other = os.path.lexists(folder) and not folder.is_dir()
        parent = next(above for above in folder.absolute().parents if os.path.lexists(above))
    except OSError as error:
        raise NstError(f"cannot read {folder}: {error.strerror or error}") from None
    if is_other:
        raise NstError(f"{folder} is not a folder: choose another name")
    if not parent.is_dir():
        raise NstError(f"{folder} cannot be made: {parent} is not a folder")
    if there:
        raise NstError(f"{folder} is not empty (it holds {there[0].name}): name a new folder")


def _entry(section: str, paths: list[str], folder: Path) -> str:
    """The lines of config.yaml that name the pictures, as the user named them."""
    for path in paths:
        _refuse_path(section, path)
    seen = [_seen_from(folder, path) for path in paths]
    if not paths:
        return EXAMPLES[section]
    if len(paths) == 1 and not Path(expand_home(paths[0])).is_file():
        return _yaml({section: seen[0]})
    if folders := [path for path in paths if not Path(expand_home(path)).is_file()]:
        raise NstError(f"--{section} {folders[0]}: name one folder or glob, or several files")
    names = [derived_name(Path(path).stem) for path in paths]
    folded = [name.casefold() for name in names]
    if twice := [name for name in names if folded.count(name.casefold()) > 1]:
        raise NstError(f"--{section}: two pictures have the name {twice[0]!r}: rename one of the files")
    return _yaml({section: dict(zip(names, seen, strict=True))})


def _refuse_path(section: str, path: str) -> None:
    """Raise NstError for a path without pictures."""
    pattern = expand_home(path)
    if fault := path_fault(pattern):
        raise NstError(f"--{section}: {fault}")
    if not exists(pattern):
        raise NstError(f"--{section} {shown(path)} does not exist: check the path")
    if Path(pattern).is_file():
        if fault := picture_fault(pattern):
            raise NstError(f"--{section}: {fault}")
    elif not _pictures(path):
        unread = pictures_now_in(pattern)[1]
        raise NstError(
            f"--{section}: no picture in {shown(path)}{f'; {unread}' if unread else ''}: name a folder"
            " that holds pictures itself, or a quoted glob, for example 'photos/**/*.jpg'"
        )


def _pictures(path: str) -> list[Path]:
    pattern = expand_home(path)
    return [Path(pattern)] if Path(pattern).is_file() else pictures_now_in(pattern)[0]


def _seen_from(folder: Path, path: str) -> str:
    """A path as it is written in a config in the folder: a relative one begins there."""
    if path.startswith("~") or Path(path).is_absolute():
        return path
    return os.path.relpath(os.path.abspath(path), os.path.realpath(folder))  # noqa: PTH100 - no links


def _yaml(data: dict) -> str:
    return yaml.safe_dump(data, allow_unicode=True, sort_keys=False, width=10_000).rstrip()


def _next_steps(folder: Path, counts: dict[str, int]) -> str:
    """Three lines: what the project would make, and the commands."""
    place = shlex.quote(str(folder))
    if all(counts.values()):
        contents, styles = counted(counts["content"], "content"), counted(counts["style"], "style")
        images = counted(counts["content"] * counts["style"] * WEIGHTS, "image")
        product = f"{contents} x {styles} x {WEIGHTS} style weights = {images}"
        first = f"{folder}: {product}; change that in {folder / 'config.yaml'}"
    else:
        missing = " and ".join(section for section, count in counts.items() if not count)
        first = f"{folder}: name your pictures under {missing} in {folder / 'config.yaml'}"
    return (
        f"{first}\n"
        f"next:  cd {place} && snakemake -n  (says how many images, and how long they take)\n"
        f"then:  snakemake --cores 4 --resources gpu=2  (makes them; look at results/index.html)"
    )
