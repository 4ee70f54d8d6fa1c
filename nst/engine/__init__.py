"""Computes the image from tensors: network, losses, optimizers and the loop.

Reads no files, prints nothing.
"""
