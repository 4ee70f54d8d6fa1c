"""Measures saved images by numbers that compare across recipes."""
