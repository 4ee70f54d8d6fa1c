"""Reads config.yaml, recipes and options, refuses every mistake, and expands them into cells.

Torch-free.
"""
