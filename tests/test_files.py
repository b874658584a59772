"""A file is whole or not there."""

import pytest

from segvspers._files import replacing, replacing_folder, write_text


def test_a_write_that_fails_leaves_what_stood_before(tmp_path):
    target = write_text(tmp_path / "page.html", "before")
    with pytest.raises(KeyboardInterrupt), replacing(target) as draft:
        draft.write_text("half")
        raise KeyboardInterrupt
    assert target.read_text() == "before"
    assert list(tmp_path.iterdir()) == [target]


def test_a_write_that_ends_well_replaces_and_makes_folders(tmp_path):
    target = tmp_path / "new" / "page.html"
    write_text(target, "one\n")
    write_text(target, "two\n")
    assert target.read_bytes() == b"two\n"
    assert [path.name for path in target.parent.iterdir()] == ["page.html"]


def test_a_folder_is_replaced_whole_or_not_at_all(tmp_path):
    target = tmp_path / "new" / "mails"
    for name in ("one", "two"):
        with replacing_folder(target) as draft:
            (draft / name).write_text(name)
    assert [path.name for path in target.iterdir()] == ["two"]
    with pytest.raises(KeyboardInterrupt), replacing_folder(target) as draft:
        (draft / "half").write_text("half")
        raise KeyboardInterrupt
    assert [path.name for path in target.iterdir()] == ["two"]
    assert list(target.parent.iterdir()) == [target]
