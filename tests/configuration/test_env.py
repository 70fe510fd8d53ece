"""What the environment and `.env` may contain, and the messages for what is not valid."""

from pathlib import Path

import pytest

from taiga.configuration import env
from taiga.configuration.env import BadSettings


@pytest.fixture(autouse=True)
def no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("spelling", ["True", "true", "1", "yes", "on", " YES "])
def test_every_usual_spelling_of_yes_is_understood(spelling: str) -> None:
    assert env.read({"PUBLIC_REGISTER_ENABLED": spelling}).flag("PUBLIC_REGISTER_ENABLED") is True


@pytest.mark.parametrize("spelling", ["False", "false", "0", "no", "off"])
def test_every_usual_spelling_of_no_is_understood(spelling: str) -> None:
    assert env.read({"WEBHOOKS_ENABLED": spelling}).flag("WEBHOOKS_ENABLED") is False


def test_an_empty_value_means_the_default() -> None:
    assert env.read({"WEBHOOKS_ENABLED": ""}).flag("WEBHOOKS_ENABLED") is True


def test_all_that_is_wrong_is_told_at_once_and_says_what_is_allowed() -> None:
    with pytest.raises(BadSettings) as refusal:
        env.read({"TAIGA_SITES_SCHEME": "ftp", "EMAIL_PORT": "smtp", "FEEDBACK_ENABLED": "maybe"})
    told = str(refusal.value)
    assert "TAIGA_SITES_SCHEME: 'ftp' is not allowed; choose one of http, https." in told
    assert "EMAIL_PORT: 'smtp' is not allowed; a whole number of at least 1 is." in told
    assert "FEEDBACK_ENABLED: 'maybe' is not allowed; say true or false." in told


def test_limits_can_be_numbers_or_none() -> None:
    given = env.read({"MAX_PENDING_MEMBERSHIPS": "none", "MAX_PRIVATE_PROJECTS_PER_USER": "0"})
    assert given.number_or_none("MAX_PENDING_MEMBERSHIPS") is None
    assert given.number_or_none("MAX_PRIVATE_PROJECTS_PER_USER") == 0
    assert given.number_or_none("MAX_PUBLIC_PROJECTS_PER_USER") is None


def test_several_rates_can_be_given_and_a_default_rate_lifted() -> None:
    given = env.read({"THROTTLE_ANON_READ": "10/second, 100/min", "THROTTLE_IMPORT_DUMP_MODE": "none"})
    assert given.words("THROTTLE_ANON_READ") == ["10/second", "100/min"]
    assert given.words("THROTTLE_IMPORT_DUMP_MODE") == []
    assert env.read({}).words("THROTTLE_IMPORT_DUMP_MODE") == ["1/minute"]


@pytest.mark.parametrize("rate", ["100", "0/minute", "100/week", "many/day"])
def test_a_rate_that_is_none_is_refused(rate: str) -> None:
    with pytest.raises(BadSettings, match="THROTTLE_USER_READ"):
        env.read({"THROTTLE_USER_READ": rate})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("TAIGA_TRUSTED_PROXIES", "10.0.0.0/8, proxy.example"),
        ("GITLAB_VALID_ORIGIN_IPS", "10.0.0.0/99"),
        ("BITBUCKET_VALID_ORIGIN_IPS", "anybody"),
        ("LANGUAGE_CODE", "klingon"),
        ("REDIS_URL", "localhost:6379"),
        ("OUTBOUND_PROXY", "proxy:3128"),
        ("THROTTLE_WHITELIST", "7, proxy.example"),
        ("THROTTLE_WHITELIST", "alice"),
        ("POSTGRES_PORT", "65536"),
        ("EMAIL_PORT", "99999"),
        ("ACCESS_TOKEN_LIFETIME", "9999999999"),
        ("TAIGA_THREADS", "9" * 5000),
    ],
)
def test_addresses_and_languages_that_are_none_are_refused(name: str, value: str) -> None:
    with pytest.raises(BadSettings, match=f"{name}: .* is not allowed; "):
        env.read({name: value})


def test_who_is_not_throttled_is_a_person_or_an_address() -> None:
    listed = ["7", "192.0.2.1", "10.0.0.0/8", "2001:db8::/32"]
    assert env.read({"THROTTLE_WHITELIST": ", ".join(listed)}).words("THROTTLE_WHITELIST") == listed


def test_the_last_port_is_one() -> None:
    assert env.read({"EMAIL_PORT": "65535"}).number("EMAIL_PORT") == 65535


def test_an_address_that_may_hold_a_password_is_not_repeated() -> None:
    with pytest.raises(BadSettings) as refusal:
        env.read({"REDIS_URL": ":secret@localhost"})
    assert str(refusal.value) == (
        "REDIS_URL: the value given is not allowed; begin with redis:// or rediss:// or unix://."
    )


def test_languages_and_networks_are_understood() -> None:
    told = {"LANGUAGE_CODE": "de-AT", "TAIGA_TRUSTED_PROXIES": "192.0.2.1 2001:db8::/32", "REDIS_URL": "redis://cache"}
    given = env.read(told)
    assert (given.text("LANGUAGE_CODE"), given.text("REDIS_URL")) == ("de-AT", "redis://cache")
    assert given.words("TAIGA_TRUSTED_PROXIES") == ["192.0.2.1", "2001:db8::/32"]


def test_the_env_file_is_read_as_docker_compose_does(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text(
        "# Taiga's URLs\n"
        "TAIGA_SCHEME=https  # serve over TLS\n"
        "TAIGA_DOMAIN=taiga.example:9000\n"
        'SUBPATH="/tracker" # below a path\n'
        "export EMAIL_HOST_PASSWORD='pa#ss $word'\n"
        'JIRA_IMPORTER_CERT="-----BEGIN\\nabc"\n'
        "RABBITMQ_USER=taiga\n"
    )
    given = env.read({})
    assert given.text("TAIGA_SITES_SCHEME") == "https"
    assert given.text("TAIGA_SITES_DOMAIN") == "taiga.example:9000"
    assert given.text("TAIGA_SUBPATH") == "/tracker"
    assert given.text("EMAIL_HOST_PASSWORD") == "pa#ss $word"
    assert given.text("JIRA_IMPORTER_CERT") == "-----BEGIN\nabc"
    assert given.warnings == []


def test_the_environment_wins_over_the_file_and_our_own_name_over_the_other(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("EMAIL_HOST=file\nTAIGA_SITES_DOMAIN=own\n")
    given = env.read({"EMAIL_HOST": "environment", "TAIGA_DOMAIN": "other"})
    assert given.text("EMAIL_HOST") == "environment"
    assert given.text("TAIGA_SITES_DOMAIN") == "own"


def test_a_line_that_is_no_setting_is_named(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("\nTAIGA_THREADS 4\n")
    with pytest.raises(BadSettings, match=r"\.env, line 2"):
        env.read({})


def test_a_slip_of_the_keyboard_is_told_with_what_was_meant(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("WEBHOOKS_ENABELD=true\n")
    assert env.read({"TAIGA_TROTTLE": "off"}).warnings == [
        "WEBHOOKS_ENABELD: no such setting; did you mean WEBHOOKS_ENABLED?",
        "TAIGA_TROTTLE: no such setting; did you mean TAIGA_THROTTLE?",
    ]


def test_a_secret_is_never_repeated() -> None:
    with pytest.raises(BadSettings) as refusal:
        env.read({"EMAIL_PORT": "x", "EMAIL_HOST_PASSWORD": "hunter2"})
    assert "hunter2" not in str(refusal.value)
