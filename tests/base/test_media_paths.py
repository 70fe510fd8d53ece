"""Names and paths of stored files."""

import re

import pytest

from taiga.base.media import paths


@pytest.mark.parametrize(
    ("sent", "stored"),
    [
        ("My Big FILE (1).TXT", "my-big-file-1.txt"),
        ("Ünï Cödé ñ.txt", "uni-code-n.txt"),
        ("../../etc/passwd.txt", "passwd.txt"),
        ("..\\..\\windows\\system.ini", "system.ini"),
        ("archive.tar.gz", "archivetar.gz"),
        ("plain", "plain"),
        ("😊.png", "file.png"),
        ("", "file"),
        ("..", "file"),
        (".htaccess", "htaccess"),
        ('a"b;c.txt', "abc.txt"),
        ("a\r\nSet-Cookie: x=1.txt", "aset-cookie-x1.txt"),
        ("nul\0byte.p\0df", "nulbyte.pdf"),
        ("x.p/../h", "h"),
        ("x.<svg>", "x.svg"),
        ("--- ___.md", "file.md"),
    ],
)
def test_a_stored_name_is_plain_ascii(sent: str, stored: str) -> None:
    assert paths.safe_name(sent) == stored


def test_a_stored_name_is_readable_in_any_script() -> None:
    assert re.fullmatch(r"uni-ce-shi\.pdf", paths.safe_name("Ünï 测试 .PDF"))
    assert paths.safe_name("Привет.txt") == "privet.txt"


def test_long_names_are_cut_but_keep_their_extension() -> None:
    assert paths.safe_name("N" * 500 + ".PNG") == "n" * 100 + ".png"
    assert paths.safe_name("a." + "b" * 300) == "a." + "b" * 16


def test_stored_paths_cannot_be_guessed_and_never_meet() -> None:
    made = {paths.stored_path("user", "me.png") for _ in range(100)}
    assert len(made) == 100
    for path in made:
        assert re.fullmatch(r"user(/[0-9a-f]){4}/[0-9a-f]{60}/me\.png", path)


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ("Ünï 测试 .PDF", "Ünï 测试 .PDF"),
        ('a"b;c.txt', 'a"b;c.txt'),
        ("😊.png", "😊.png"),
        ("../../x", "x"),
        ("C:\\Users\\alice\\plan.doc", "plan.doc"),
        ("evil\r\nX-Injected: 1.txt", "evilX-Injected: 1.txt"),
        ("bill\u202efdp.exe", "billfdp.exe"),
        ("\ud800broken.txt", "broken.txt"),
        ("a\u2028b.txt", "ab.txt"),
        ("folder/", "file"),
        ("..", "file"),
        ("  spaced.txt ", "spaced.txt"),
    ],
)
def test_people_see_the_name_they_gave(sent: str, shown: str) -> None:
    assert paths.original_name(sent) == shown


def test_a_shown_name_is_cut_to_255() -> None:
    assert paths.original_name("x" * 300) == "x" * 255
    assert paths.original_name("x" * 300 + ".txt") == "x" * 251 + ".txt"
    assert len(paths.original_name("x" * 10 + "." + "y" * 400)) == 255


@pytest.mark.parametrize(
    ("alias", "picture_format", "name"),
    [
        ("avatar", "png", "a/me.png.80x80_q85_crop.png"),
        ("big-avatar", "jpg", "a/me.png.300x300_q85_crop.jpg"),
        ("logo-small", "jpg", "a/me.png.80x80_q85_crop.jpg"),
        ("logo-big", "jpg", "a/me.png.300x300_q85_crop.jpg"),
        ("card-image", "jpg", "a/me.png.300x200_q85_crop.jpg"),
        ("timeline-image", "png", "a/me.png.640x0_q85_crop.png"),
        ("preview-image", "jpg", "a/me.png.800x0_q85.jpg"),
    ],
)
def test_a_thumbnail_lies_beside_its_file_and_its_name_says_all(alias: str, picture_format: str, name: str) -> None:
    assert paths.thumbnail_path("a/me.png", alias, picture_format) == name
    assert paths.thumbnail_of(name) == ("a/me.png", paths.ALIASES[alias], picture_format)


def test_there_is_no_thumbnail_without_a_picture() -> None:
    assert paths.thumbnail_path(None, "avatar", "png") is None
    assert paths.thumbnail_path("", "avatar", "png") is None
    assert paths.thumbnail_path("a/b.pdf", "card-image", "") is None


@pytest.mark.parametrize(
    "name",
    [
        "a/me.png",
        "a/me.png.9999x9999_q85_crop.png",
        "a/me.png.80x80_q85.png",
        "a/me.png.80x80_q85_crop.gif",
        ".80x80_q85_crop.png",
    ],
)
def test_sizes_nobody_offers_are_no_thumbnails(name: str) -> None:
    assert paths.thumbnail_of(name) is None


def test_only_some_extensions_get_thumbnails() -> None:
    assert all(map(paths.may_have_thumbnail, ["a.png", "A.PNG", "a.svg", "a.gif", "a.bmp", "a.jpeg", "a.jpg", "a.psd"]))
    assert not any(map(paths.may_have_thumbnail, ["a.webp", "picture", "png", "a.png.zip", "a.tiff"]))
