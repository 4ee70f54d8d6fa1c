"""The sections of benchmarks/gpu.py: functions of its options, which print a table each."""
