"""Defines the verbs of `nst` and their options.

One module each: `add_arguments(parser)`, `run(options)` and EXAMPLE.
"""
