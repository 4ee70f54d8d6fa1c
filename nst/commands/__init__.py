"""Defines the verbs of `nst` and their options."""
