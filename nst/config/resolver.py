"""Resolves the settings of the cells of a config; mistakes in them become its faults."""

from collections.abc import Mapping
from typing import Any

from nst.config.checked_config import Config
from nst.config.picture_paths import picture_fault
from nst.config.recipes import clashes, resolve
from nst.config.setting_sets import PICTURES
from nst.config.settings import Settings
from nst.config.yaml_lines import MOST_NAMES, Key
from nst.errors import NstError

Source = tuple[Key, Mapping[str, Any]]  # a part of the config, by its key, and its settings


class Resolver:
    """Resolves the settings of cells, each distinct combination once."""

    def __init__(self, config: Config):
        self.config = config
        self.results: dict[str, tuple[Settings | None, list[tuple[list[str], str]]]] = {}
        # Blends that do not suit styles, by key and number of pictures: with the names of the styles.
        self.blends: dict[tuple[Key, str, int], tuple[Settings, dict[str, None]]] = {}

    def __call__(self, layers: list[Source]) -> Settings | None:
        settings, faults = self._result(layers)
        for names, message in faults:
            self.fault(layers, names, message)
        return None if faults else settings

    def despite_faults(self, layers: list[Source]) -> Settings | None:
        """The settings even if they have faults, for checks that need only a few of them."""
        return self._result(layers)[0]

    def _result(self, layers: list[Source]) -> tuple[Settings | None, list[tuple[list[str], str]]]:
        values: dict[str, Any] = {}
        for _, layer in layers:
            values.update(layer)
        fingerprint = repr(values)
        if fingerprint not in self.results:
            self.results[fingerprint] = self._resolve(values)
        return self.results[fingerprint]

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
        key, name = self._place(layers, names)
        self.config.fault(key, message if name == names[0] else f"{names[0]}: {message}")

    def fault_of_blend(
        self, layers: list[Source], names: list[str], settings: Settings, style: str, pictures: int
    ) -> None:
        """Remember a blend that does not suit a style, for `fault_blends`."""
        place = (*self._place(layers, names), pictures)
        self.blends.setdefault(place, (settings, {}))[1][style] = None

    def fault_blends(self) -> None:
        """Note the blends that do not suit styles, each once for all styles alike."""
        for (key, name, pictures), (settings, styles) in self.blends.items():
            several, more = len(styles) > 1, ", ..." if len(styles) > MOST_NAMES else ""
            noun = f"the style{'s' * several} {', '.join(list(styles)[:MOST_NAMES])}{more}"
            fault = settings.blend_fault(pictures, noun)
            if isinstance(settings.blend, list) and len(settings.blend) == 1:
                fault += "; several blends are a list of lists, [[3, 1], [1, 3]]"
            self.config.fault(key, fault if name == "blend" else f"blend: {fault}")

    def _place(self, layers: list[Source], names: list[str]) -> tuple[Key, str]:
        """The key that set the first of `names` that the config has, and that name."""
        for name in names:
            for key, layer in reversed(layers):
                if name in layer:
                    if key == ("grid",):
                        index = self.config.axes[name].index(layer[name])
                        key = self.config.axis_keys[name][index]
                    else:
                        key = self.config.entry_keys.get((*key, name), (*key, name))
                    return key, name
        return (), ""
