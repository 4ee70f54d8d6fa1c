"""What an evaluation and a step ask of the device: kernels, launches, copies and waits."""

import os
import time
from collections import Counter

import torch
from torch.autograd import DeviceType
from torch.profiler import ProfilerActivity, profile

from gpu_sections.common import is_over, loaded, wait_for
from nst.engine.captured import SWITCH
from nst.engine.objective import Style
from nst.engine.stages import Stage, optimize

# `cudaDeviceSynchronize` is left out: the profiler calls it, nst does not.
WAITS = ("cudaStreamSynchronize", "cudaEventSynchronize")
LAUNCHES = ("cudaLaunch", "cuLaunch", "cudaGraphLaunch")
WARM, TIMED = 6, 20  # evaluations before anything is counted, and those that are timed
COLUMNS = ("kernels", "launches", "copies", "waits", ".item()", "busy ms")


def waits(options) -> None:
    """what one evaluation and one step ask of the device; with captured graphs and without"""
    print(f"{'recipe':<10}{'size':>6}{'graphs':>8}{'of':>12}" + "".join(f"{c:>10}" for c in COLUMNS))
    sizes = sorted({min(options.sizes), options.size})
    for recipe, size in [*(("gatys", size) for size in sizes), ("crowson", options.size)]:
        for graphs in ("on", "off"):
            if is_over(options):
                return
            counted(options, recipe, size, graphs)


def counted(options, recipe: str, size: int, graphs: str) -> None:
    """Print the counts of one evaluation and of the step after it, and the pace without a profiler."""
    os.environ[SWITCH] = graphs
    device = torch.device(options.device)
    backbone, settings, content, style = loaded(options, recipe, size, "auto", device)
    watch = Watch(device)
    stages = [Stage(content, (Style(style),), content, WARM + TIMED + 4)]
    optimize(
        backbone, settings, stages, watch.on_evaluation, watch.on_step, say=lambda text: print(text)
    )
    head = f"{recipe:<10}{size:>6}{graphs:>8}"
    for name, events in watch.found.items():
        numbers = "".join(f"{number:>10}" for number in counts(events))
        print(f"{head}{name:>12}{numbers}", flush=True)
    print(f"{head}{'both':>12}   {1000 * watch.seconds / TIMED:.2f} ms without a profiler", flush=True)
    if graphs == "off":
        for name, (spent, times) in longest(watch.found["evaluation"]):
            print(f"    {name[:70]:<72}{spent:>8.3f} ms x {times}")


class Watch:
    """Times some evaluations with their steps, and profiles the evaluation and the step after those."""

    def __init__(self, device: torch.device):
        self.device, self.done, self.seconds, self.found = device, 0, 0.0, {}
        self.profiler: profile | None = None

    def on_step(self, state: object) -> None:
        self.done += 1
        self.stop("step")
        if self.done in (WARM, WARM + TIMED):
            wait_for(self.device)
            self.seconds = time.perf_counter() - self.seconds
        # The first profile of a process is of its own preparations, too.
        if self.done in (WARM + TIMED, WARM + TIMED + 1):
            self.begin()

    def on_evaluation(self, row: object, image: object) -> None:
        self.stop("evaluation")
        if self.done in (WARM + TIMED, WARM + TIMED + 1):
            self.begin()

    def begin(self) -> None:
        wait_for(self.device)
        activities = [ProfilerActivity.CPU]
        activities += [ProfilerActivity.CUDA] if self.device.type == "cuda" else []
        self.profiler = profile(activities=activities)
        self.profiler.start()

    def stop(self, name: str) -> None:
        if self.profiler is not None:
            wait_for(self.device)
            self.profiler.stop()
            self.found[name] = list(self.profiler.events() or [])
            self.profiler = None


def counts(events) -> list[str]:
    """The columns of one profile."""
    host = Counter(event.name for event in events if event.device_type == DeviceType.CPU)
    device = on_device(events)
    kernels = [event for event in device if not event.name.startswith(("Memcpy", "Memset"))]
    copies = [event for event in device if event.name.startswith("Memcpy")]
    launches = sum(number for name, number in host.items() if name.startswith(LAUNCHES))
    waited = sum(host[name] for name in WAITS)
    busy = sum(event.time_range.elapsed_us() for event in device) / 1000
    numbers = (len(kernels), launches, len(copies), waited, host["aten::_local_scalar_dense"])
    return [*map(str, numbers), f"{busy:.2f}"]


def on_device(events):
    """Kernels and copies, without the names that programs give to parts of their time."""
    return [
        event
        for event in events
        if event.device_type == DeviceType.CUDA and not getattr(event, "is_user_annotation", False)
    ]


def longest(events):
    """The six kernels (on a CPU: operations) that take most of the time: ms and how often."""
    spent: dict[str, list[float]] = {}
    kernels = on_device(events)
    for event in kernels or events:
        took = event.time_range.elapsed_us() if kernels else event.self_cpu_time_total
        total = spent.setdefault(event.name, [0.0, 0])
        total[0], total[1] = total[0] + took / 1000, total[1] + 1
    return sorted(spent.items(), key=lambda item: -item[1][0])[:6]
