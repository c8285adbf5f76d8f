"""Files on disk: links and folders are told apart, and never followed."""

from promptctl.versions.worktree import Disk


def test_kinds(tmp_path):
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder/file").write_text("x")
    (tmp_path / "link").symlink_to("folder/file")
    (tmp_path / "linked").symlink_to("folder")
    disk = Disk(tmp_path)

    assert [disk.kind(path) for path in ("folder/file", "link", "folder", "linked/file", "no/file", "folder/no")] == [
        "file",
        "symlink",
        None,
        None,
        None,
        None,
    ]
    assert disk.kind("a\0b/c") is None
    assert disk.kind("a\0b") is None
    assert disk.link("link") == "folder/file"
