"""A job without torch for the tests of nst.machine.gpu: holds a device for a while, tells a log.

    python -S gpu_job.py LOG SECONDS [OUTPUT]

Lines of the log: `start|enter|leave pid device time`, and `VIOLATION pid device time` where more
processes hold the device than it has slots. The witness of that is not nst.machine.gpu: every holder
binds one of the device's sockets in Linux's abstract name space, which the kernel also frees at death.
"""

import errno
import os
import signal
import socket
import sys
import time
from pathlib import Path

sys.path[0] = str(Path(__file__).parent.parent.parent)

from nst.machine import gpu  # noqa: E402  (without site-packages, which would take longer than the job)


def main(log: str, seconds: str, output: str = "") -> None:
    """Hold a device, and say so."""
    signal.alarm(10)  # a slot that is lost shall fail the test, not hang it
    file = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def tell(event: str, device: str) -> None:
        os.write(file, f"{event} {os.getpid()} {device} {time.monotonic():.6f}\n".encode())

    tell("start", "-")
    slots = gpu.slots_per_device()
    device = gpu.hold(gpu.pool(), slots)
    with socket.socket(socket.AF_UNIX) as witness:
        if not bind(witness, f"nst {os.fstat(file).st_ino} {device}", slots):
            tell("VIOLATION", device)
        tell("enter", device)
        time.sleep(float(seconds))
        tell("leave", device)
    if output:
        Path(output).write_text(f"{device}\n")


def bind(witness: socket.socket, name: str, slots: int) -> bool:
    """Take one of the sockets of a name; False if all are bound."""
    for look in range(4):
        time.sleep(0.001 * look)  # the kernel frees a dead holder's lock and socket one after the other
        for number in range(slots):
            try:
                witness.bind(f"\0{name} {number}")
                return True
            except OSError as error:
                if error.errno != errno.EADDRINUSE:
                    raise
    return False


main(*sys.argv[1:])
