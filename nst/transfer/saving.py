"""When the state of a transfer is saved: now and then, and when it is stopped or fails."""

import os
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import torch

from nst.config.values import Number
from nst.disk import log_end
from nst.errors import NstError
from nst.machine import signals
from nst.text import one_line
from nst.transfer.checkpoint import Unusable, read_checkpoint, write_checkpoint

TIME_SHARE = 0.01  # of a transfer's time that writing checkpoints may take
VARIABLE = "NST_CHECKPOINT_SECONDS"  # the least time between two checkpoints
INTERVAL = 20.0  # its default
FAILURES = (NstError, MemoryError, RuntimeError)  # a full disk, a GPU that failed
RESUMES, LOST = "the same command resumes there", "nothing was saved"


class Saver:
    """The checkpoint of one transfer: read once, written now and then, removed at the end.

    How long a write takes is known after the first; from then on writes take no more than TIME_SHARE
    of the time, whatever the disk. Without a path nothing is ever saved.
    """

    def __init__(self, path: Path | None, key: str, say: Callable[[str], None]):
        self.path, self.key, self.say = path, key, say
        self.latest: Callable[[], Any] | None = None  # makes the state to be written next
        self.evaluation = 0  # of that state
        self.interval = _interval(os.environ)
        self.due = time.monotonic() + self.interval
        self.removed, self.last_failure = False, ""
        self.lock = threading.Lock()  # held by whoever writes, or ends the process

    def load(self, device: torch.device) -> Any:
        """The saved state, its tensors on a device; None where there is none that can be used."""
        if self.path is None or not self.path.exists():
            return None
        try:
            return read_checkpoint(self.path, self.key, device)
        except Unusable as reason:
            self.ignore(str(reason))
            return None

    def ignore(self, reason: str) -> None:
        """Say that the transfer starts at the beginning, and why."""
        self.latest = None
        self.say(f"note: {self.path} {reason}: it is ignored, starting at the beginning")

    def offer(self, evaluation: int, state: Callable[[], Any]) -> None:
        """Remember how to make the state after an evaluation; write it if a checkpoint is due.

        A checkpoint that cannot be written is no reason to stop.
        """
        if self.path is None:
            return  # a kept state would keep its tensors
        self.latest, self.evaluation = state, evaluation
        start = time.monotonic()
        if start < self.due:
            return
        try:
            with self.lock:
                self._save(durable=True)
        except FAILURES as error:
            if self.last_failure != str(error):  # a full disk stays full: say it once
                self.say(f"note: no checkpoint: {one_line(str(error))}")
            self.last_failure = str(error)
        end = time.monotonic()
        self.due = end + max(self.interval, (end - start) / TIME_SHARE)

    @contextmanager
    def saving_when_stopped(self) -> Iterator[None]:
        """Within, a stop signal saves the state and ends the process; an NstError saves it, too."""
        if self.path is None:
            yield
            return
        with signals.answered(self._stop):
            try:
                yield
            except NstError as error:
                with self.lock:
                    saved = self.save_last()
                raise NstError("; ".join(filter(None, [str(error), saved]))) from None

    def _stop(self, number: int) -> None:
        """Save the state and end this process for a signal, unless the outputs are written already."""
        with self.lock:
            if self.removed:
                return
            saved = self.save_last() or log_end.NOTHING_YET
            words = log_end.stopped_by(number, saved)
            self.say(log_end.failed(words) if saved.startswith(LOST) else words)
            os._exit(128 + number)

    def save_last(self) -> str:
        """Save the latest state before the end; what was saved, as the end of a sentence."""
        failure = ""
        try:
            if self._save():
                return f"saved at evaluation {self.evaluation}: {RESUMES}"
        except Exception as error:  # nothing may keep the process from ending
            failure = one_line((str(error) or type(error).__name__).splitlines()[0])
        if self.path and self.path.is_file():
            return f"the checkpoint of before is kept ({failure or 'no evaluation since'}): {RESUMES}"
        return failure and f"{LOST}: {failure}"

    def _save(self, durable: bool = False) -> bool:
        """Write the latest state; whether there is any. The lock must be held."""
        if self.latest is None or self.path is None:
            return False
        write_checkpoint(self.path, self.key, self.latest(), durable)
        return True

    @contextmanager
    def finishing(self) -> Iterator[None]:
        """Within, no stop signal ends the process; after it the checkpoint is gone."""
        with self.lock if self.path else signals.ignored():
            yield
            self.latest, self.removed = None, True
            if self.path:
                with suppress(OSError):
                    self.path.unlink()


def _interval(environment: Mapping[str, str]) -> float:
    text = environment.get(VARIABLE, str(INTERVAL))
    try:
        return Number(0, 86400).parse(text)
    except NstError as error:
        raise NstError(f"{VARIABLE}: {error}") from None
