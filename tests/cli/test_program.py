"""The console program, from the outside."""

import subprocess
import sys

import pytest
from click.testing import CliRunner

from taiga.cli import main


@pytest.mark.parametrize("command", sorted(main.commands))
def test_every_command_explains_itself(command: str) -> None:
    if command in ("createsuperuser", "createuser", "django"):  # Django explains these, at some length
        assert main.commands[command].get_short_help_str()
        return
    answer = CliRunner().invoke(main, [command, "--help"], prog_name="taiga")
    assert answer.exit_code == 0
    assert answer.output.startswith(f"Usage: taiga {command}")


def test_help_does_not_wait_for_django() -> None:
    program = "import sys; from taiga.cli import main; print(sorted({'django', 'uvicorn'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout == "[]\n"


def test_a_route_is_found_by_an_address_of_somebody() -> None:
    answer = CliRunner().invoke(main, ["routes", "PATCH", "/api/v1/users/1"])
    assert answer.exit_code == 0, answer.output
    (line,) = answer.output.splitlines()
    assert line.startswith("PATCH  /users/{id} ")
    assert "taiga/" in line


def test_an_address_of_nobody_is_an_error() -> None:
    answer = CliRunner().invoke(main, ["routes", "GET", "/nowhere/at/all"])
    assert answer.exit_code == 1
    assert "no such address" in answer.output


def test_django_commands_are_at_hand() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "taiga", "django", "diffsettings"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "TAIGA_THREADS" in done.stdout
