"""Settings: their values, their files (`NAME_FILE`), their errors, and `manage.py config`."""

import os
import re
import subprocess
import sys

import pytest
from django.core.management import CommandError, call_command

from chatproject.config import documents, environment
from chatproject.config.environment import SettingError
from chatproject.config.hints import BEHIND_NO_PROXY, hints, unknown
from chatproject.config.table import BY_NAME, SETTINGS
from chatproject.run.data_dir import CHECKOUT
from tests.run.setting_examples import VALUES, WRONG_IN_EACH

WRONG = [
    ("PORT", "-1", "is no whole number"),
    ("GROUP_SIZE", "1", "is too small"),
    ("GROUP_SIZE", "many", "is no whole number"),
    ("GROUP_SIZE", "٣", "is no whole number"),
    ("REGISTRATION", "", "is empty"),
    ("PUBLIC_URL", "ftp://chat.example.org", "has another scheme"),
    ("PUBLIC_URL", "https://", "has no host"),
    ("PUBLIC_URL", "https://host:port", "is no valid URL"),
    ("PUBLIC_URL", "https://host/chat", "is more or less than scheme, host and port"),
    ("PUBLIC_URL", "https://somebody@host", "is more or less than scheme, host and port"),
    ("OIDC_ISSUER", "http://id.example.org/realms/a", "is not https"),
    ("OIDC_ISSUER", "http://localhost.example.org/realms/a", "is not https"),
    ("OIDC_ISSUER", "http://keycloaklocalhost/realms/a", "is not https"),
    ("OIDC_ISSUER", "ftp://127.0.0.1/realms/a", "is not https"),
    ("OIDC_ISSUER", "https://", "is no issuer"),
    ("OIDC_ISSUER", "https://id.example.org/realms/a?b", "is no issuer"),
    ("HOST", "two hosts", "is no host"),
    ("ALLOWED_HOSTS", "a.example,-", "has an item that is no host"),
    ("PUSH_HOSTS", ".notify.windows.com/", "has an item that is no host"),
    ("EMAIL_FROM", "Chat <chat>", "is no e-mail address"),
    ("OIDC_CA", __file__, "has no certificate in PEM"),
]
NEEDED_TOGETHER = [
    ({"REGISTRATION": "domains"}, "REGISTRATION_DOMAINS"),
    ({"OIDC_ISSUER": "https://id.example.org/realms/a"}, "OIDC_CLIENT_SECRET"),
    ({"LOCAL_ACCOUNTS": "false"}, "OIDC_ISSUER"),
    ({"S3_PUBLIC_URL": "https://files.example.org"}, "S3_BUCKET"),
    ({"CONFIG_LOCKED": "GROUP_SIZE,SECRET_KEY"}, None),
]
STORES = {"DATABASE_URL": "postgresql:///x", "REDIS_URL": "redis://x", "SECRET_KEY": "x"}
WRONG_SECRETS = [
    ("DATABASE_URL", "hunter2", "has another scheme"),
    ("DATABASE_URL", "postgresql://user:name@host:hunter2/name", "is no valid URL"),
    ("REDIS_URL", "http://:hunter2@host", "has another scheme"),
    ("EMAIL_URL", "pop3://user:hunter2@host", "has another scheme"),
]


@pytest.fixture(autouse=True)
def empty_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """No setting is set."""
    for name in BY_NAME:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(f"{name}_FILE", raising=False)


def test_each_setting_has_an_example_here():
    names = [setting.name for setting in SETTINGS]
    assert list(VALUES) == names
    assert list(WRONG_IN_EACH) == names


@pytest.mark.parametrize("name", VALUES)
def test_a_setting_can_be_a_variable(name, monkeypatch):
    text, value = VALUES[name]
    monkeypatch.setenv(name, text)
    assert environment.read(name) == value


@pytest.mark.parametrize("name", VALUES)
def test_a_setting_can_be_a_file(name, monkeypatch, tmp_path):
    text, value = VALUES[name]
    (tmp_path / "file").write_text(f"{text}\n")
    monkeypatch.setenv(f"{name}_FILE", str(tmp_path / "file"))
    assert environment.read(name) == value
    assert environment.is_set(name)


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://user:name@first:5432,second:5432/name",
        "postgresql://user:pass#word@host/name",
        "postgresql://user:pass[word@host/name",
        "postgis://user:name@host/name",
    ],
)
def test_a_database_url_may_have_several_hosts_and_signs_in_its_password(url, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", url)
    assert environment.read("DATABASE_URL") == url


def test_a_mail_address_is_a_contact(monkeypatch):
    monkeypatch.setenv("SECURITY_CONTACT", "security@example.org")
    assert environment.read("SECURITY_CONTACT") == "mailto:security@example.org"


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda setting: setting.name)
def test_a_setting_has_a_valid_default_or_is_required(setting):
    if setting.default is None:
        with pytest.raises(SettingError, match=f"{setting.name} is not set: set it to "):
            environment.read(setting.name)
    else:
        assert environment.read(setting.name) != VALUES[setting.name][1]


def test_the_variable_is_used_before_the_file(monkeypatch, tmp_path):
    monkeypatch.setenv("GROUP_SIZE", "5")
    monkeypatch.setenv("GROUP_SIZE_FILE", str(tmp_path / "missing"))
    assert environment.read("GROUP_SIZE") == 5


@pytest.mark.parametrize("name", ["GROUP_SIZE", "HOST", "LOG_LEVEL", "PUBLIC_URL", "EMAIL_FROM"])
def test_an_empty_value_means_the_default(name, monkeypatch):
    default = environment.read(name)
    monkeypatch.setenv(name, "")
    assert environment.read(name) == default


def test_an_empty_list_is_a_value(monkeypatch):
    monkeypatch.setenv("ALLOWED_HOSTS", "")
    assert environment.read("ALLOWED_HOSTS") == []


@pytest.mark.parametrize(("name", "value", "problem"), WRONG)
def test_a_wrong_value_is_one_line_with_value_problem_and_allowed_values(
    name, value, problem, monkeypatch
):
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingError) as error:
        environment.read(name)
    allowed = BY_NAME[name].type.allowed
    assert str(error.value) == f"{name} is {value!r}, which {problem}: set it to {allowed}."


def test_a_wrong_value_in_each_setting_is_one_message_with_a_line_for_each(monkeypatch):
    for name, (value, _) in WRONG_IN_EACH.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SettingError) as error:
        environment.read_all()
    lines = str(error.value).splitlines()
    assert len(lines) == len(SETTINGS)
    for line, setting in zip(lines, SETTINGS, strict=True):
        value, problem = WRONG_IN_EACH[setting.name]
        found = "has a value that" if setting.secret else f"is {value!r}, which"
        assert line == f"{setting.name} {found} {problem}: set it to {setting.type.allowed}."


@pytest.mark.parametrize(("given", "needed"), NEEDED_TOGETHER)
def test_a_setting_without_the_one_that_it_needs_is_refused_with_all_others(
    given, needed, monkeypatch
):
    for name, value in {**STORES, **given, "GROUP_SIZE": "1"}.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SettingError) as error:
        environment.read_all()
    size, together = str(error.value).splitlines()
    assert size.startswith("GROUP_SIZE is '1'")
    assert (f"set {needed}" if needed else "CONFIG_LOCKED has a name that") in together
    with pytest.raises(SettingError):
        environment.check_set()


def test_what_make_run_sets_itself_may_be_missing_at_its_start():
    environment.check_set()


@pytest.mark.parametrize(
    "value", ["chat@example.org", "Our chat <chat@example.org>", "<chat@example.org>"]
)
def test_a_sender_may_have_a_name(value, monkeypatch):
    monkeypatch.setenv("EMAIL_FROM", value)
    assert environment.read("EMAIL_FROM") == value


@pytest.mark.parametrize("value", ["*", ".example.org", "10.0.0.1", "[::1]", "::1", "a_b"])
def test_a_host_may_be_a_name_an_address_or_a_domain(value, monkeypatch):
    monkeypatch.setenv("ALLOWED_HOSTS", value)
    assert environment.read("ALLOWED_HOSTS") == [value]


def test_names_that_look_like_settings_are_told_with_what_may_be_meant():
    ours = ["GROUP_SIZE", "SECRET_KEY_FILE", "STORAGE", "SSO"]
    others = ["PATH", "HOSTNAME", "TZ", "SSL_CERT_FILE", "PARLEY_SERVICE_HOST", "PARLEY_PORT"]
    typed = {
        "REGISTRATON": " Is REGISTRATION meant?",
        "PARLEY_GROUP_SIZE": " Is GROUP_SIZE meant?",
        "PARLEY_COLOUR": "",
        "OIDC_CLIENTID_FILE": " Is OIDC_CLIENT_ID meant?",
        "NEWCOMER_DAYS": "",
    }
    told = unknown([*ours, *others, *typed])
    assert set(told) == {f"{name} is set, and no setting.{meant}" for name, meant in typed.items()}


@pytest.mark.parametrize(
    ("url", "proxies", "told"),
    [
        ("https://chat.example.org", "", [BEHIND_NO_PROXY]),
        ("https://chat.example.org", "127.0.0.1", []),
        ("http://chat.example.org", "", []),
    ],
)
def test_https_without_a_trusted_proxy_is_told(url, proxies, told, monkeypatch):
    monkeypatch.setenv("PUBLIC_URL", url)
    monkeypatch.setenv("TRUSTED_PROXIES", proxies)
    assert [line for line in hints() if "no setting" not in line] == told


@pytest.mark.parametrize(("name", "value", "problem"), WRONG_SECRETS)
def test_the_error_of_a_wrong_secret_does_not_contain_it(name, value, problem, monkeypatch):
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingError) as error:
        environment.read(name)
    allowed = BY_NAME[name].type.allowed
    assert str(error.value) == f"{name} has a value that {problem}: set it to {allowed}."


def test_an_unreadable_file_is_named(monkeypatch, tmp_path):
    monkeypatch.setenv("SECRET_KEY_FILE", "/no/such/file")
    with pytest.raises(SettingError, match=r"SECRET_KEY_FILE is '/no/such/file', which cannot be"):
        environment.read("SECRET_KEY")
    (tmp_path / "file").write_bytes(b"\xff")
    monkeypatch.setenv("SECRET_KEY_FILE", str(tmp_path / "file"))
    with pytest.raises(SettingError, match="it is not text in UTF-8"):
        environment.read("SECRET_KEY")


def test_set_default_keeps_what_the_environment_sets(monkeypatch):
    monkeypatch.setenv("DATABASE_TIMEOUT_FILE", "/run/secrets/timeout")
    environment.set_default("DATABASE_TIMEOUT", "60", source="worker")
    assert "DATABASE_TIMEOUT" not in os.environ


def config(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run `manage.py config`."""
    stores = {"DATABASE_URL": "postgresql:///x", "REDIS_URL": "redis://x", "SECRET_KEY": "hunter2"}
    return subprocess.run(
        [sys.executable, "-W", "ignore", "manage.py", "config", *arguments],
        cwd=CHECKOUT,
        env={**os.environ, "VAPID_PRIVATE_KEY": "hunter2", **stores, **variables},
        capture_output=True,
        text=True,
        check=False,
    )


def test_config_prints_values_and_sources_with_secrets_masked(tmp_path):
    (tmp_path / "size").write_text("50")
    done = config(PUSH_AFTER="7", GROUP_SIZE_FILE=str(tmp_path / "size"))
    assert done.returncode == 0, done.stderr
    lines = {line.split()[0]: " ".join(line.split()[1:]) for line in done.stdout.splitlines()}
    assert list(lines) == list(BY_NAME)
    assert lines["PUSH_AFTER"] == "7 environment"
    assert lines["GROUP_SIZE"] == f"50 GROUP_SIZE_FILE ({tmp_path}/size)"
    assert lines["HISTORY_PAGE"] == "100 default"
    assert lines["DATABASE_TIMEOUT"] == "0 manage.py"
    assert lines["SECRET_KEY"] == "******** environment"
    assert "hunter2" not in done.stdout


def test_a_wrong_setting_ends_a_management_command_with_one_line():
    done = config(GROUP_SIZE="1")
    assert done.returncode == 1
    expected = "GROUP_SIZE is '1', which is too small: set it to a number from 2 to 10000.\n"
    assert done.stderr == expected


def test_documents_list_the_settings():
    call_command("config", "--check")


def test_config_check_names_outdated_files(tmp_path, monkeypatch, settings):
    for path, text in documents.updated(CHECKOUT).items():
        copy = tmp_path / path.relative_to(CHECKOUT)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_text(text)
    settings.BASE_DIR = tmp_path
    call_command("config", "--check")
    fewer = [setting for setting in SETTINGS if setting.name != "LOG_LEVEL"]
    monkeypatch.setattr(documents, "SETTINGS", fewer)
    names = "docs/operate.md, docker-compose.yml, deploy/helm/parley/values.schema.json"
    outdated = rf"Out of date: {names}\. Run"
    with pytest.raises(CommandError, match=outdated):
        call_command("config", "--check")
    call_command("config", "--write")
    call_command("config", "--check")
    assert "LOG_LEVEL" not in (tmp_path / "docker-compose.yml").read_text()


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]", "keycloak.localhost"])
def test_an_issuer_on_this_machine_may_be_plain_http(host, monkeypatch):
    monkeypatch.setenv("OIDC_ISSUER", f"http://{host}:8180/realms/a")
    assert environment.read("OIDC_ISSUER") == f"http://{host}:8180/realms/a"


def test_compose_passes_every_setting_of_a_deployment():
    compose = (CHECKOUT / "docker-compose.yml").read_text()
    not_passed = {
        name
        for name, setting in BY_NAME.items()
        if not re.search(rf"^ +{name}{'_FILE' if setting.secret else ''}: ", compose, re.MULTILINE)
    }
    of_the_image = {"HOST", "PORT", "WEB_WORKERS", "STATIC_ROOT", "FILES_ROOT", "DEBUG"}
    assert not_passed == of_the_image
