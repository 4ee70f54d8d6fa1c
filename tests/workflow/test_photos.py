"""Whole runs with folders of photos as people have them, and with cells left out."""

from conftest import draw_picture
from plans import CELLS, change, planned

NAMES = {  # a photo -> the name of its images
    "Café Zürich.jpg": "Cafe_Zurich",
    "IMG (10).JPG": "IMG_10",
    "IMG (2).JPG": "IMG_2",
    "_DSC 'quoted' $HOME & co.jfif": "DSC_quoted_HOME_co",
    "猫.png": "a-",
}


def test_a_folder_with_spaces_and_letters_of_all_kinds_works_to_the_end(project):
    photos = project.folder / "home/Ferien Fotos ü 旅"
    for number, name in enumerate((*NAMES, "._IMG (2).JPG", ".DS_Store.png", "raw.NEF")):
        picture = draw_picture(photos / "x.png", seed=number)
        picture.rename(photos / name)
    (photos / "Thumbs.db").touch()
    change(project, "content", "~/Ferien Fotos ü 旅")
    change(project, "style", {"s1": "style/s1.png"})
    done = project.snakemake(env={"HOME": str(project.folder / "home")})
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Ferien Fotos ü 旅: 5 pictures; 1 RAW file is not read" in done.stderr
    results = project.folder / "results"
    made = sorted({path.parent.parent.name for path in results.glob("cells/*/*/*.png")})
    assert len(made) == 5 and all(
        any(name.startswith(start) for name in made) for start in NAMES.values()
    )
    assert (results / "index.html").is_file()
    assert "Café Zürich" in (results / "index.html").read_text()
    assert "猫" not in "".join(str(path) for path in results.rglob("*"))
    home = {"HOME": str(project.folder / "home")}
    assert planned(project, env=home) == (set(), set(), set())


def test_cells_that_are_left_out_later_make_no_other_again(finished):
    dates = {cell: finished.folder / f"results/cells/{cell}.png" for cell in CELLS}
    dates = {cell: path.stat().st_mtime_ns for cell, path in dates.items()}
    change(finished, "exclude", ["c1/s2", "*/s1/style_weight-1e5"])
    cells, sheets, rules = planned(finished)
    assert cells == set() and "gallery" in rules
    assert sheets == {
        "all_style_weight-1e4", "all_style_weight-1e5", "c1_by_style_weight", "c2_by_style_weight"
    }  # fmt: skip
    done = finished.snakemake()
    assert done.returncode == 0, done.stderr
    assert "4 cells not in this config: `snakemake prune` puts them aside" in done.stderr
    table = (finished.folder / "results/losses.csv").read_text()
    assert len(table.splitlines()) == 1 + 4
    for cell, date in dates.items():
        assert (finished.folder / f"results/cells/{cell}.png").stat().st_mtime_ns == date
    assert planned(finished) == (set(), set(), set())
    change(finished, "exclude", None)
    assert planned(finished)[0] == set()  # they are still there
