"""Defines the verbs of `nst`: a module each, with `add_arguments(parser)`, `run(options)` and EXAMPLE."""
