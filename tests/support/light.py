"""A transfer that takes a blink, in a folder with two pictures; what it leaves and what it says."""

from nst.cli import main

GIVEN = ("c.png", "s.png")
TINY = ["--recipe", "gatys", "--backbone", "alexnet", "--size", "24", "--evaluations", "6"]
TINY += ["--content-layers", "conv1", "--style-layers", "conv1", "--snapshot-every", "1"]
TINY += ["--precision", "fp32", "--device", "cpu"]
PLACES = ["--out", "x.png", "--record", "x.json", "--trace", "x.csv", "--checkpoint", "x.checkpoint"]


def transfer(weights, *more):
    """Its exit status, made in this process, in the current folder."""
    return main(["transfer", *GIVEN, *PLACES, "--weights", weights, *TINY, *more])


def arguments(weights, *more, folder=""):
    places = [f"{folder}{name}" for name in ("x.png", "x.json", "x.csv", "x.webp")]
    named = zip(("--out", "--record", "--trace", "--film"), places, strict=True)
    return [
        *("transfer", "c.png", "s.png", "--snapshot-every", "2", "--weights", str(weights)),
        *(word for pair in named for word in pair),
        *("--recipe", "gatys", "--backbone", "alexnet"),
        *("--content-layers", "conv1", "--style-layers", "conv1"),
        *("--size", "24", "--evaluations", "6", "--scales", "1", *more),
    ]


def the_error(capfd):
    """The one line of what was said that tells an error."""
    lines = [line for line in capfd.readouterr().err.splitlines() if not line.startswith("evaluation ")]
    assert "Traceback" not in "".join(lines)
    errors = [line for line in lines if line.startswith("error: ")]
    assert len(errors) == 1, lines
    return errors[0]


def names(folder):
    return sorted(path.name for path in folder.iterdir() if path.name not in GIVEN)
