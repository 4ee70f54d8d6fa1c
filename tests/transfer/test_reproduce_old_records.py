"""`nst reproduce` with a record from before a setting was there."""

import json
from pathlib import Path

from conftest import draw_picture
from light import arguments

from nst.cli import main


def test_how_another_picture_differs_is_said(place, seeded_weights, capsys):
    weights = seeded_weights("alexnet", {"conv1"})
    assert main(arguments(weights)) == 0
    record = json.loads(Path("x.json").read_text())
    del record["settings"]["tile"]
    Path("x.json").write_text(json.dumps(record))
    assert main(["reproduce", "x.json", "--weights", str(weights)]) == 0
    draw_picture(place / "x.png", (24, 16), seed=9)
    capsys.readouterr()
    assert main(["reproduce", "x.json", "--weights", str(weights)]) == 1
    assert capsys.readouterr().out.startswith("differs: ")
