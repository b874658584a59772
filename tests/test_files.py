"""A file is whole or not there."""

import pytest

from segvspers._files import replacing, write_text


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
