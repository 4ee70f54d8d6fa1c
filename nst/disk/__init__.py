"""What lies on disk: files that appear whole or not at all, pictures, films, records. Torch-free."""
