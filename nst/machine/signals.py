"""Stop signals, answered at once, even during a long tensor operation."""

import signal
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

# Ctrl-C; a kill or the end of a job's time; SLURM's warning before that (`--signal=USR1@60`); and a
# closed terminal.
STOPS = (signal.SIGINT, signal.SIGTERM, signal.SIGUSR1, signal.SIGHUP)


@contextmanager
def answered(answer: Callable[[int], None]) -> Iterator[None]:
    """Call `answer(number)` in a thread of its own when a stop signal arrives.

    Python runs a handler between two operations only, and one may take many seconds; the byte in the
    wakeup descriptor is written at once. Ignored signals stay ignored (`nohup`). Enter it in the main
    thread.
    """
    reader, writer = socket.socketpair()
    writer.setblocking(False)
    caught = [number for number in STOPS if signal.getsignal(number) != signal.SIG_IGN]
    handlers = {number: signal.signal(number, _leave_to_thread) for number in caught}
    descriptor = signal.set_wakeup_fd(writer.fileno(), warn_on_full_buffer=False)
    threading.Thread(target=_listen, args=[reader, answer], daemon=True).start()
    try:
        yield
    finally:
        signal.set_wakeup_fd(descriptor)
        for number, handler in handlers.items():
            signal.signal(number, handler)
        writer.close()


@contextmanager
def ignored() -> Iterator[None]:
    """Ignore stop signals, for the moment of writing the outputs. Enter it in the main thread."""
    handlers = {number: signal.signal(number, signal.SIG_IGN) for number in STOPS}
    try:
        yield
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)


def _leave_to_thread(number: int, frame: object) -> None:
    pass


def _listen(reader: socket.socket, answer: Callable[[int], None]) -> None:
    with reader:
        while number := reader.recv(1):
            if number[0] in STOPS:
                answer(number[0])
