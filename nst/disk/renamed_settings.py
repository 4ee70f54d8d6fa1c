"""Settings that had another name or another value before; old records still hold those."""

from collections.abc import Mapping
from typing import Any

# The old name of a setting, and the new one.
RENAMED_SETTINGS = {"first_scale": "first_scale_share", "snapshots": "snapshot_every"}
# The present name of a setting, and its old values with the new ones.
RENAMED_VALUES = {
    "line_search": {"guarded": "backtracking"},
    "scale_start": {"change": "residual", "enlarged": "upsampled"},
    "result": {"last": "last_evaluated", "stepped": "final_iterate"},
}


def renamed_value(setting: str, value: object) -> str | None:
    """The new spelling of a setting's old value; None for a value that was never renamed."""
    return RENAMED_VALUES.get(setting, {}).get(value) if isinstance(value, str) else None


def with_new_names(settings: Mapping[str, Any]) -> dict[str, Any]:
    """The settings of a record in today's names and values; others stay as they are."""
    names = {RENAMED_SETTINGS.get(name, name): value for name, value in settings.items()}
    return {name: renamed_value(name, value) or value for name, value in names.items()}
