"""What torch says when memory runs out, or a device goes away -> one line with the way out."""

import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from nst.errors import NstError, is_out_of_memory
from nst.text import one_line

# How it says that a device failed: a driver fell over, a card fell off the bus, a kernel went astray.
DEVICE_FAILED = ("CUDA error", "CUDA driver error", "cuDNN error", "CUDNN_STATUS", "CUBLAS_STATUS")


def is_breakdown(error: BaseException) -> bool:
    """Whether an error says that memory ran out or a device failed, and not that a value was odd."""
    return is_out_of_memory(error) or any(word in str(error) for word in DEVICE_FAILED)


@contextmanager
def explained(advice: Callable[[], str]) -> Iterator[None]:
    """Raise NstError for memory that ran out within, or a device that failed.

    `advice()` says what there was no memory for, and the way out; it is called once the tensors of
    what failed are gone.
    """
    try:
        yield
    except (MemoryError, RuntimeError) as error:
        if not is_breakdown(error):
            raise
        traceback.clear_frames(error.__traceback__)
        raise NstError(advice() if is_out_of_memory(error) else _failed(error)) from None


def _failed(error: BaseException) -> str:
    said = one_line(str(error).splitlines()[0])[:200]
    return (
        f"the GPU failed ({said}): run it again; if it fails again choose another GPU (NST_GPUS) or"
        " device cpu"
    )
