"""Weights are fetched once per user, and all projects share the file."""

import threading

import pytest
from weight_sources import cut_off, hub_file, stand_in

from nst.errors import NstError
from nst.transfer import weights, weights_folder


@pytest.fixture(autouse=True)
def converted(tmp_path, monkeypatch, seeded_weights):
    """A stand-in for AlexNet in torch's hub cache, and nothing anywhere else; its converted bytes."""
    cut_off(tmp_path, monkeypatch)
    monkeypatch.setenv("NST_WEIGHTS", str(tmp_path / "cache"))
    path = seeded_weights("alexnet", {"conv5"})
    converted = stand_in(monkeypatch, "alexnet", path)
    hub_file(tmp_path).write_bytes(path.read_bytes())
    return converted


def test_projects_share_one_file(tmp_path, converted):
    first = weights.fetch("alexnet", tmp_path / "first")
    hub_file(tmp_path).unlink()  # from now on only the user's folder has it
    second = weights.fetch("alexnet", tmp_path / "second")
    kept = tmp_path / "cache/alexnet.safetensors"
    assert kept.samefile(first) and kept.samefile(second)
    assert weights_folder.noted(second) and second.read_bytes() == converted
    first.unlink()
    assert weights.fetch("alexnet", tmp_path / "first").samefile(kept)


def test_a_damaged_file_of_the_users_is_replaced_and_projects_keep_theirs(tmp_path, converted):
    first = weights.fetch("alexnet", tmp_path / "first")
    kept = tmp_path / "cache/alexnet.safetensors"
    kept.unlink()
    kept.write_bytes(b"damaged")
    second = weights.fetch("alexnet", tmp_path / "second")
    assert kept.samefile(second) and not kept.samefile(first)
    assert first.read_bytes() == second.read_bytes() == converted


def test_without_a_folder_of_the_users_each_project_has_its_own(tmp_path, converted):
    (tmp_path / "cache").write_text("a file, where a folder should be")
    assert weights.fetch("alexnet", tmp_path / "first").read_bytes() == converted


def test_on_another_disk_it_is_a_copy(tmp_path, monkeypatch, converted):
    def refuse(*_):
        raise OSError(18, "Invalid cross-device link")

    monkeypatch.setattr("os.link", refuse)
    first = weights.fetch("alexnet", tmp_path / "first")
    assert first.read_bytes() == converted
    assert not first.samefile(tmp_path / "cache/alexnet.safetensors")


def test_a_second_project_waits_for_the_first(tmp_path, monkeypatch, converted):
    fetched, asked, lock = [], threading.Event(), weights_folder.fcntl.flock
    second = threading.Thread(target=lambda: fetched.append(weights.fetch("alexnet", tmp_path / "x")))
    with weights_folder.alone(tmp_path / "cache"):
        monkeypatch.setattr("fcntl.flock", lambda *how: (asked.set(), lock(*how)))
        second.start()
        assert asked.wait(60)
        second.join(0.2)
        assert second.is_alive() and not (tmp_path / "x").exists()
    second.join(60)
    assert fetched[0].read_bytes() == converted


def test_a_user_without_a_home_fetches_for_each_project(tmp_path, monkeypatch, converted):
    def refuse():
        raise NstError("there is no home folder")

    monkeypatch.setattr(weights_folder, "default_folder", refuse)
    assert weights.fetch("alexnet", tmp_path / "x").read_bytes() == converted
