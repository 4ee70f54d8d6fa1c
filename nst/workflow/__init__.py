"""Provides what the Snakefile needs: locks, stale cells, reports, jobs that share one torch.

Torch-free.
"""
