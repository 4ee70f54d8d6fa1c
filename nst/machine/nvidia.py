"""What nvidia-smi says about the GPUs of this machine."""

import re
import shutil
import subprocess
from collections.abc import Mapping, Sequence

# "GPU 0: NVIDIA H200 (UUID: GPU-032e9aed-...)", then a line for each MIG slice of it.
LINE = re.compile(r"^(?:GPU (\d+):|\s+MIG ).*\(UUID: ((?:GPU|MIG)-[A-Za-z0-9/-]+)\)", re.MULTILINE)
WSL = "/usr/lib/wsl/lib/nvidia-smi"  # where Windows puts it, which not every PATH has
MOST_WORDS = 200  # characters of what nvidia-smi says
WHOLE = len("GPU-032e9aed-3a4c-f8ab-f05e-34101ee055a7")


def devices() -> tuple[str, ...]:
    """The UUIDs of the GPUs; of their MIG slices where they are cut up."""
    return tuple(uuid for slices in _gpus().values() for uuid in slices)


def uuids(ids: Sequence[str]) -> tuple[str, ...]:
    """Indices and beginnings of UUIDs as UUIDs; an id that nvidia-smi does not know as it is."""
    if all(is_uuid(name) and len(name) >= WHOLE for name in ids):
        return tuple(ids)  # nvidia-smi may take a second
    gpus = _gpus()
    return tuple(_uuid(name, gpus) for name in ids)


def is_uuid(name: str) -> bool:
    """Whether a name means the same device in every process of this machine."""
    return name.startswith(("GPU-", "MIG-"))


def _uuid(name: str, gpus: Mapping[str, list[str]]) -> str:
    if name in gpus:
        return gpus[name][0]  # CUDA takes the first slice of a GPU that is cut up
    known = [uuid for slices in gpus.values() for uuid in slices]
    # CUDA takes the beginning of a UUID for the whole.
    matches = [uuid for uuid in known if is_uuid(name) and uuid.startswith(name)]
    return matches[0] if len(matches) == 1 else name


def _gpus() -> dict[str, list[str]]:
    """By index, the UUID of every GPU, or those of its MIG slices: it can be used in slices only."""
    gpus: dict[str, list[str]] = {}
    for index, uuid in LINE.findall(_listing()):
        if index:
            gpus[index] = [uuid]
        elif gpus:
            last = list(gpus)[-1]
            gpus[last] = [*(name for name in gpus[last] if name.startswith("MIG-")), uuid]
    return gpus


def fault() -> str:
    """Why nvidia-smi lists no GPU although it is installed, in its own words; else nothing."""
    done = _run()
    if done is None or LINE.search(done.stdout):
        return ""
    words = " ".join((done.stdout + done.stderr).split())
    return f"nvidia-smi: {words[:MOST_WORDS] or f'exit status {done.returncode}'}"


def _listing() -> str:
    done = _run()
    return done.stdout if done else ""


def _run() -> subprocess.CompletedProcess[str] | None:
    """What `nvidia-smi -L` prints; None where it is not installed or does not answer."""
    program = shutil.which("nvidia-smi") or WSL
    try:
        return subprocess.run(
            [program, "-L"], capture_output=True, text=True, timeout=20, stdin=subprocess.DEVNULL
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
