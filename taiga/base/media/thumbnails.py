"""Thumbnails: whether a file can have one is decided when it is uploaded; it is made when it is first requested."""

import math
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from typing import IO

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from PIL import Image, ImageOps

from taiga.base.media import paths

# No EPS (it would run Ghostscript), no format that contains other images, none that arbitrary bytes could match.
FORMATS = ("PNG", "JPEG", "GIF", "BMP", "DIB", "WEBP", "AVIF", "PSD", "TIFF")
MOST_PIXELS = 250_000_000
MOST_PIXELS_IN_MEMORY = 40_000_000
LONGEST_SIDE = 65_500
QUALITY = 85

Image.MAX_IMAGE_PIXELS = MOST_PIXELS

_memory = threading.BoundedSemaphore(2)
_locks = tuple(threading.Lock() for _ in range(16))


class NotShown(Exception):
    """An image that is too large to be decoded."""


@dataclass(frozen=True)
class ImageInfo:
    """An image that can have thumbnails."""

    format: str
    has_alpha: bool
    width: int
    height: int

    @property
    def thumbnail_format(self) -> str:
        """The format of its thumbnails. The row of the file keeps it, so that lists need not read the disk."""
        return "png" if self.has_alpha else "jpg"


def probe(file: IO[bytes]) -> ImageInfo | None:
    """What image a file is; None if it is none, is broken, or is too large to be decoded safely."""
    try:
        with _opened(file, paths.Size(1, 1)) as (image, (width, height)):
            return ImageInfo(image.format or "", image.has_transparency_data, width, height)
    except Exception:  # decoders raise all kinds of exceptions for broken files
        return None
    finally:
        file.seek(0)


def format_for(file: IO[bytes], name: str) -> str:
    """The thumbnail format of an attachment or logo; "" for none, also if its extension excludes thumbnails."""
    info = probe(file) if paths.may_have_thumbnail(name) else None
    return info.thumbnail_format if info else ""


def ensure(path: str) -> bool:
    """Make this thumbnail, if it is missing and can be made; returns whether it exists. Threads make each of them
    once.
    """
    wanted = paths.thumbnail_of(path)
    if wanted is None:
        return False
    with _locks[hash(path) % len(_locks)]:
        return default_storage.exists(path) or _make(path, wanted)


def render(file: IO[bytes], size: paths.Size, picture_format: str) -> bytes | None:
    """The thumbnail: upright, without metadata, the first frame only. None if it cannot be made."""
    try:
        with _opened(file, size) as (image, _):
            if image.has_transparency_data != (picture_format == "png"):
                return None
            small = _fitted(_plain(ImageOps.exif_transpose(image)), size)
            out = BytesIO()
            small.save(out, "PNG" if picture_format == "png" else "JPEG", quality=QUALITY, optimize=True)
            return out.getvalue()
    except Exception:  # as in probe
        return None


def _make(path: str, wanted: paths.Thumbnail) -> bool:
    try:
        with default_storage.open(wanted.source) as file:
            picture = render(file, wanted.size, wanted.format)
    except OSError:
        return False
    if picture is None:
        return False
    default_storage.save(path, ContentFile(picture))
    if not default_storage.exists(wanted.source):  # deleted meanwhile: leave nothing behind
        default_storage.delete(path)
        return False
    return True


@contextmanager
def _opened(file: IO[bytes], size: paths.Size) -> Iterator[tuple[Image.Image, tuple[int, int]]]:
    """The decoded image and its original size. A JPEG is decoded at a reduced size, so that photos of any camera can
    be.
    """
    with _memory:
        file.seek(0)
        image = Image.open(file, formats=FORMATS)
        width, height = image.size
        if width * height > MOST_PIXELS or max(width, height) > LONGEST_SIDE:
            raise NotShown
        # Twice the size, so that scaling can smooth; both ways, since the EXIF orientation may turn the image.
        share = 2 * max(_scale(width, height, size), _scale(height, width, size))
        image.draft(None, (math.ceil(width * share), math.ceil(height * share)))
        if image.width * image.height > MOST_PIXELS_IN_MEMORY:
            raise NotShown
        image.load()
        yield image, (width, height)


def _scale(width: int, height: int, size: paths.Size) -> float:
    return max(size.width / width, size.height / height)


def _plain(image: Image.Image) -> Image.Image:
    """Eight bits per channel, RGB with or without alpha, nothing else in it."""
    if image.mode == "I" or image.mode.startswith("I;16"):
        image = image.convert("I").point(lambda value: value * (1 / 256)).convert("L")
    plain = image.convert("RGBA" if image.has_transparency_data else "RGB")
    plain.info.clear()
    return plain


def _fitted(image: Image.Image, size: paths.Size) -> Image.Image:
    """Scaled down to fill the size (never up), then cut around the middle if it is to be cropped."""
    scale = _scale(image.width, image.height, size)
    if scale < 1:
        measures = max(1, round(image.width * scale)), max(1, round(image.height * scale))
        image = image.resize(measures, Image.Resampling.LANCZOS, reducing_gap=3.0)
    if not (size.crop and size.height):
        return image
    width, height = min(size.width, image.width), min(size.height, image.height)
    left, top = (image.width - width) // 2, (image.height - height) // 2
    return image.crop((left, top, left + width, top + height))
