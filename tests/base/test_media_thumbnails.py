"""Which files are images, and what their thumbnails look like."""

import base64
import struct
import zlib
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image, PngImagePlugin
from pytest_django import Settings

from taiga.base.media import paths, storage, thumbnails

Color = str | int | tuple[int, ...]

CARD = paths.ALIASES["card-image"]
DOT = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=="
)
PLAIN_GIF = base64.b64decode("R0lGODlhAQABAIAAAP///wAAACwAAAAAAQABAAACAkQBADs=")
CLEAR_GIF = base64.b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")
SVG = b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"
EPS = b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n%%EndComments\nshowpage\n"


def picture(
    mode: str = "RGB", size: tuple[int, int] = (1000, 500), form: str = "PNG", color: Color = 0, **options: Any
) -> BytesIO:
    out = BytesIO()
    Image.new(mode, size, color).save(out, form, **options)
    out.seek(0)
    return out


def pixel(image: Image.Image, place: tuple[int, int]) -> tuple[int, ...]:
    found = image.getpixel(place)
    assert isinstance(found, tuple)
    return found


def photoshop() -> BytesIO:
    """A 40x30 red PSD: header, three empty sections, raw planes."""
    planes = b"\xff" * 1200 + b"\x00" * 2400
    return BytesIO(b"8BPS" + struct.pack(">H6xHIIHH", 1, 3, 30, 40, 8, 3) + b"\0" * 12 + b"\0\0" + planes)


def png_that_claims(width: int, height: int) -> BytesIO:
    """A PNG of 60 bytes whose header claims this size."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return BytesIO(
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")
    )


def small(file: BytesIO, size: paths.Size, picture_format: str = "jpg") -> Image.Image:
    made = thumbnails.render(file, size, picture_format)
    assert made is not None
    return Image.open(BytesIO(made))


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (DOT, ("PNG", "png")),
        (PLAIN_GIF, ("GIF", "jpg")),
        (CLEAR_GIF, ("GIF", "png")),
        (picture(form="JPEG").getvalue(), ("JPEG", "jpg")),
        (picture(form="BMP").getvalue(), ("BMP", "jpg")),
        (picture("RGBA", form="WEBP").getvalue(), ("WEBP", "png")),
        (picture(form="TIFF").getvalue(), ("TIFF", "jpg")),
        (picture("LA").getvalue(), ("PNG", "png")),
        (picture("RGB", transparency=(0, 0, 0)).getvalue(), ("PNG", "png")),
        (photoshop().getvalue(), ("PSD", "jpg")),
        (picture(form="MPO", save_all=True, append_images=[Image.new("RGB", (9, 9))]).getvalue(), ("MPO", "jpg")),
    ],
)
def test_a_picture_is_known_by_its_content(content: bytes, found: tuple[str, str]) -> None:
    info = thumbnails.probe(BytesIO(content))
    assert info is not None
    assert (info.format, info.thumbnail_format) == found


def test_a_picture_tells_its_size_and_the_file_can_be_read_again() -> None:
    file = picture(form="JPEG", size=(4000, 3000))
    info = thumbnails.probe(file)
    assert info is not None
    assert (info.width, info.height) == (4000, 3000)
    assert file.tell() == 0


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"this is no picture",
        DOT[:30],
        picture().getvalue()[:-900],
        picture("RGB", form="JPEG", color=(200, 10, 10)).getvalue()[:700],
        b"\xff\xd8\xff\xe0" + b"\0" * 100,
        SVG,
        EPS,
        b"GIF89a" + b"\xff" * 20,
        b"8BPS" + b"\xff" * 40,
    ],
)
def test_what_cannot_be_shown_is_no_picture(content: bytes) -> None:
    assert thumbnails.probe(BytesIO(content)) is None


@pytest.mark.parametrize(
    "sides", [(30_000, 30_000), (10_000, 10_000), (65_000, 700), (100_000, 1), (2**31 - 1, 2**31 - 1)]
)
def test_a_decompression_bomb_is_no_picture(sides: tuple[int, int]) -> None:
    assert thumbnails.probe(png_that_claims(*sides)) is None
    assert thumbnails.render(png_that_claims(*sides), CARD, "jpg") is None


def test_a_photo_of_a_big_camera_is_a_picture() -> None:
    photo = picture("L", (12_000, 9_000), "JPEG")
    assert thumbnails.probe(photo) is not None
    assert small(photo, CARD).size == (300, 200)


def test_the_extension_decides_for_attachments() -> None:
    assert thumbnails.format_for(BytesIO(DOT), "dot.PNG") == "png"
    assert thumbnails.format_for(BytesIO(DOT), "dot") == ""
    assert thumbnails.format_for(BytesIO(b"no picture"), "broken.png") == ""
    assert thumbnails.format_for(BytesIO(SVG), "drawing.svg") == ""
    assert thumbnails.format_for(photoshop(), "design.psd") == "jpg"


@pytest.mark.parametrize(
    ("size", "alias", "result"),
    [
        ((1000, 500), "card-image", (300, 200)),
        ((500, 1000), "card-image", (300, 200)),
        ((1000, 500), "avatar", (80, 80)),
        ((100, 50), "big-avatar", (100, 50)),
        ((1000, 100), "big-avatar", (300, 100)),
        ((1000, 500), "timeline-image", (640, 320)),
        ((1000, 3000), "timeline-image", (640, 1920)),
        ((400, 300), "timeline-image", (400, 300)),
        ((1600, 900), "preview-image", (800, 450)),
        ((1, 1), "avatar", (1, 1)),
    ],
)
@pytest.mark.parametrize("form", ["PNG", "JPEG"])
def test_pictures_shrink_to_fill_and_never_grow(
    form: str, size: tuple[int, int], alias: str, result: tuple[int, int]
) -> None:
    assert small(picture(size=size, form=form), paths.ALIASES[alias]).size == result


def test_the_middle_is_what_a_crop_keeps() -> None:
    wide = Image.new("RGB", (900, 200), "blue")
    wide.paste("red", (300, 0, 600, 200))
    out = BytesIO()
    wide.save(out, "PNG")
    made = small(out, CARD).convert("RGB")
    for place in [(5, 100), (150, 100), (294, 100)]:
        red, _, blue = pixel(made, place)
        assert red > 200
        assert blue < 60


def test_transparency_makes_a_png_and_stays() -> None:
    made = small(picture("RGBA", color=(255, 0, 0, 0)), CARD, "png")
    assert (made.format, made.mode) == ("PNG", "RGBA")
    assert pixel(made, (1, 1))[3] == 0


def test_a_thumbnail_exists_in_one_format_only() -> None:
    assert thumbnails.render(picture("RGBA"), CARD, "jpg") is None
    assert thumbnails.render(picture("RGB"), CARD, "png") is None


def test_a_photo_is_turned_upright_and_its_metadata_stay_behind() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010F] = "Spy Camera"
    made = small(
        picture(form="JPEG", size=(1000, 500), exif=exif, comment=b"secret place"), paths.ALIASES["timeline-image"]
    )
    assert made.size == (500, 1000)
    assert not made.getexif()
    assert {"exif", "comment", "icc_profile"} & made.info.keys() == set()


def test_texts_in_a_png_stay_behind() -> None:
    texts = PngImagePlugin.PngInfo()
    texts.add_text("Author", "secret")
    made = thumbnails.render(picture("RGBA", pnginfo=texts), CARD, "png")
    assert made is not None
    assert b"secret" not in made


@pytest.mark.parametrize(
    ("mode", "form", "color", "shown"),
    [
        ("P", "GIF", 0, None),
        ("1", "PNG", 1, 255),
        ("L", "JPEG", 128, 128),
        ("I;16", "PNG", 32768, 128),
        ("CMYK", "JPEG", (0, 0, 0, 0), 255),
    ],
)
def test_every_kind_of_colour_becomes_a_jpeg(mode: str, form: str, color: Color, shown: int | None) -> None:
    made = small(picture(mode, form=form, color=color), CARD)
    assert (made.format, made.mode) == ("JPEG", "RGB")
    assert shown is None or abs(pixel(made, (10, 10))[0] - shown) <= 3


def test_a_moving_picture_shows_its_first_frame() -> None:
    frames = [Image.new("RGB", (400, 400), color) for color in ("red", "blue", "green")]
    out = BytesIO()
    frames[0].save(out, "GIF", save_all=True, append_images=frames[1:])
    red, green, blue = pixel(small(out, CARD), (50, 50))
    assert red > 200
    assert max(green, blue) < 60


@pytest.fixture
def store(settings: Settings, tmp_path: Path) -> Path:
    settings.STORAGES = {"default": storage.storages_setting("", tmp_path)}
    return tmp_path / "media"


def test_many_who_ask_at_once_get_one_thumbnail_made_once(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = storage.save(SimpleUploadedFile("a.png", picture().getvalue()), "user").path
    render = Mock(wraps=thumbnails.render)
    monkeypatch.setattr(thumbnails, "render", render)
    wanted = f"{path}.80x80_q85_crop.jpg"
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(thumbnails.ensure, [wanted] * 8))
    assert answers == [True] * 8
    assert render.call_count == 1
    assert default_storage.exists(wanted)


@pytest.mark.parametrize(
    "suffix", [".80x80_q85_crop.png", ".81x80_q85_crop.jpg", ".80x80_q85_crop.jpg.80x80_q85_crop.jpg", ""]
)
def test_a_name_that_is_no_thumbnail_of_the_picture_makes_none(store: Path, suffix: str) -> None:
    path = storage.save(SimpleUploadedFile("a.png", picture().getvalue()), "user").path
    assert not thumbnails.ensure(f"{path[:-5]}{suffix}")
    assert not thumbnails.ensure(f"{path}{suffix}")
    assert len([each for each in store.rglob("*") if each.is_file()]) == 1


def test_a_picture_deleted_meanwhile_leaves_no_thumbnail(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = storage.save(SimpleUploadedFile("a.png", picture().getvalue()), "user").path
    render = thumbnails.render

    def slow(*given: Any) -> bytes | None:
        made = render(*given)
        storage.delete(path)
        return made

    monkeypatch.setattr(thumbnails, "render", slow)
    assert not thumbnails.ensure(f"{path}.80x80_q85_crop.jpg")
    assert [each for each in store.rglob("*") if each.is_file()] == []
