"""What this machine offers and how jobs share it: GPUs, memory, stop signals. Torch-free."""
