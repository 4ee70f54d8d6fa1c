"""Resolves the settings of the cells of a config; mistakes in them become its faults."""

from collections.abc import Mapping
from typing import Any

from nst.config.checked_config import Config
from nst.config.picture_paths import picture_fault
from nst.config.recipes import clashes, resolve
from nst.config.setting_sets import PICTURES
from nst.config.settings import Settings
from nst.config.yaml_lines import Key
from nst.errors import NstError

Source = tuple[Key, Mapping[str, Any]]  # a part of the config, by its key, and its settings


class Resolver:
    """Resolves the settings of cells, each distinct combination once."""

    def __init__(self, config: Config):
        self.config = config
        self.results: dict[str, tuple[Settings | None, list[tuple[list[str], str]]]] = {}

    def __call__(self, layers: list[Source]) -> Settings | None:
        values: dict[str, Any] = {}
        for _, layer in layers:
            values.update(layer)
        fingerprint = repr(values)
        if fingerprint not in self.results:
            self.results[fingerprint] = self._resolve(values)
        settings, faults = self.results[fingerprint]
        for names, message in faults:
            self.fault(layers, names, message)
        return None if faults else settings

    def _resolve(self, values: dict[str, Any]) -> tuple[Settings | None, list[tuple[list[str], str]]]:
        """The complete settings, and their faults: the settings that may be to blame, a message."""
        try:
            settings = resolve(values)
        except NstError as error:
            return None, [(["recipe"], line) for line in str(error).splitlines()]
        # A layer may be missing because of the layers, of the backbone or of the recipe.
        faults = [
            ([name, "backbone", "recipe"], text) for name, text in clashes(settings, self.config.broken)
        ]
        for name in PICTURES:
            if name not in values and (picture := settings.picture(name)):
                reason = picture_fault(picture)
                faults += [([name, "recipe"], reason)] if reason else []
        return settings, faults

    def fault(self, layers: list[Source], names: list[str], message: str) -> None:
        """Note a fault at the key that set the first of `names` that the config has."""
        for name in names:
            for key, layer in reversed(layers):
                if name in layer:
                    if key == ("grid",):
                        index = self.config.axes[name].index(layer[name])
                        key = self.config.axis_keys[name][index]
                    else:
                        key = (*key, name)
                    self.config.fault(key, message if name == names[0] else f"{names[0]}: {message}")
                    return
        self.config.fault((), f"{names[0]}: {message}")
