"""Finds and locks GPUs, measures free memory, and handles stop signals. Torch-free at import."""
