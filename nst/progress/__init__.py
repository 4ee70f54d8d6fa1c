"""Says how far a run is: read from its files, estimated, and told on the terminal.

Torch-free.
"""
