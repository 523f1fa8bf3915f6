"""Settings: their values, their files (`NAME_FILE`), their errors, and `manage.py config`."""

import os
import re
import subprocess
import sys

import certifi
import pytest
from django.core.management import CommandError, call_command

from chatproject.config import documents, environment
from chatproject.config.environment import SettingError
from chatproject.config.hints import BEHIND_NO_PROXY, hints, unknown
from chatproject.config.table import BY_NAME, SETTINGS
from chatproject.run.data_dir import CHECKOUT

CERTIFICATES = certifi.where()
# A valid value of each setting that is not the default, and its parsed form.
VALUES = {
    "HOST": ("::1", "::1"),
    "PORT": ("8001", 8001),
    "WEB_WORKERS": ("2", 2),
    # As browsers write it: a passkey is refused where the texts differ.
    "PUBLIC_URL": ("HTTPS://Chat.example.org:443/", "https://chat.example.org"),
    "ALLOWED_HOSTS": ("a.example, b.example", ["a.example", "b.example"]),
    "TRUSTED_PROXIES": ("10.0.0.0/8,::1", ["10.0.0.0/8", "::1"]),
    "SECRET_KEY": ("a secret", "a secret"),
    "DATABASE_URL": ("postgresql://u:p@h:5432/n", "postgresql://u:p@h:5432/n"),
    "DATABASE_POOL": ("9", 9),
    "DATABASE_TIMEOUT": ("0", 0),
    "PGBOUNCER": ("True", True),
    "REDIS_URL": ("unix:///tmp/s?db=0", "unix:///tmp/s?db=0"),
    "EMAIL_URL": ("smtp+tls://u:p@h:587", "smtp+tls://u:p@h:587"),
    "EMAIL_FROM": ("chat@example.org", "chat@example.org"),
    "STATIC_ROOT": ("/srv/static", "/srv/static"),
    "FILES_ROOT": ("/srv/files", "/srv/files"),
    "S3_ENDPOINT_URL": ("https://s3.example.org/", "https://s3.example.org"),
    "S3_CA": (CERTIFICATES, CERTIFICATES),
    "S3_BUCKET": ("files", "files"),
    "S3_ACCESS_KEY_ID": ("chat", "chat"),
    "S3_SECRET_ACCESS_KEY": ("$secret", "$secret"),
    "S3_REGION": ("eu-central-1", "eu-central-1"),
    "S3_PUBLIC_URL": ("https://files.example.org", "https://files.example.org"),
    "S3_DIRECT_UPLOADS": ("on", True),
    "MAX_FILE_MB": ("25", 25),
    "FILES_QUOTA_MB": ("500", 500),
    "REGISTRATION": ("invite", "invite"),
    "REGISTRATION_DOMAINS": ("example.org, example.com", ["example.org", "example.com"]),
    "STAFF_SECOND_FACTOR": ("off", False),
    "STAFF_REAUTHENTICATION": ("5", 5),
    "BREAK_GLASS": ("on", True),
    "BREAK_GLASS_MAX_HOURS": ("8", 8),
    "BREAK_GLASS_DELAY": ("72", 72),
    "LOCAL_ACCOUNTS": ("off", False),
    "OIDC_ISSUER": ("https://id.example.org/realms/a/", "https://id.example.org/realms/a/"),
    "OIDC_CA": (CERTIFICATES, CERTIFICATES),
    "OIDC_CLIENT_ID": ("chat", "chat"),
    "OIDC_CLIENT_SECRET": ("a secret", "a secret"),
    "OIDC_NAME": ("Our directory", "Our directory"),
    "OIDC_ROLES_CLAIM": ("realm_access.roles", "realm_access.roles"),
    "OIDC_STAFF_ROLE": ("admins", "admins"),
    "OIDC_MODERATOR_ROLE": ("helpers", "helpers"),
    "OIDC_SECOND_FACTOR": ("otp, 2", ["otp", "2"]),
    "OIDC_PROFILE_FOLLOWS": ("yes", True),
    "OIDC_PICTURE_FOLLOWS": ("always", "always"),
    "OIDC_FRONT_CHANNEL_LOGOUT": ("true", True),
    "OIDC_TIMEOUT": ("9", 9),
    "OIDC_POLL_SECONDS": ("10", 10),
    "OIDC_POLL_IDLE_HOURS": ("1", 1),
    "OIDC_APP_CLIENTS": ("phones, desktops", ["phones", "desktops"]),
    "OIDC_APP_DAYS": ("7", 7),
    "SCIM_TOKEN": ("$token", "$token"),
    "GRAPH_TENANT": (
        "84BD8158-6d4d-4958-8b9f-9d6445542f95",
        "84bd8158-6d4d-4958-8b9f-9d6445542f95",
    ),
    "GRAPH_CLIENT_ID": (
        "8e460676-ae3f-4b1e-8790-ee0fb5d6148f",
        "8e460676-ae3f-4b1e-8790-ee0fb5d6148f",
    ),
    "GRAPH_CLIENT_SECRET": ("$secret", "$secret"),
    "GRAPH_URL": ("https://graph.microsoft.us/", "https://graph.microsoft.us"),
    "GRAPH_LOGIN_URL": ("https://login.microsoftonline.us", "https://login.microsoftonline.us"),
    "ENDING_DAYS": ("30", 30),
    "EVIDENCE_DAYS": ("30", 30),
    "HELD_DAYS": ("3", 3),
    "DELETION_DAYS": ("30", 30),
    "RETENTION_DAYS": ("90", 90),
    "GROUP_SIZE": ("2", 2),
    "EMOJI_ADDED_BY": ("moderators",) * 2,
    "SENDS_PER_SECOND": ("5", 5),
    "LIMITS_TIMES": ("3", 3),
    "NEWCOMER_HOURS": ("0", 0),
    "NEWCOMER_INVITATIONS": ("2", 2),
    "NEWCOMER_GROUPS": ("2", 2),
    "NEWCOMER_LINK_MESSAGES": ("2", 2),
    "NEWCOMER_SSO": ("on", True),
    "CONNECTIONS_PER_PERSON": ("7", 7),
    "CONNECTS_PER_SESSION": ("10", 10),
    "CONNECTS_PER_ADDRESS": ("10000000", 10_000_000),
    "HISTORY_PAGE": ("500", 500),
    "METRICS_TOKEN": ("$token", "$token"),
    "WORKER_METRICS_PORT": ("8001", 8001),
    "LINK_PREVIEWS": ("no", False),
    "OUTGOING_WEBHOOKS": ("no", False),
    "EXTERNAL_COMMANDS": ("no", False),
    "OUTBOUND_ORIGINS": ("https://wiki:8443", ["https://wiki:8443"]),
    "VAPID_PRIVATE_KEY": ("key", "key"),
    "VAPID_CONTACT": ("mailto:a@b.example", "mailto:a@b.example"),
    "PUSH_AFTER": ("0", 0),
    "PUSH_CONTENT": ("false", False),
    "PUSH_HOSTS": ("", []),
    "PUSH_LEDGER_DAYS": ("1", 1),
    "PUSH_GATEWAYS": ("fcm=my.Fcm, apns=my.Apns", {"fcm": "my.Fcm", "apns": "my.Apns"}),
    "DIGEST": ("weekly", "weekly"),
    "DIGEST_TEXTS": ("false", False),
    "BACKUP_TO": ("s3://backups/chat", "s3://backups/chat"),
    "BACKUP_HOURS": ("0", 0),
    "BACKUP_KEEP": ("3", 3),
    "BACKUP_DRILL_DAYS": ("0", 0),
    "BACKUP_RECIPIENTS": ("age1a, age1b", ["age1a", "age1b"]),
    "BACKUP_IDENTITY": ("AGE-SECRET-KEY-1A", "AGE-SECRET-KEY-1A"),
    "BACKUP_S3_ENDPOINT_URL": ("https://s3.example.org", "https://s3.example.org"),
    "BACKUP_S3_ACCESS_KEY_ID": ("backups", "backups"),
    "BACKUP_S3_SECRET_ACCESS_KEY": ("$secret", "$secret"),
    "SECURITY_CONTACT": ("mailto:a@b.example", "mailto:a@b.example"),
    "LOG_LEVEL": ("DEBUG", "DEBUG"),
    "MOTD": ("Away on Sunday: https://status.example.org",) * 2,
    "CONFIG_LOCKED": ("GROUP_SIZE,limit.edits", ["GROUP_SIZE", "limit.edits"]),
    "PLUGINS": ("polls", ["polls"]),
    "LOG_FORMAT": ("json", "json"),
    "OTEL_EXPORTER_OTLP_ENDPOINT": ("http://otel:4318", "http://otel:4318"),
    "TRACES_CONTINUE": ("yes", True),
    "DEBUG": ("1", True),
}
# A value that each setting refuses, and why.
LINES = ("two\nlines", "has a line break or another control character")
SPACES = ("a b", "has an item with a space")
NEITHER = ("maybe", "is neither true nor false")
LARGE = ("100000001", "is too large")
WRONG_IN_EACH = {
    "HOST": ("a host", "is no host"),
    "PORT": LARGE,
    "WEB_WORKERS": LARGE,
    "PUBLIC_URL": ("chat.example.org", "has another scheme"),
    "ALLOWED_HOSTS": ("https://a.example", "has an item that is no host"),
    "TRUSTED_PROXIES": ("10.0.0.0/33", "has an item that is neither an address nor a network"),
    "SECRET_KEY": LINES,
    "DATABASE_URL": ("mysql://host/name", "has another scheme"),
    "DATABASE_POOL": LARGE,
    "DATABASE_TIMEOUT": LARGE,
    "PGBOUNCER": NEITHER,
    "REDIS_URL": ("http://host", "has another scheme"),
    "EMAIL_URL": ("pop3://host", "has another scheme"),
    "EMAIL_FROM": ("chat", "is no e-mail address"),
    "STATIC_ROOT": (__file__, "is a file"),
    "FILES_ROOT": (__file__, "is a file"),
    "S3_ENDPOINT_URL": ("s3", "has another scheme"),
    "S3_CA": ("/nowhere/ca.crt", "cannot be read"),
    "S3_BUCKET": ("a/b", "is no name of a bucket"),
    "S3_ACCESS_KEY_ID": LINES,
    "S3_SECRET_ACCESS_KEY": LINES,
    "S3_REGION": LINES,
    "S3_PUBLIC_URL": ("https://", "has no host"),
    "S3_DIRECT_UPLOADS": NEITHER,
    "MAX_FILE_MB": LARGE,
    "FILES_QUOTA_MB": LARGE,
    "REGISTRATION": ("closed", "is unknown"),
    "REGISTRATION_DOMAINS": ("a@b.example", "has an item that is no domain"),
    "STAFF_SECOND_FACTOR": NEITHER,
    "STAFF_REAUTHENTICATION": LARGE,
    "BREAK_GLASS": NEITHER,
    "BREAK_GLASS_MAX_HOURS": LARGE,
    "BREAK_GLASS_DELAY": LARGE,
    "LOCAL_ACCOUNTS": NEITHER,
    "OIDC_ISSUER": ("http://id.example.org", "is not https"),
    "OIDC_CA": ("/nowhere/ca.crt", "cannot be read"),
    "OIDC_CLIENT_ID": LINES,
    "OIDC_CLIENT_SECRET": LINES,
    "OIDC_NAME": LINES,
    "OIDC_ROLES_CLAIM": LINES,
    "OIDC_STAFF_ROLE": LINES,
    "OIDC_MODERATOR_ROLE": LINES,
    "OIDC_SECOND_FACTOR": SPACES,
    "OIDC_PROFILE_FOLLOWS": NEITHER,
    "OIDC_PICTURE_FOLLOWS": ("sometimes", "is unknown"),
    "OIDC_FRONT_CHANNEL_LOGOUT": NEITHER,
    "OIDC_TIMEOUT": LARGE,
    "OIDC_POLL_SECONDS": LARGE,
    "OIDC_POLL_IDLE_HOURS": LARGE,
    "OIDC_APP_CLIENTS": SPACES,
    "OIDC_APP_DAYS": LARGE,
    "SCIM_TOKEN": LINES,
    "GRAPH_TENANT": ("example.org", "is no UUID"),
    "GRAPH_CLIENT_ID": ("parley", "is no UUID"),
    "GRAPH_CLIENT_SECRET": LINES,
    "GRAPH_URL": ("http://graph.example.org", "has another scheme"),
    "GRAPH_LOGIN_URL": (
        "https://login.example.org/common",
        "is more or less than scheme, host and port",
    ),
    "ENDING_DAYS": LARGE,
    "EVIDENCE_DAYS": LARGE,
    "HELD_DAYS": LARGE,
    "DELETION_DAYS": LARGE,
    "RETENTION_DAYS": LARGE,
    "GROUP_SIZE": LARGE,
    "EMOJI_ADDED_BY": ("nobody", "is unknown"),
    "SENDS_PER_SECOND": LARGE,
    "LIMITS_TIMES": LARGE,
    "NEWCOMER_HOURS": LARGE,
    "NEWCOMER_INVITATIONS": LARGE,
    "NEWCOMER_GROUPS": LARGE,
    "NEWCOMER_LINK_MESSAGES": LARGE,
    "NEWCOMER_SSO": NEITHER,
    "CONNECTIONS_PER_PERSON": LARGE,
    "CONNECTS_PER_SESSION": LARGE,
    "CONNECTS_PER_ADDRESS": LARGE,
    "HISTORY_PAGE": LARGE,
    "METRICS_TOKEN": LINES,
    "WORKER_METRICS_PORT": LARGE,
    "LINK_PREVIEWS": NEITHER,
    "OUTGOING_WEBHOOKS": NEITHER,
    "EXTERNAL_COMMANDS": NEITHER,
    "OUTBOUND_ORIGINS": ("wiki.example.org", "has another scheme"),
    "VAPID_PRIVATE_KEY": LINES,
    "VAPID_CONTACT": ("me", "has another scheme"),
    "PUSH_AFTER": LARGE,
    "PUSH_CONTENT": NEITHER,
    "PUSH_HOSTS": ("https://push.example", "has an item that is no host"),
    "PUSH_LEDGER_DAYS": LARGE,
    "PUSH_GATEWAYS": ("fcm", "has an item without name=value"),
    "DIGEST": ("hourly", "is unknown"),
    "DIGEST_TEXTS": NEITHER,
    "BACKUP_TO": ("s3:///chat", "has no name of a bucket"),
    "BACKUP_HOURS": LARGE,
    "BACKUP_KEEP": LARGE,
    "BACKUP_DRILL_DAYS": LARGE,
    "BACKUP_RECIPIENTS": SPACES,
    "BACKUP_IDENTITY": LINES,
    "BACKUP_S3_ENDPOINT_URL": ("s3", "has another scheme"),
    "BACKUP_S3_ACCESS_KEY_ID": LINES,
    "BACKUP_S3_SECRET_ACCESS_KEY": LINES,
    "SECURITY_CONTACT": ("me", "has another scheme"),
    "LOG_LEVEL": ("LOUD", "is unknown"),
    "MOTD": ("long" * 126, "is too long"),
    "CONFIG_LOCKED": SPACES,
    "PLUGINS": SPACES,
    "LOG_FORMAT": ("xml", "is unknown"),
    "OTEL_EXPORTER_OTLP_ENDPOINT": ("otel:4318", "has another scheme"),
    "TRACES_CONTINUE": NEITHER,
    "DEBUG": NEITHER,
}
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
