"""Old records: names and values of before are read in today's."""

import json

from conftest import draw_picture

from nst.cli import main
from nst.disk.record import read_record
from nst.disk.renamed_settings import RENAMED_SETTINGS, RENAMED_VALUES, with_new_names


def test_old_names_and_values_become_the_new_ones_and_others_stay():
    old = {"snapshots": 5, "result": "stepped", "line_search": "none", "size": 64, "unknown": [1]}
    assert with_new_names(old) == {
        **{"snapshot_every": 5, "result": "final_iterate", "line_search": "none"},
        **{"size": 64, "unknown": [1]},
    }


def test_an_old_record_makes_the_same_picture(tmp_path, monkeypatch, seeded_weights):
    monkeypatch.chdir(tmp_path)
    for name in ("c.png", "s.png"):
        draw_picture(tmp_path / name)
    weights = str(seeded_weights("alexnet", {"conv1"}))
    layers = ("--content-layers", "conv1", "--style-layers", "conv1")
    call = ("transfer", "c.png", "s.png", "--out", "x.png", "--record", "x.json", "--size", "24")
    call += ("--evaluations", "2", "--device", "cpu", "--backbone", "alexnet", *layers)
    assert main([*call, "--weights", weights]) == 0
    record = read_record(tmp_path / "x.json")

    written = json.loads((tmp_path / "x.json").read_text())
    settings = written["settings"]
    for old, new in RENAMED_SETTINGS.items():
        settings[old] = settings.pop(new)
    for setting, values in RENAMED_VALUES.items():
        old_of = {new: old for old, new in values.items()}
        settings[setting] = old_of.get(settings[setting], settings[setting])
    (tmp_path / "x.json").write_text(json.dumps(written))
    assert read_record(tmp_path / "x.json") == record

    del settings["padding"]  # as in a record from before that setting
    (tmp_path / "x.json").write_text(json.dumps(written))
    assert main(["reproduce", "x.json", "--weights", weights]) == 0
