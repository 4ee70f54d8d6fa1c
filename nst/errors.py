"""The exception for mistakes that a user can fix."""

import errno

# How the libraries say it: CUDA, torch on the CPU (twice), the system, cuDNN and cuBLAS, C++.
OUT_OF_MEMORY = (
    "out of memory",
    "can't allocate memory",
    "you tried to allocate",
    "Cannot allocate memory",
    "STATUS_ALLOC_FAILED",
    "std::bad_alloc",
)


class NstError(Exception):
    """A mistake that the user can fix: the value found, the values allowed, the way out.

    `nst.cli` prints it as `error: ...`, without a traceback, and exits with status 2. Each line of
    the message is one mistake.
    """


class WeightsOutOfReach(NstError):
    """Published weights that no source has here."""


def is_out_of_memory(error: BaseException) -> bool:
    """Whether an error, of whatever library, says that memory ran out."""
    if isinstance(error, OSError):
        return error.errno == errno.ENOMEM
    return isinstance(error, MemoryError) or any(word in str(error) for word in OUT_OF_MEMORY)
