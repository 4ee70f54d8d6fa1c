"""Makes, loads and shows images from Python: what `import nst` offers in scripts and notebooks."""
