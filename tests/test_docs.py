"""The documentation names only what exists: files, settings and their values, verbs, rooms."""

import re

import pytest
import yaml
from conftest import ROOT

from nst.cli import main
from nst.config.grid import expand
from nst.config.page_texts import KEYS as PAGE_KEYS
from nst.config.settings import KINDS

PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
CONFIG_KEYS = {
    "content",
    "style",
    "interpolate",
    "grid",
    "settings",
    "overrides",
    "prints",
    "start",
    "weights",
    "cell",
    "project",
    "metrics",
}
FOLDERS = ("nst/", "tests/", "benchmarks/", "images/", "workflow/", "profiles/", "docs/", ".ci/")
pages = pytest.mark.parametrize("page", PAGES, ids=lambda path: path.name)


def inline_code(page):
    """What stands between single backticks, outside of blocks."""
    text = re.sub(r"```.*?```", "", page.read_text(), flags=re.DOTALL)
    return re.findall(r"`([^`\n]+)`", text)


def yaml_blocks(page):
    return re.findall(r"```yaml\n(.*?)```", page.read_text(), re.DOTALL)


def check_setting(name, value):
    """Raise NstError unless every value (of a list: each) is one of the setting's."""
    for each in value if isinstance(value, list) else [value]:
        KINDS[name].parse(each)


def test_the_readme_is_short():
    assert len((ROOT / "README.md").read_bytes()) <= 9 * 1024


@pages
def test_links_lead_to_files(page):
    for target in re.findall(r"\]\(([^)#]+)[^)]*\)", page.read_text()):
        assert (page.parent / target).exists(), target


@pages
def test_files_named_in_backticks_exist(page):
    named = [code for code in inline_code(page) if code.startswith(FOLDERS) and " " not in code]
    for code in named:
        assert any(ROOT.glob(code)), code


@pages
def test_settings_in_backticks_exist_and_take_their_values(page):
    for code in inline_code(page):
        if found := re.fullmatch(r"(\w+): (.+)", code):
            name, value = found[1], yaml.safe_load(found[2])
            assert name in KINDS or name in CONFIG_KEYS, code
            if name in KINDS:
                check_setting(name, value)


ENTRIES = ("content", "style", "interpolate")  # which name pictures


@pages
def test_settings_in_yaml_blocks_exist_and_take_their_values(page):
    def walk(data):
        for name, value in data.items():
            if isinstance(value, dict):
                walk(value)
            elif name in KINDS:
                check_setting(name, value)
            else:
                assert "/" in str(value) or name in CONFIG_KEYS, (name, value)  # a picture

    for block in yaml_blocks(page):
        data = yaml.safe_load(block)
        assert set(data.pop("page", {})) <= set(PAGE_KEYS)  # of texts
        if "favourites" not in data:  # a favourites.yaml is no config
            walk({key: value for key, value in data.items() if key not in ENTRIES})


def test_the_config_of_the_readme_is_valid(tmp_path):
    block = next(b for b in yaml_blocks(ROOT / "README.md") if "overrides" in b)
    config = tmp_path / "config.yaml"
    config.write_text(block.replace("images/", f"{ROOT}/images/"))
    assert len(expand([config]).cells) == 2


@pages
def test_verbs_exist(page, capsys):
    words = "\n".join(
        [*inline_code(page), *re.findall(r"^    (nst .*)$", page.read_text(), re.MULTILINE)]
    )
    for verb in set(re.findall(r"^nst ([a-z]+)", words, re.MULTILINE)):
        with pytest.raises(SystemExit) as end:
            main([verb, "--help"])
        assert end.value.code == 0, verb
    capsys.readouterr()


def test_a_room_is_described_in_the_same_words_everywhere():
    table = dict(
        re.findall(r"^\| `nst/(\w+)` \| (.+) \|$", (ROOT / "README.md").read_text(), re.MULTILINE)
    )
    rooms = {path.parent.name: path.read_text() for path in (ROOT / "nst").glob("*/__init__.py")}
    package = (ROOT / "nst/__init__.py").read_text()
    architecture = (ROOT / "docs/architecture.md").read_text()
    assert set(table) == set(rooms)
    for room, sentence in table.items():
        assert rooms[room].startswith(f'"""{sentence}')
        assert f"| `nst/{room}` | {sentence} |" in architecture
        assert re.search(rf"^{room} +{re.escape(sentence)}$", package, re.MULTILINE)
