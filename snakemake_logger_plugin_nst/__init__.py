"""Snakemake's `--logger nst`: one line that renews itself instead of a page of lines for each job.

Snakemake finds plugins by the names of top-level packages, and imports all of them at each start: this
one imports nothing else until it is chosen.
"""

from logging import LogRecord

from snakemake_interface_logger_plugins.base import LogHandlerBase


class LogHandler(LogHandlerBase):
    """Hands on to nst what Snakemake logs, unless the user asks for Snakemake's own words."""

    terminal = None  # also if Ctrl-C ends what follows

    def __post_init__(self) -> None:
        from nst.progress.terminal import TERMINAL, wants_all

        self.terminal = None if wants_all(self.common_settings) else TERMINAL
        if self.terminal:
            self.terminal.attach(self.common_settings)

    def emit(self, record: LogRecord) -> None:
        if self.terminal:
            self.terminal.hear(record)

    def close(self) -> None:
        if self.terminal:
            self.terminal.finish()
        super().close()

    @property
    def writes_to_stream(self) -> bool:
        """If not, Snakemake prints as it does without plugins."""
        return self.terminal is not None

    @property
    def writes_to_file(self) -> bool:
        return False

    @property
    def has_filter(self) -> bool:
        return True

    @property
    def has_formatter(self) -> bool:
        return True

    @property
    def needs_rulegraph(self) -> bool:
        return False
