"""Settings as command-line options."""

from collections.abc import Mapping
from typing import Any

from nst.config.settings import KINDS, flag
from nst.disk.home import expand_home


def flags(values: Mapping[str, Any]) -> list[str]:
    """The command-line options that set these values, with full paths."""
    pairs = ((flag(name), expand_home(KINDS[name].text(value))) for name, value in values.items())
    return [word for pair in pairs for word in pair]
