"""A private PostgreSQL for tests and benchmarks: `python -m tests.postgres -- COMMAND` runs COMMAND beside one.

It lives in a folder of its own, answers on a unix socket only, and is gone when the command ends.
"""

import getpass
import os
import pwd
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import psycopg

BINARIES = "/usr/lib/postgresql"
DATABASE = "taiga"
PATIENCE = 60
FAST = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
ALWAYS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "200",
    "shared_buffers": "128MB",
    "autovacuum_naptime": "10s",
}


class Missing(Exception):
    """There is no PostgreSQL on this machine, and none could be installed."""


@contextmanager
def running(*, durable: bool = False) -> Iterator[str]:
    """The DATABASE_URL of an empty database. What is written is not meant to outlive a crash unless it is `durable`."""
    binaries = find() or install()
    with tempfile.TemporaryDirectory(prefix="taiga-postgres-") as name:
        folder = Path(name)
        owner = unprivileged()
        shutil.chown(folder, owner)
        folder.chmod(0o755)
        as_owner = (
            []
            if owner == getpass.getuser()
            else ["setpriv", "--reuid", owner, "--regid", _group(owner), "--clear-groups"]
        )
        initialise(binaries, folder, as_owner)
        server = start(binaries, folder, as_owner, ALWAYS | ({} if durable else FAST))
        try:
            create_database(folder, server)
            yield f"postgres://taiga@/{DATABASE}?host={folder}"
        finally:
            server.terminate() if server.poll() is None else None
            server.wait(PATIENCE)


def find() -> Path | None:
    """The newest of Debian's folders, or what is on the PATH."""
    folders = [folder / "bin" for folder in Path(BINARIES).glob("*") if (folder / "bin/initdb").exists()]
    if folders:
        return max(folders, key=lambda folder: float(folder.parent.name))
    on_path = shutil.which("initdb")
    return Path(on_path).resolve().parent if on_path else None


def install() -> Path:
    """Debian's own package, where that is possible without asking anybody."""
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        raise Missing(
            "The tests need PostgreSQL's server programs: install them (Debian: apt install postgresql), "
            "or say --sqlite-only."
        )
    print("Installing Debian's package postgresql for the tests …", file=sys.stderr, flush=True)
    quiet = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    for command in (
        ["apt-get", "update", "-qq"],
        ["apt-get", "install", "-qq", "-y", "--no-install-recommends", "postgresql"],
    ):
        done = subprocess.run(command, env=quiet, capture_output=True, text=True, check=False)
        if done.returncode:
            raise Missing(f"PostgreSQL could not be installed ({' '.join(command)}):\n{done.stderr.strip()}")
    found = find()
    if found is None:
        raise Missing("Debian's package postgresql was installed, but its programs are not in /usr/lib/postgresql.")
    return found


def unprivileged() -> str:
    """PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return getpass.getuser()
    names = {user.pw_name for user in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"


def _group(user: str) -> str:
    return str(pwd.getpwnam(user).pw_gid)


def initialise(binaries: Path, folder: Path, as_owner: Sequence[str]) -> None:
    command = [
        *as_owner,
        str(binaries / "initdb"),
        *("--pgdata", str(folder / "cluster"), "--username", "taiga", "--auth", "trust"),
        *("--encoding", "UTF8", "--locale", "C.UTF-8", "--no-sync"),
    ]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        raise Missing(f"PostgreSQL could not make a cluster:\n{done.stderr.strip()}")


def start(binaries: Path, folder: Path, as_owner: Sequence[str], options: dict[str, str]) -> "subprocess.Popen[bytes]":
    """Ends by itself when this process does, however it ends."""
    dies_with_us = ["--pdeathsig", "INT"] if shutil.which("setpriv") else []
    wrapper = [*as_owner, *dies_with_us] if as_owner else (["setpriv", *dies_with_us] if dies_with_us else [])
    settings = [f"--{name}={value}" for name, value in {**options, "unix_socket_directories": str(folder)}.items()]
    with (folder / "log").open("wb") as log:
        return subprocess.Popen(
            [*wrapper, str(binaries / "postgres"), "-D", str(folder / "cluster"), *settings],
            cwd=folder,
            stdout=log,
            stderr=log,
        )


def create_database(folder: Path, server: "subprocess.Popen[bytes]") -> None:
    end = time.monotonic() + PATIENCE
    while True:
        try:
            with psycopg.connect(host=str(folder), user="taiga", dbname="postgres", autocommit=True) as connection:
                connection.execute(f"CREATE DATABASE {DATABASE}")
            return
        except psycopg.OperationalError as problem:
            if server.poll() is not None or time.monotonic() > end:
                log = (folder / "log").read_text(errors="replace")
                raise Missing(f"PostgreSQL did not start:\n{log}") from problem
            time.sleep(0.05)


def main(arguments: list[str]) -> int:
    durable = arguments[:1] == ["--durable"]
    command = arguments[durable:]
    if command[:1] == ["--"]:
        command = command[1:]
    if not command:
        print("usage: python -m tests.postgres [--durable] -- COMMAND …", file=sys.stderr)
        return 2
    try:
        with running(durable=durable) as url:
            return subprocess.run(command, env=os.environ | {"DATABASE_URL": url}, check=False).returncode
    except Missing as problem:
        print(problem, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
