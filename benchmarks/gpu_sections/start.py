"""What comes before the second evaluation of a job, in parts, and what the preload server saves."""

import subprocess
import sys
import tempfile
import time
from pathlib import Path

SHORT = 4  # evaluations of a transfer that is nearly all start-up


def start(options) -> None:
    """seconds of a job until its evaluations run, in parts; short jobs by the preload server"""
    from gpu_sections.common import called, timed

    python = timed(lambda: called(["python", "-c", ""]))
    rows = called(
        [
            *("python", "-m", "gpu_sections.start", options.device, str(options.weights)),
            *(options.backbone, str(options.size)),
        ]
    )
    print(f"{'python':<36}{python:>8.2f} s")
    print(rows, flush=True)
    served(options)


def served(options) -> None:
    """Seconds of short transfers: each with its own torch, then by the server of the workflow."""
    from gpu_sections.common import called, command, is_over, timed
    from nst.workflow import preload_server

    with tempfile.TemporaryDirectory() as name:
        words = command(options, Path(name), "x", "--evaluations", str(SHORT))
        alone = min(timed(lambda: called(words, NST_PRELOADED="off")) for _ in range(2))
        print(f"{f'a transfer of {SHORT} evaluations':<36}{alone:>8.2f} s", flush=True)
        server = preload_server.start()
        if server is None or is_over(options, 3 * alone):
            print("no preload server")
            return
        first, *later = (timed(lambda: called(words)) for _ in range(3))
        print(f"{'the same by the preload server':<36}{min(later):>8.2f} s (its first {first:.2f} s)")
        stop(server)


def stop(server: subprocess.Popen) -> None:
    server.terminate()
    server.wait()


def main() -> None:
    """Start as a job does, and print the seconds of every part."""
    name, weights, backbone, size = sys.argv[1:]
    watch = Watch()
    import torch

    watch.part("import torch")
    import nst.transfer.run  # noqa: F401

    watch.part("import nst.transfer.run")
    device = torch.device(name)
    from gpu_sections.common import chosen, pictures, wait_for

    torch.zeros(1, device=device)
    wait_for(device)
    watch.part("CUDA context")
    from nst.config.layers import cut
    from nst.engine.backbone import Backbone, best_precision
    from nst.engine.captured import is_worth_it
    from nst.engine.descent import Descent
    from nst.engine.objective import Objective, Style
    from nst.transfer.state_dict import read_state

    options = type("Options", (), {"backbone": backbone})
    settings = chosen(options, "gatys", int(size))
    content, style = pictures(int(size), device)
    wait_for(device)
    watch.part("both pictures")
    tensors = read_state(Path(weights), backbone, cut(backbone, settings.layers()))
    network = Backbone(settings, tensors, best_precision(device), device)
    wait_for(device)
    watch.part("weights")
    objective = Objective(network, settings, content, [Style(style)])
    wait_for(device)
    watch.part("targets (kernels are loaded)")
    descent = Descent(settings, objective, content, is_first=True, say=print)
    captures = is_worth_it(descent.optimizer.x)
    for part in ("first evaluation", "second, with the capture" if captures else "second", "third"):
        *_, gradient = descent.evaluate()
        wait_for(device)
        watch.part(part)
        descent.step(gradient)
        wait_for(device)
        watch.part(f"step after the {part.partition(',')[0]}")


class Watch:
    """Prints the seconds since the part before."""

    def __init__(self):
        self.since = time.perf_counter()

    def part(self, name: str) -> None:
        print(f"{name:<36}{time.perf_counter() - self.since:>8.2f} s", flush=True)
        self.since = time.perf_counter()


if __name__ == "__main__":
    main()
