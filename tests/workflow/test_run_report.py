"""`snakemake --report`: what can be sent away in one file, with the labels to find it by."""

import json
import re
import zipfile

from conftest import draw_picture


def report_of(project, name):
    """The files of a report: path -> what it says of it; and the names in the archive."""
    done = project.snakemake("--report", name)
    assert done.returncode == 0, done.stderr
    with zipfile.ZipFile(project.folder / name) as archive:
        names = archive.namelist()
        page = archive.read(next(n for n in names if n.endswith("report.html"))).decode()
    start = re.search(r"\bresults\s*=\s*(?=\{)", page).end()
    return json.JSONDecoder().raw_decode(page, start)[0], names, page


def test_a_report_holds_sheets_table_curves_and_summary_and_no_cell(project):
    config = project.config
    odd = draw_picture(project.folder / "a (b) & 'c'.png", seed=9).name
    config["grid"] = {"init": ["content", odd]}
    config["settings"]["style_weight"] = 10
    project.configure(config)
    done = project.snakemake()
    assert done.returncode == 0, done.stderr
    found, names, page = report_of(project, "report.zip")
    labels = {path.removeprefix("results/"): facts["labels"] for path, facts in found.items()}
    sheets = {path: facts for path, facts in labels.items() if path.startswith("sheets/")}
    assert sheets.pop("sheets/all_init-content.png") == {
        "kind": "contents x styles", "content": "all", "variant": "init content",
    }  # fmt: skip
    assert sheets.pop("sheets/c2_by_init.png") == {
        "kind": "styles x values", "content": "c2", "variant": "",
    }  # fmt: skip
    (odd_sheet,) = [path for path in sheets if path.startswith("sheets/all_")]
    assert sheets.pop(odd_sheet)["variant"] == f"init {odd}"
    assert list(sheets) == ["sheets/c1_by_init.png"]
    assert {path: labels[path] for path in labels if path.startswith("curves/")} == {
        f"curves/{c}/{s}/all.svg": {"content": c, "style": s}
        for c in ("c1", "c2")
        for s in ("s1", "s2")
    }
    assert set(labels) - {path for path in labels if path.startswith(("curves/", "sheets/"))} == {
        "losses.csv", "summary.md",
    }  # fmt: skip
    assert all(facts["caption"] for facts in found.values())
    assert sum("/data/raw/" in name for name in names) == len(found) == 10
    assert not any("init-content.png" in name and "all_" not in name for name in names)
    assert "Neural style transfer, every content in every style" in page
