"""The secret key, the mail backend, importers without keys, and the table in the documentation."""

import stat
from pathlib import Path

import pytest

from taiga.configuration import document, env, importers, mail, secret
from taiga.configuration.env import BadSettings
from taiga.configuration.table import OBSOLETE, SETTINGS, TABLE

HOME = Path(__file__).resolve().parents[2]


def given(**values: str) -> env.Given:
    return env.read({"TAIGA_ENV_FILE": "/dev/null", **values})


def test_the_secret_key_is_made_once_and_read_by_its_owner_alone(tmp_path: Path) -> None:
    first = secret.key("", tmp_path / "data")
    assert secret.key("", tmp_path / "data") == first
    assert len(first) >= 64
    assert stat.S_IMODE((tmp_path / "data" / "secret_key").stat().st_mode) == 0o600
    assert [file.name for file in (tmp_path / "data").iterdir()] == ["secret_key"]


def test_a_given_secret_key_leaves_no_file(tmp_path: Path) -> None:
    assert secret.key("given", tmp_path) == "given"
    assert list(tmp_path.iterdir()) == []


def test_a_data_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(BadSettings, match="TAIGA_DATA"):
        secret.key("", tmp_path / "file" / "data")


@pytest.mark.parametrize(
    "name", ["smtp", "django.core.mail.backends.smtp.EmailBackend", "django.core.mail.backends.console.EmailBackend"]
)
def test_mail_backends_go_by_short_and_by_long_names(name: str) -> None:
    assert mail.backend(given(EMAIL_BACKEND=name)).endswith(
        f"{name.split('.')[-2] if '.' in name else name}.EmailBackend"
    )


def test_a_folder_for_mails_wins_over_a_server() -> None:
    assert mail.backend(given(EMAIL_BACKEND="smtp", EMAIL_FILE_PATH="/tmp/mails")) == mail.SHORT["file"]


def test_two_kinds_of_tls_at_once_are_refused_where_they_matter() -> None:
    both = {"EMAIL_USE_TLS": "True", "EMAIL_USE_SSL": "True"}
    assert mail.backend(given(EMAIL_BACKEND="console", **both)) == mail.SHORT["console"]
    with pytest.raises(BadSettings, match="EMAIL_USE_TLS, EMAIL_USE_SSL"):
        mail.backend(given(EMAIL_BACKEND="smtp", **both))


def switched_on(**keys: str) -> dict[str, dict[str, object]]:
    return {
        name: {"active": name == "jira", **dict.fromkeys(needs, ""), **keys} for name, needs in importers.NEEDS.items()
    }


def test_an_importer_without_its_keys_is_told_by_name(tmp_path: Path) -> None:
    broken = tmp_path / "cert.pem"
    broken.write_text("no key")
    (line,) = importers.warnings(switched_on(consumer_key="", cert=str(tmp_path / "absent"), pub_cert=str(broken)))
    assert line.startswith("ENABLE_JIRA_IMPORTER is on, but JIRA_IMPORTER_CONSUMER_KEY is not given; ")
    assert "JIRA_IMPORTER_CERT names can't be read" in line
    assert "JIRA_IMPORTER_PUB_CERT names holds no key" in line


def test_an_importer_with_its_keys_is_nothing_to_tell() -> None:
    pem = "-----BEGIN RSA PRIVATE KEY-----"
    assert importers.warnings(switched_on(consumer_key="taiga", cert=pem, pub_cert=pem)) == []


def test_the_documentation_shows_every_setting() -> None:
    assert document.markdown() in (HOME / "docs" / "deployment.md").read_text(encoding="utf-8"), (
        "paste the output of bin/taiga settings-table into docs/deployment.md"
    )


def test_no_name_is_declared_twice() -> None:
    names = [name for section in TABLE for one in section.settings for name in (one.name, *one.also)] + list(OBSOLETE)
    assert len(names) == len(set(names))


def test_every_declared_setting_is_used() -> None:
    sources = [HOME / "taiga" / "settings.py", *(HOME / "taiga" / "configuration").glob("*.py")]
    texts = {file.name: file.read_text(encoding="utf-8") for file in sources if file.name != "table.py"}
    assert [name for name in SETTINGS if not any(f'"{name}"' in text for text in texts.values())] == []
