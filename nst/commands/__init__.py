"""The verbs of `nst`: their options, and the calls that do them."""
