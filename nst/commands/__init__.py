"""Defines the verbs of `nst`, one module each: `add_arguments(parser)`, `run(options)`, EXAMPLE."""
