"""The pictures of a config: their names, the files of a folder or a glob, those that are not read."""

import re
from pathlib import Path

import pytest
from conftest import draw_picture
from PIL import Image

from nst.config.user_config import load
from nst.config.values import is_safe, safe_name


@pytest.fixture
def here(tmp_path, monkeypatch):
    """A folder with one picture."""
    monkeypatch.chdir(tmp_path)
    draw_picture(tmp_path / "c.png")
    return tmp_path


def config(content):
    """The config of this content; its style is the picture."""
    return load([], {"content": content, "style": {"s": "c.png"}})


NAMES = [
    "", ".", "..", "a/b", "/", "a b", "con", "NUL", "com1.x", "a.", "-a", "_a", ".a", "x" * 100, "ünï",
    "日本", "a\\b", "a:b", "a*", "a\nb", "\0", "con ", "x" * 63 + "..y", "{a}", "$a", "é" * 200,
]  # fmt: skip


@pytest.mark.parametrize("name", NAMES, ids=lambda name: ascii(name)[:20])
def test_an_unsafe_name_is_refused_and_a_safe_one_is_suggested(here, name):
    (fault,) = config({name: "c.png"}).faults
    suggestion = re.search(r"for example `(.*): path`", fault)[1]
    assert suggestion == safe_name(name)
    assert is_safe(suggestion)
    assert config({suggestion: "c.png"}).faults == []


COLLISIONS = [("a.jpg", "a.png"), ("a b.jpg", "a_b.jpg"), ("A.jpg", "a.png"), ("_a.png", "a.png")]


@pytest.mark.parametrize("names", COLLISIONS)
def test_a_folder_with_two_pictures_of_a_name_is_refused(here, names):
    for name in (*names, "c.png"):
        draw_picture(here / "folder" / name)
    (fault,) = config("folder").faults
    assert fault.startswith("config of the module: content: 'a")
    assert all(f"'folder/{name}'" in fault for name in names)
    assert fault.endswith("rename one, or list the pictures as a mapping `name: picture`")


FOLDER = {  # a file's name -> the name of its picture, and its label
    "Café Zürich.jpg": ("Cafe_Zurich", "Café Zürich"),
    "Cafe\u0301 2.jpg": ("Cafe_2", "Café 2"),
    "IMG (1).jpg": ("IMG_1", "IMG (1)"),
    "PXL_1.PORTRAIT~2.jpg": ("PXL_1.PORTRAIT_2", "PXL_1.PORTRAIT~2"),
    "Straße.jpg": ("Strasse", "Straße"),
    "WhatsApp Image 2025-01-01 at 10.00.00.jpeg": (
        "WhatsApp_Image_2025-01-01_at_10.00.00",
        "WhatsApp Image 2025-01-01 at 10.00.00",
    ),
    "_DSC0412.JPG": ("DSC0412", "_DSC0412"),
    "a.jfif": ("a", "a"),
    "b.jpe": ("b", "b"),
    "con.png": ("a_con", "con"),
    "plain-1.2.png": ("plain-1.2", "plain-1.2"),
    f"{'x' * 75}.png": (f"{'x' * 55}-81d23bf0", "x" * 75),
    "猫.png": ("a-a810bf84", "猫"),
    "犬.png": ("a-1e82f9b0", "犬"),
    "猫 2.png": ("2-06f53e98", "猫 2"),
}


def test_the_files_of_a_folder_name_their_pictures_safely_and_keep_their_names_as_labels(here):
    for name in FOLDER:
        (here / "photos").mkdir(exist_ok=True)
        Image.new("RGB", (48, 32)).save(here / "photos" / name, "JPEG")
    loaded = config("photos")
    assert (loaded.faults, loaded.notices) == ([], [])
    found = {path.name: (name, loaded.label("content", name)) for name, path in loaded.content.items()}
    assert found == FOLDER
    assert all(is_safe(name) for name in loaded.content)


def test_names_of_a_mapping_are_their_labels(here):
    loaded = config({"cat": "c.png"})
    assert loaded.label("content", "cat") == "cat" and loaded.labels["content"] == {}


def test_pictures_are_in_the_order_of_their_numbers(here):
    names = ["IMG_1", "IMG_2", "img_3", "IMG_10", "IMG_10b", "IMG_11", "a1b2", "a1b10"]
    for name in names:
        draw_picture(here / "photos" / f"{name}.png")
    order = ["a1b2", "a1b10", "IMG_1", "IMG_2", "img_3", "IMG_10", "IMG_10b", "IMG_11"]
    assert list(config("photos").content) == order
    assert list(config("photos/*.png").content) == order


@pytest.mark.parametrize("pattern", ["photos", "photos/*.*", "photos/../photos/", "**/*[ab].*"])
def test_a_folder_or_a_glob_names_pictures_by_their_files(here, pattern):
    for name in ("b.png", "a.JPG", "x/c.png"):
        draw_picture(here / "photos" / name)
    (here / "photos" / "notes.txt").touch()
    assert list(config(pattern).content) == ["a", "b"]


FOREIGN = [
    "._a.png", ".hidden.png", ".thumbnails/b.png", "__MACOSX/b.png", "@eaDir/b.png", "env/lib/b.png",
    ".git/b.png",
]  # fmt: skip


@pytest.mark.parametrize("pattern", ["photos", "photos/*", "photos/**", "**/photos/**/*.png"])
def test_what_systems_and_programs_put_into_a_folder_is_not_looked_at(here, pattern):
    for name in ("a.png", *FOREIGN):
        draw_picture(here / "photos" / name)
    (here / "photos/env/pyvenv.cfg").touch()
    for name in ("Thumbs.db", "desktop.ini", ".DS_Store", "a.xmp"):
        (here / "photos" / name).touch()
    loaded = config(pattern)
    assert (list(loaded.content), loaded.faults) == (["a"], [])
    env = [] if "**" in pattern else [f"{pattern}: 1 picture; 1 subfolder is not read"]
    assert loaded.notices == env


def test_a_search_through_subfolders_leaves_out_what_was_made_here(here):
    for name in ("results/sheets/c1.png", "results/cells/a/b/only.png", "photos/c1.png"):
        draw_picture(here / name)
    assert list(config("**/c1.png").content.values()) == [Path("photos/c1.png")]
    assert list(config("results/sheets/**").content) == ["c1"]  # who asks for it gets it


def test_a_hidden_folder_is_read_by_its_name(here):
    draw_picture(here / ".photos/sub/a.png")
    assert list(config(".photos/**/*.png").content) == ["a"]
    assert list(config(".photos/sub").content) == ["a"]


@pytest.fixture
def photos(here):
    """A folder as phones and cameras fill it."""
    for name in ("b.png", "a.JPG", "old/c.png", ".thumbnails/d.png"):
        draw_picture(here / "photos" / name)
    for name in ("1.HEIC", "2.heif", "3.jxl", "4.CR2", "5.dng", "notes.txt", "a.xmp", "old/6.heic"):
        (here / "photos" / name).touch()
    (here / "photos/gone.heic").symlink_to("nowhere")
    return here / "photos"


HINT = "(HEIC: pip install pillow-heif)"
ALL = "2 pictures; 2 HEIC files, 1 JPEG XL file, 2 RAW files and 1 subfolder are not read"
UNREAD = {  # a folder or a glob -> its one notice, without the library for HEIC
    "photos": f"{ALL} {HINT}",
    "photos/*": f"{ALL} {HINT}",
    "photos/*.*": f"2 pictures; 2 HEIC files, 1 JPEG XL file and 2 RAW files are not read {HINT}",
    "photos/[ab1]*": f"2 pictures; 1 HEIC file is not read {HINT}",
    "photos/[bo]*": "1 picture; 1 subfolder is not read",
    "photos/**": f"3 pictures; 3 HEIC files, 1 JPEG XL file and 2 RAW files are not read {HINT}",
    "photos/*.png": None,
    "photos/old/*.png": None,
}


@pytest.fixture
def no_heic(monkeypatch):
    """No library for HEIC."""
    monkeypatch.setattr("nst.config.picture_paths.reads_heic", lambda: False)


@pytest.mark.parametrize("pattern", UNREAD)
def test_files_of_a_folder_that_are_not_read_are_counted_in_one_notice(photos, no_heic, pattern):
    notice = UNREAD[pattern]
    loaded = config(pattern)
    assert (loaded.faults, loaded.notices) == ([], [f"{pattern}: {notice}"] if notice else [])


def test_with_its_library_heic_is_read_and_not_counted(photos):
    pillow_heif = pytest.importorskip("pillow_heif")
    for name in ("1.HEIC", "2.heif"):
        pillow_heif.from_pillow(Image.new("RGB", (48, 32))).save(photos / name)
    loaded = config("photos")
    assert list(loaded.content) == ["1", "2", "a", "b"] and loaded.faults == []
    assert loaded.notices == [
        "photos: 4 pictures; 1 JPEG XL file, 2 RAW files and 1 subfolder are not read"
    ]


def test_a_folder_of_files_that_are_not_read_is_refused_with_their_count(photos, no_heic):
    (fault,) = config("photos/*.HEIC").faults
    assert fault.startswith(
        "config of the module: content: no picture in 'photos/*.HEIC'; 1 HEIC file is not read"
        f" {HINT} (p"
    )


def test_a_folder_without_permission_has_no_pictures(photos, monkeypatch):
    def refuse(path):
        raise PermissionError

    monkeypatch.setattr("pathlib.Path.iterdir", refuse)
    (fault,) = config("photos").faults
    assert fault.startswith(
        "config of the module: content: no picture in 'photos' (pictures end in .jpg"
    )
