"""`taiga serve` from outside: one process that says when it is ready, and that stops cleanly."""

import http.client
import signal
import socket
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import websocket

from tests import template
from tests.server.served import port_of, taiga

PATIENCE = 60


@dataclass
class Served:
    """A running `taiga serve`, below a path."""

    process: "subprocess.Popen[str]"
    ready: str
    port: int

    def get(self, path: str, **headers: str) -> http.client.HTTPResponse:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        connection.request("GET", path, headers=headers)
        response = connection.getresponse()
        response.read()
        return response


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    data = tmp_path_factory.mktemp("served")
    template.copy_to(data / "taiga.sqlite3")
    process = taiga("serve", "--port", "0", TAIGA_DATA=str(data), TAIGA_SUBPATH="/tracker")
    assert process.stdout is not None
    ready = process.stdout.readline()
    assert ready, process.communicate()[1]
    yield Served(process, ready, port_of(ready))
    process.kill()
    process.communicate()


def test_it_says_when_it_is_ready(served: Served) -> None:
    assert served.ready == f"Taiga is ready at http://127.0.0.1:{served.port}\n"


@pytest.mark.parametrize("prefix", ["", "/tracker"])
def test_it_answers_with_and_without_the_path_that_a_proxy_may_have_cut_off(served: Served, prefix: str) -> None:
    assert served.get(f"{prefix}/api/v1/locales").status == 200
    assert served.get(f"{prefix}/events").status == 426
    assert served.get(f"{prefix}/static/admin/css/base.css").status == 200


@pytest.mark.parametrize("prefix", ["", "/tracker"])
@pytest.mark.parametrize("origin", ["http://elsewhere.example", "null", None])
def test_the_live_channel_opens_below_the_path_for_any_origin_and_answers_a_ping_first(
    served: Served, prefix: str, origin: str | None
) -> None:
    for path in (f"{prefix}/events", f"{prefix}/events/"):
        channel = websocket.create_connection(f"ws://127.0.0.1:{served.port}{path}", timeout=PATIENCE, origin=origin)
        assert channel.getstatus() == 101
        channel.send('{"cmd":"ping"}')
        assert channel.recv() == '{"cmd":"pong"}'
        channel.close()


@pytest.mark.parametrize(
    "headers", [{}, {"Upgrade": "h2c", "Connection": "Upgrade"}, {"Upgrade": "websocket"}, {"Connection": "Upgrade"}]
)
def test_without_an_upgrade_the_live_channel_never_answers_that_all_is_well(
    served: Served, headers: dict[str, str]
) -> None:
    for prefix in ("", "/tracker"):
        assert served.get(f"{prefix}/events", **headers).status in (400, 426)


def test_the_admin_site_redirects_below_the_path(served: Served) -> None:
    assert served.get("/admin/").headers["location"] == "/tracker/admin/login/?next=/tracker/admin/"


def test_it_does_not_tell_what_it_is_made_of(served: Served) -> None:
    assert "server" not in served.get("/api/v1/locales").headers


def test_a_port_that_is_taken_is_named(served: Served, tmp_path: Path) -> None:
    second = taiga("serve", "--port", str(served.port), TAIGA_DATA=str(tmp_path))
    _, told = second.communicate(timeout=PATIENCE)
    assert second.returncode == 1
    assert told == f"Error: can't listen at 127.0.0.1:{served.port}: Address already in use\n"


def test_settings_that_cannot_be_understood_stop_the_start(tmp_path: Path) -> None:
    process = taiga("serve", "--port", "0", TAIGA_DATA=str(tmp_path), TAIGA_THREADS="many")
    said, told = process.communicate(timeout=PATIENCE)
    assert process.returncode == 2
    assert said == ""
    assert told.splitlines() == [
        "Taiga can't start with these settings.",
        "TAIGA_THREADS: 'many' is not allowed; a whole number of at least 1 is.",
    ]


@pytest.mark.parametrize("command", [("serve", "--port", "0"), ("worker",)])
def test_a_database_that_does_not_answer_is_told_in_one_line(tmp_path: Path, command: tuple[str, ...]) -> None:
    (tmp_path / "folder").mkdir()
    process = taiga(*command, TAIGA_DATA=str(tmp_path), DATABASE_URL=f"sqlite:///{tmp_path}/folder")
    said, told = process.communicate(timeout=PATIENCE)
    assert (process.returncode, said) == (1, "")
    problem = "Error: can't start: unable to open database file (`bin/taiga doctor` says what to look at)"
    assert [line for line in told.splitlines() if "no such setting" not in line] == [problem]


def test_asked_to_stop_it_finishes_what_runs_and_leaves_with_status_0(served: Served) -> None:
    """The last test of the module: a request whose body is still on its way is answered before the process goes."""
    with socket.create_connection(("127.0.0.1", served.port), timeout=PATIENCE) as client:
        client.sendall(
            b"POST /api/v1/auth HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{"
        )
        served.get("/api/v1/locales")  # by now the half request has been read
        served.process.send_signal(signal.SIGTERM)
        while accepts(served.port):
            pass
        client.sendall(b"}")
        assert client.recv(1000).startswith(b"HTTP/1.1 400")
    said, _ = served.process.communicate(timeout=PATIENCE)
    assert served.process.returncode == 0
    assert said == ""


def accepts(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE):
            return True
    except OSError:
        return False
