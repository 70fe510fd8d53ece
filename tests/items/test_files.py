"""Names of attached files, and cells of reports that a spreadsheet would run."""

import csv
import io
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from taiga.projects.models import UserStory
from tests.items.conftest import World

NAMES = {
    "Ünï 测试 .PDF": "Ünï 测试 .PDF",
    'a\\"b;c.txt': 'a"b;c.txt',
    "😊.png": "😊.png",
    "x" * 300 + ".txt": None,
    "../../x": "x",
}


@pytest.mark.parametrize("name", NAMES)
def test_files_in_whatever_script_can_be_attached_and_downloaded(world: World, name: str) -> None:
    story = world.make()["id"]
    file: Any = SimpleUploadedFile("plain", b"text", "text/plain")
    file._name = name
    reply = world.alice.upload(
        "/userstories/attachments", project=world.project.pk, object_id=story, attached_file=file
    )
    assert reply.status_code == 201, reply.content
    made = reply.json()
    assert made["name"] == NAMES[name] or (NAMES[name] is None and 0 < len(made["name"]) <= 255)
    assert made["attached_file"].isascii()
    address = urlsplit(made["url"])
    answer = Client().get(f"{address.path}?{address.query}")
    assert (answer.status_code, b"".join(answer)) == (200, b"text")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert Client().get(address.path).status_code == 403


FORMULAS = ["=1+1", "+1+1", "-1+1", "@SUM(A1)", "\t=1+1", " =1+1"]


@pytest.mark.parametrize("formula", FORMULAS)
def test_no_cell_of_a_report_is_a_formula(world: World, formula: str) -> None:
    story = world.make(tags=[formula], description=f'a "quoted"\n{formula}')
    UserStory.objects.filter(pk=story["id"]).update(subject=formula)
    field = {"project": world.project.pk, "name": formula.strip(), "type": "text"}
    assert world.alice.post("/userstory-custom-attributes", field).status_code == 201
    reply = world.alice.post(f"/projects/{world.project.pk}/regenerate_userstories_csv_uuid")
    answer = world.nobody.get(f"/userstories/csv?uuid={reply.json()['uuid']}")
    assert answer.status_code == 200
    header, *rows = list(csv.reader(io.StringIO(b"".join(answer).decode())))
    assert len(rows) == 1
    for cell in [*header, *rows[0]]:
        assert not cell.lstrip().startswith(("=", "+", "-", "@")), cell
