"""The one exception for mistakes that a user can mend."""

import errno

# How torch says that memory ran out, on the CPU and in the several layers of CUDA.
OUT_OF_MEMORY = ("out of memory", "allocate", "ALLOC_FAILED", "bad_alloc")


class NstError(Exception):
    """A mistake the user can mend: the value found, the values allowed, the way out.

    Caught once, in `nst.cli`, printed as `error: ...` without a traceback, exit status 2.
    A message of several lines is several faults, one a line.
    """


def is_out_of_memory(error: BaseException) -> bool:
    """Whether an error, of whatever library, says that memory ran out."""
    if isinstance(error, OSError):
        return error.errno == errno.ENOMEM
    return isinstance(error, MemoryError) or any(word in str(error) for word in OUT_OF_MEMORY)
