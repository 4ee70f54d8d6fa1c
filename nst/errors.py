"""The one exception for mistakes that a user can mend."""


class NstError(Exception):
    """A mistake the user can mend: the value found, the values allowed, the way out.

    Caught once, in `nst.cli`, printed as `error: ...` without a traceback, exit status 2.
    A message of several lines is several faults, one a line.
    """
