"""What is asked for: config.yaml, recipes and options -> cells with complete settings. Torch-free."""
