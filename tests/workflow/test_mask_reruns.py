"""Masks, transparency and regions: exactly the images that an edit changes are made again."""

from PIL import Image
from plans import AGGREGATES, CELLS, SHEETS, change, planned

from nst.disk.images import size_of


def of(word):
    return {cell for cell in CELLS if word in cell}


def test_masks(finished):
    """One edit after another."""
    project = finished
    for name in ("c1", "s2"):
        folder = "content" if name == "c1" else "style"
        mask = Image.new("L", size_of(project.folder / f"{folder}/{name}.png"), 255)
        mask.paste(0, (0, 0, 9, 9))
        mask.save(project.folder / f"{name}_mask.png")
    masked = {"picture": "content/c1.png", "mask": "c1_mask.png"}
    sheets = SHEETS - {"c2_by_style_weight"}
    for settings in ({}, {"mask_edge": 3}, {"protect": 0.5}):
        change(project, "content.c1", masked)
        change(project, "overrides.content", {"c1": settings})
        assert planned(project) == (of("c1"), sheets, AGGREGATES)
        if not settings:
            assert project.snakemake().returncode == 0
            assert planned(project) == (set(), set(), set())
    change(project, "overrides.content", {})
    assert planned(project) == (set(), set(), set())
    mask.putpixel((20, 20), 7)
    mask.resize(size_of(project.folder / "c1_mask.png")).save(project.folder / "c1_mask.png")
    assert planned(project) == (of("c1"), sheets, AGGREGATES)
    assert project.snakemake().returncode == 0
    change(project, "content.c2", {"picture": "content/c2.png", "alpha": "keep"})
    assert planned(project)[0] == of("c2")
    change(project, "content.c2", "content/c2.png")
    for value in ("s2_mask.png", "alpha"):
        change(project, "style.s2", {"picture": "style/s2.png", "mask": value})
        assert planned(project) == (of("s2"), SHEETS, AGGREGATES)
    for name in ("mask", "style_mask"):
        change(project, f"settings.{name}", "none")
    change(project, "style.s2", "style/s2.png")
    assert planned(project) == (set(), set(), set())


def test_regions_and_the_styles_that_guide_them(finished):
    project = finished
    masks = {name: f"content/{name}_face.png" for name in ("c1", "c2")}
    for name, mask in masks.items():
        shape = size_of(project.folder / f"content/{name}.png")
        Image.new("L", shape, 255).save(project.folder / mask)
        entry = {"picture": f"content/{name}.png", "regions": {"face": mask}}
        change(project, f"content.{name}", entry)
    assert planned(project) == (set(), set(), set())  # no style is guided yet
    change(project, "style.s2", {"guide": {"face": {"style": "s1", "weight": 0.5}}})
    assert planned(project) == (of("s2"), SHEETS, AGGREGATES)
    assert project.snakemake().returncode == 0
    assert planned(project) == (set(), set(), set())
    change(project, "style.s2", {"guide": {"face": "s1"}})
    assert planned(project)[0] == of("s2")
    change(project, "style.s2", {"guide": {"face": {"style": "s1", "weight": 0.5}}})
    for settings in ({"guide_mode": "all"}, {"guide_grow": 1}):
        change(project, "overrides.style", {"s2": settings})
        assert planned(project)[0] == of("s2")
    change(project, "overrides.style", {})
    Image.new("L", shape, 254).save(project.folder / masks["c2"])
    assert planned(project)[0] == {cell for cell in of("s2") if cell.startswith("c2/")}
