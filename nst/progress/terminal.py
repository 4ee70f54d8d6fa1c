"""What a run prints: a line that renews itself on a terminal, now and then a line elsewhere.

All that Snakemake says is in its log file. A person is told what was made and is under way, what
failed and why, and Snakemake's own errors.
"""

import os
import sys
import threading
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from logging import INFO, WARNING, LogRecord
from typing import Any

from nst.progress.job_errors import failures_in, is_known
from nst.progress.line import SILENT, Progress, progress_line, read_progress
from nst.results.metrics import NETWORKS
from nst.results.page_paths import PAGE
from nst.text import counted

TICK = 1  # seconds between two looks at the progress
FIRST_PAUSE, LAST_PAUSE = 120, 600  # seconds between two lines where none renews itself: in the first
PAUSE_SHARE = 0.1  # ... minutes, and at last; in between this share of the time that has passed
COLUMNS = 80  # of a terminal that does not say
LEAST_PAUSE = 10  # also between milestones: the first image, and every quarter of them
MAKERS = ("transfer", "print")  # the rules that make images
AGGREGATES = ("measure", "table", "sheet", "curves", "summary", "gallery")
# Before Snakemake runs jobs it may do something else, such as a report; only this is left out of it.
PREAMBLE = ("Building DAG of jobs", "Assuming unrestricted shared", "Using workflow specific profile")
WORDS = {
    "Terminating processes on user": "stopping: what is under way is saved, the next run goes on",
    "Will exit after finishing": "stopping: the images under way are finished or saved first",
}
NOTHING = "Nothing to be done"


def wants_all(settings: Any) -> bool:
    """Whether the user asks for all that Snakemake says; its log file has every command anyway."""
    if settings.printshellcmds or settings.verbose or settings.debug_dag:
        return True
    with suppress(AttributeError):
        # For the log file, which is opened later. A dry run of many jobs would take a fifth longer.
        settings.printshellcmds = not settings.dryrun
    return False


class Terminal:
    """The stream that a person reads, shared by what Snakemake logs, what the run says, and a clock."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.stream = sys.stderr
        self.line = ""  # that is on the terminal now, without its end
        self.quiet: set[str] = set()
        self.executing = self.is_dry_run = self.renews = self.says_progress = False
        self.started = self.last_time = time.monotonic()
        self.milestone = 0
        self.to_make = self.made = 0  # images, as Snakemake counts them
        self.failed: dict[str, str] = {}
        self.when_failed: Callable[[str], None] = lambda name: None  # is told the name of what failed
        self.has_weights: Callable[[str], bool] = lambda name: False  # whether they are on this machine
        self.rules: dict[str, str] = {}  # by the names that we gave them: what they are called now
        self.phase = ""  # after the last image
        self.said: set[str] = set()
        self.ended = threading.Event()
        self.clock: threading.Thread | None = None

    def attach(self, settings: Any) -> None:
        """Print in Snakemake's place, with its settings."""
        self.stream = sys.stdout if settings.stdout else sys.stderr
        self.quiet = {str(getattr(one, "name", one)).lower() for one in settings.quiet or ()}
        self.is_dry_run = settings.dryrun
        self.says_progress = not (self.is_dry_run or self.quiet & {"progress", "all"})
        is_terminal = self.stream.isatty() and os.environ.get("TERM") != "dumb"
        self.renews = self.says_progress and is_terminal

    def say(self, text: str, stream: Any = None) -> None:
        """Print lines above the one that renews itself."""
        with self.lock, suppress(OSError, ValueError):
            self._erase()
            print(text, file=stream or sys.stderr, flush=True)

    def finish(self) -> None:
        """Renew nothing any more: the run has ended, and its last words follow."""
        self.ended.set()
        with self.lock, suppress(OSError, ValueError):
            self._erase()

    def hear(self, record: LogRecord) -> None:
        """Take notice of what Snakemake logs, and print what a person wants to know of it."""
        event = str(getattr(record, "event", None) or "")
        listen = getattr(self, f"_hear_{event}", None)
        if listen:
            listen(record)
        elif event not in ("", "error"):
            return
        elif record.levelno >= WARNING:
            if not is_known(record):
                self.say(record.getMessage().strip(), self.stream)
        elif record.levelno == INFO:
            self._hear_info(record.getMessage())

    def _hear_info(self, text: str) -> None:
        if text.startswith(NOTHING):
            self.say("nothing to be done: all is there and up to date", self.stream)
            if PAGE.exists() and not self.is_dry_run:
                self.say(f"Look at {PAGE.resolve()}")
        elif not self.executing and not text.startswith(PREAMBLE):
            self.say(text, self.stream)
        for beginning, words in WORDS.items():
            if text.startswith(beginning) and words not in self.said:
                self.said.add(words)
                self.say(words)

    def _hear_workflow_started(self, record: LogRecord) -> None:
        self.executing = True

    def _hear_run_info(self, record: LogRecord) -> None:
        stats = getattr(record, "stats", None) or {}
        self.to_make = sum(stats.get(self._name_of(rule), 0) for rule in MAKERS)

    def _hear_job_started(self, record: LogRecord) -> None:
        if self.clock is None and self.says_progress:
            self.started = self.last_time = time.monotonic()
            self.clock = threading.Thread(target=self._renew, daemon=True)
            self.clock.start()

    def _hear_job_info(self, record: LogRecord) -> None:
        rule = getattr(record, "rule_name", "")
        if not self.says_progress:
            return
        if rule == self._name_of("weights"):
            self._say_download([dict(getattr(record, "wildcards", None) or {}).get("backbone", "")])
        elif rule == self._name_of("metric_weights"):
            self._say_download(NETWORKS)
        elif rule in map(self._name_of, AGGREGATES) and not self.phase and self.made >= self.to_make:
            self.phase = "making the sheets and the page"
            self.say(f"{counted(self.made, 'image')} made, {self.phase}" if self.made else self.phase)

    def _say_download(self, names: Iterable[str]) -> None:
        """Say which weights are downloaded: those of the user's folder are only linked."""
        if absent := [name for name in names if not self.has_weights(name)]:
            words = "the first time, a download of minutes"
            self.say(f"getting the weights of {' and '.join(absent)}: {words}")

    def _name_of(self, rule: str) -> str:
        """What a rule of ours is called in this run."""
        return self.rules.get(rule, rule)

    def _hear_job_finished(self, record: LogRecord) -> None:
        if any(f"(Rule: {self._name_of(rule)})" in record.getMessage() for rule in MAKERS):
            self.made += 1

    def _hear_job_error(self, record: LogRecord) -> None:
        failures = failures_in(record)
        if "all" not in self.quiet:
            self._tell_failures(failures)
        for name in failures:
            self.when_failed(name)

    _hear_group_error = _hear_job_error

    def _tell_failures(self, failures: dict[str, str]) -> None:
        with self.lock:
            for name, reason in failures.items():
                if name not in self.failed:
                    self.failed[name] = reason
                    self.say(f"{name} failed: {reason}")

    def _renew(self) -> None:
        """Until the end: renew the line, or print one where it is due."""
        while not self.ended.wait(TICK):
            progress = self._progress()
            self._tell_failures(dict(progress["failed"]))
            with self.lock, suppress(OSError, ValueError):
                if self.ended.is_set():
                    return
                if self.renews:
                    self._draw(progress)
                elif self._is_due(progress):
                    self.say(progress_line(progress, time.time()))

    def _progress(self) -> Progress:
        """What the watcher has written of this run; without a watcher, what Snakemake counts."""
        progress = read_progress()
        is_ours = progress and progress.get("pid") == os.getpid()
        if progress and is_ours and time.time() - progress["written"] < SILENT:
            return progress
        return {"made": self.made, "to_make": self.to_make, "failed": self.failed}

    def _draw(self, progress: Progress) -> None:
        width = (os.get_terminal_size(self.stream.fileno()).columns or COLUMNS) - 1
        line = "" if self.phase else progress_line(progress, time.time(), width)
        if line != self.line:
            self._erase()
            self.stream.write(line[:width])
            self.stream.flush()
            self.line = line

    def _erase(self) -> None:
        if self.line:
            self.stream.write("\r\x1b[K")
            self.stream.flush()
            self.line = ""

    def _is_due(self, progress: Progress) -> bool:
        """Whether it is time for a line: a milestone was reached, or the last line is long ago."""
        now, made, to_make = time.monotonic(), progress["made"], progress["to_make"]
        if made >= to_make:  # the next line is about the sheets and the page
            return False
        milestone = (made > 0) + 4 * made // to_make
        pause = min(max(FIRST_PAUSE, PAUSE_SHARE * (now - self.started)), LAST_PAUSE)
        if milestone > self.milestone:
            pause = LEAST_PAUSE
        if now - self.last_time < pause:
            return False
        self.last_time, self.milestone = now, milestone
        return True


TERMINAL = Terminal()
