"""Turns records and images into the table, sheets, curves, summary and page. Torch-free."""
