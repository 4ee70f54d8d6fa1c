"""One cell, from files to files: what a job does, and how it survives being stopped."""
