"""Reads and writes pictures, films and records, each file completely or not at all. Torch-free."""
