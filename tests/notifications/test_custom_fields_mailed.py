"""What a mail tells of custom fields."""

from typing import Any

import pytest
from django.core import mail

from tests.activity import COLLECTIONS, Apollo, working

pytestmark = pytest.mark.django_db


def give(apollo: Apollo, kind: str, key: int, values: dict[int, Any]) -> list[str]:
    """Set the values; what Bob's mail says of it."""
    mail.outbox.clear()
    path = f"/{COLLECTIONS[kind]}/custom-attributes-values/{key}"
    version = apollo.alice.get(path).json()["version"]
    body = {"attributes_values": {str(field): value for field, value in values.items()}, "version": version}
    with working():
        assert apollo.alice.patch(path, body).status_code == 200
    (sent,) = mail.outbox
    assert sent.to == ["bob@example.com"]
    return [line for line in str(sent.body).splitlines() if line.startswith("- ")]


@pytest.mark.parametrize("kind", ["userstory", "task", "issue"])
def test_fields_that_are_filled_changed_and_emptied_are_told_by_name(kind: str) -> None:
    apollo = Apollo()
    cost, colour = (
        apollo.alice.post(f"/{kind}-custom-attributes", {"project": apollo.project.pk, "name": name}).json()["id"]
        for name in ("Cost", "Colour")
    )
    key = apollo.make(kind, assigned_to=apollo.id("bob"))
    with working():
        pass
    filled = ["- Custom field (Cost): — → ten", "- Custom field (Colour): — → red"]
    assert give(apollo, kind, key, {cost: "ten", colour: "red"}) == filled
    assert give(apollo, kind, key, {cost: "two", colour: "red"}) == ["- Custom field (Cost): ten → two"]
    assert give(apollo, kind, key, {cost: "two"}) == ["- Custom field (Colour): red → —"]
