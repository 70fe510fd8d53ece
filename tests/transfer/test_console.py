"""`taiga load-dump` and `taiga dump`."""

import json
from pathlib import Path
from unittest.mock import ANY

import pytest
from click.testing import CliRunner, Result

from taiga.cli import main
from taiga.projects.models import Project
from taiga.users.models import User
from tests.transfer import sample

pytestmark = pytest.mark.django_db


def run(*arguments: str, given: bytes | None = None) -> Result:
    return CliRunner().invoke(main, list(arguments), input=given)


@pytest.fixture
def dump(tmp_path: Path) -> Path:
    path = tmp_path / "apollo.json"
    path.write_bytes(sample.stream(sample.project()).getvalue())
    return path


def test_a_file_is_loaded_for_the_owner_that_it_names(dump: Path) -> None:
    result = run("load-dump", str(dump))
    assert result.exit_code == 0, result.output
    assert '"Apollo" is loaded as apollo: 1 epics, 2 user stories, 1 tasks, 2 issues' in result.stdout
    assert f"{sample.BOB} (bob)" in result.stdout
    owner = Project.objects.get().owner
    assert owner is not None
    assert owner.email == sample.ALICE


def test_a_project_goes_from_output_to_input(alice: User, dump: Path) -> None:
    run("load-dump", str(dump))
    written = run("dump", "apollo")
    assert json.loads(written.stdout_bytes)["name"] == "Apollo"
    again = run("load-dump", "-", "--name", "Copy", "--owner", "alice", "--people", "match", given=written.stdout_bytes)
    assert again.exit_code == 0, again.output
    assert Project.objects.get(slug="copy").owner == alice


def test_a_dump_is_written_to_a_file_whole(alice: User, dump: Path, tmp_path: Path) -> None:
    run("load-dump", str(dump))
    out = tmp_path / "out" / "copy.json"
    assert run("dump", "apollo", "--out", str(out)).exit_code == 1
    out.parent.mkdir()
    assert run("dump", "apollo", "--out", str(out)).exit_code == 0
    assert json.loads(out.read_bytes())["slug"] == "apollo"
    assert list(out.parent.iterdir()) == [out]


def test_who_is_left_out_is_listed(alice: User, dump: Path) -> None:
    result = run("load-dump", str(dump), "--people", "match")
    assert "left out:\n  bob@example.com\n  carol@example.com" in result.stdout


def test_a_refusal_says_what_is_wrong_where(alice: User, tmp_path: Path) -> None:
    broken = tmp_path / "broken.json"
    broken.write_bytes(sample.stream(sample.with_changes(roles=[{"order": 1}])).getvalue())
    result = run("load-dump", str(broken))
    assert result.exit_code == 1
    assert "roles[0].name: This field is required." in result.stderr
    assert not Project.objects.exists()


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (("load-dump", "/no/such/file"), "can't be read"),
        (("load-dump", ANY, "--owner", "nobody"), "nobody"),
        (("dump", "no-such"), "no-such"),
    ],
)
def test_what_is_not_there_is_said_in_one_line(dump: Path, arguments: tuple[str, ...], word: str) -> None:
    result = run(*(str(dump) if one is ANY else one for one in arguments))
    assert result.exit_code == 1
    assert word in result.stderr
    assert "Traceback" not in result.output
