"""Print the JSON schema of config.yaml, for editors."""

import argparse

EXAMPLE = "example: nst schema > config.schema.json"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """`nst schema` has no options."""


def run(options: argparse.Namespace) -> None:
    """Print the schema."""
    from nst.config.schema import schema_text

    print(schema_text(), end="")
