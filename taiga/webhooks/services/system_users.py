"""The account on whose behalf a forge changes items: that of the person, if it is linked, or one of the forge."""

import uuid
from io import BytesIO

from django.core.files.base import ContentFile
from PIL import Image, ImageDraw, ImageFont

from taiga.base.media import storage
from taiga.users.models import User
from taiga.webhooks.forges.events import Forge, Person

SIDE = 300
"""Width and height of a picture, in pixels."""


def acting(forge: Forge, person: Person) -> User:
    """The account for a person at a forge."""
    linked = None
    if person.id is not None:
        linked = User.objects.filter(auth_data__key=forge.key, auth_data__value=person.id, is_active=True).first()
    return linked or system_user(forge)


def system_user(forge: Forge) -> User:
    """The account of a forge, which is created when it is first needed. Nobody can log in with it."""
    known = User.objects.filter(is_system=True, username__startswith=f"{forge.key}-").order_by("id").first()
    return known or made(forge)


def made(forge: Forge) -> User:
    """Create the account of a forge, with a picture."""
    username = f"{forge.key}-{uuid.uuid4().hex}"
    with storage.keeping(ContentFile(picture(forge), "logo.png"), "user") as saved:
        user = User(
            username=username,
            email=f"{username}@taiga.io",
            full_name=forge.label,
            is_active=False,
            is_system=True,
            photo=saved.path,
            photo_format="jpg",
        )
        user.set_unusable_password()
        user.save()
    return user


def picture(forge: Forge) -> bytes:
    """The initials of a forge in its colour, as a PNG."""
    image = Image.new("RGB", (SIDE, SIDE), forge.colour)
    letters = "".join(letter for letter in forge.label if letter.isupper())
    middle = (SIDE / 2, SIDE / 2)
    ImageDraw.Draw(image).text(middle, letters, "white", ImageFont.load_default(SIDE // 2), anchor="mm")
    out = BytesIO()
    image.save(out, "PNG")
    return out.getvalue()
