"""The pictures of a config: their names, the files of a folder or a glob, those that are not read."""

import re

import pytest
from conftest import draw_picture

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


def test_a_folder_with_two_pictures_of_a_name_is_refused(here):
    for name in ("a.jpg", "a.png", "b.png"):
        draw_picture(here / "folder" / name)
    (fault,) = config("folder").faults
    two = "'folder/a.jpg' and 'folder/a.png'"
    assert fault == f"--config: content: 'a' names two pictures, {two}: give them different names"


@pytest.mark.parametrize("pattern", ["photos", "photos/*.*", "photos/../photos/", "**/*[ab].*"])
def test_a_folder_or_a_glob_names_pictures_by_their_files(here, pattern):
    for name in ("b.png", "a.JPG", "x/c.png"):
        draw_picture(here / "photos" / name)
    (here / "photos" / "notes.txt").touch()
    assert list(config(pattern).content) == ["a", "b"]


@pytest.fixture
def photos(here):
    """A folder as phones and cameras fill it."""
    for name in ("b.png", "a.JPG", "old/c.png", ".thumbnails/d.png"):
        draw_picture(here / "photos" / name)
    for name in ("1.HEIC", "2.heif", "3.avif", "4.CR2", "5.dng", "notes.txt", "a.xmp", "old/6.heic"):
        (here / "photos" / name).touch()
    (here / "photos/gone.heic").symlink_to("nowhere")
    return here / "photos"


UNREAD = {  # a folder or a glob -> its one notice
    "photos": "2 pictures; 2 HEIC files, 1 AVIF file, 2 RAW files and 1 subfolder are not read",
    "photos/*": "2 pictures; 2 HEIC files, 1 AVIF file, 2 RAW files and 1 subfolder are not read",
    "photos/*.*": "2 pictures; 2 HEIC files, 1 AVIF file and 2 RAW files are not read",
    "photos/[ab1]*": "2 pictures; 1 HEIC file is not read",
    "photos/[bo]*": "1 picture; 1 subfolder is not read",
    "photos/**": "3 pictures; 3 HEIC files, 1 AVIF file and 2 RAW files are not read",
    "photos/*.png": None,
    "photos/old/*.png": None,
}


@pytest.mark.parametrize("pattern", UNREAD)
def test_files_of_a_folder_that_are_not_read_are_counted_in_one_notice(photos, pattern):
    notice = UNREAD[pattern]
    loaded = config(pattern)
    assert (loaded.faults, loaded.notices) == ([], [f"{pattern}: {notice}"] if notice else [])


def test_a_folder_of_files_that_are_not_read_is_refused_with_their_count(photos):
    (fault,) = config("photos/*.HEIC").faults
    assert fault.startswith(
        "--config: content: no picture in 'photos/*.HEIC'; 1 HEIC file is not read (p"
    )


def test_a_folder_without_permission_has_no_pictures(photos, monkeypatch):
    def refuse(path):
        raise PermissionError

    monkeypatch.setattr("pathlib.Path.iterdir", refuse)
    (fault,) = config("photos").faults
    assert fault.startswith("--config: content: no picture in 'photos' (pictures end in .jpg")
