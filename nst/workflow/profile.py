"""The profile of a project's own, which says what that of the installed workflow says."""

from typing import Any

from nst.disk.packaged import PROFILES


def default_profile() -> dict[str, Any]:
    """What profiles/default of this nst-grid says, computed for this environment."""
    from yte import process_yaml  # comes with Snakemake, which computes profiles by it

    text = (PROFILES / "default/config.yaml").read_text(encoding="utf-8")
    return dict(process_yaml(text) or {})
