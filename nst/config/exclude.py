"""`exclude`: the cells that a config leaves out of the product of contents, styles and axes."""

from collections.abc import Sequence
from fnmatch import fnmatchcase

from nst.config.checked_config import Config
from nst.text import nearest, shown

FORM = "content/style or content/style/variant, where * stands for any characters"


class Exclusions:
    """The patterns of `exclude`, checked against the names of a grid; mistakes become faults."""

    def __init__(self, config: Config, variants: Sequence[str]):
        value = config.data.get("exclude")
        patterns = [value] if isinstance(value, str) else value or []
        self.patterns: list[tuple[str, ...]] = []
        if not isinstance(patterns, list):
            config.fault(("exclude",), f"{shown(patterns)} is not a list of patterns: {FORM}")
            patterns = []
        names = [list(config.content), list(config.style), variants]
        for number, pattern in enumerate(patterns):
            key = ("exclude", number) if isinstance(value, list) else ("exclude",)
            parts = tuple(pattern.split("/")) if isinstance(pattern, str) else ()
            if len(parts) not in (2, 3):
                config.fault(key, f"{shown(pattern)} is not {FORM}")
            elif fault := _unmatched(pattern, parts, names, "grid" in config.broken):
                config.fault(key, fault)
            else:
                self.patterns.append(parts)

    def match(self, content: str, style: str, variant: str) -> bool:
        """Whether a cell is left out."""
        names = content, style, variant
        return any(
            all(fnmatchcase(name, part) for name, part in zip(names, parts, strict=False))
            for parts in self.patterns
        )


def _unmatched(
    pattern: str, parts: Sequence[str], names: Sequence[Sequence[str]], is_grid_broken: bool
) -> str:
    """Why a pattern matches no cell, with the nearest name; "" if it does."""
    for kind, part, known in zip(("content", "style", "variant"), parts, names, strict=False):
        known_to_be_all = known and not (kind == "variant" and is_grid_broken)
        if known_to_be_all and not any(fnmatchcase(name, part) for name in known):
            hint = nearest(part, known) or f" (there is {shown(known[0])}, for example)"
            return f"{shown(pattern)} matches no image: no {kind} {shown(part)}{hint}"
    return ""
