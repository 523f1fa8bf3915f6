"""The report of what is called is complete, and follows the settings."""

import ast
import json
import os
import socket
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from chatproject import egress
from chatproject.config.table import SETTINGS
from chatproject.run.data_dir import CHECKOUT
from tests.support.plugin import HAS_NO_WAY_OUT

# Modules that open connections to other machines. Who adds one adds its hosts to
# `chatproject/egress.py`.
CALLERS = {
    "apps/core/outbound_http.py": (
        "previews, pushes, pictures of the provider, outgoing webhooks, slash commands"
    ),
    "apps/core/storage/bucket.py": "files",
    "apps/core/trace_exporter.py": "traces",
    "apps/graph/gateways/http.py": "presence of Microsoft Teams",
    "apps/sso/gateways/provider.py": "sign-in",
    "chatproject/smtp.py": "mails",
}
CLIENTS = {"opentelemetry.exporter.otlp.proto.http.trace_exporter"}
CLIENTS |= {"httpx", "requests", "boto3", "urllib3", "aiohttp", "socket", "smtplib", "ssl"}
CLIENTS |= {"http.client", "urllib.request", "websockets", "ftplib", "telnetlib", "asyncio.streams"}
# They speak with processes of this machine, name a type or an error, or serve.
LOCAL = {
    "apps/accounts/adapter.py",
    "apps/accounts/mails.py",
    "apps/core/outbound_url.py",
    "apps/core/task_wakeup.py",
    "apps/core/trusted_authorities.py",
    "apps/integrations/gateways/command_posts.py",
    "apps/notifications/gateways/mail_server.py",
    "apps/realtime/ended_connections.py",
    "chatproject/config/types.py",
    "chatproject/health/components.py",
    "chatproject/worker_metrics.py",
}
# Parts of `make run` and tools for operators: they speak with processes that they started, or with
# the server that is checked.
TOOLS = ("chatproject/run/", "chatproject/load/", "chatproject/management/commands/loadcheck.py")
# The doctor asks for PUBLIC_URL, as browsers do.
TOOLS += ("chatproject/health/public_address.py",)
# Settings that hold addresses nobody calls: names of this server, and whom to write to.
NOT_CALLED = {"PUBLIC_URL", "ALLOWED_HOSTS", "TRUSTED_PROXIES", "HOST", "PORT"}
NOT_CALLED |= {"SECURITY_CONTACT", "VAPID_CONTACT", "EMAIL_FROM"}


def clients_of(path: Path) -> set[str]:
    """The libraries that open connections and that a module imports."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, node.module.partition(".")[0]}
    return found & CLIENTS


def test_every_module_that_opens_connections_is_known():
    found = set()
    for folder in ("apps", "chatproject"):
        for path in (CHECKOUT / folder).rglob("*.py"):
            name = str(path.relative_to(CHECKOUT))
            if clients_of(path) and not name.startswith(TOOLS):
                found.add(name)
    assert found - LOCAL == set(CALLERS)


def bucket(endpoint: str | None, key: str | None) -> dict[str, Any]:
    options = {"bucket_name": "parley", "endpoint_url": endpoint, "access_key": key}
    return {"STORAGES": {"default": {"OPTIONS": options}}}


def hosts(purpose: str) -> list[str]:
    return next(each.hosts for each in egress.egress() if each.purpose == purpose)


@pytest.mark.parametrize(
    ("host", "port", "expected"),
    [
        ("/run/postgresql", "", []),
        ("", "", []),
        ("db.example.org", "", ["db.example.org:5432"]),
        ("a.example,b.example", "5433", ["a.example:5433", "b.example:5433"]),
        ("a.example,/run", "5432,5433", ["a.example:5432"]),
    ],
)
def test_hosts_of_postgresql(host, port, expected):
    assert egress.postgres_hosts({"host": host, "port": port}) == expected


@pytest.mark.parametrize(
    ("purpose", "values", "expected"),
    [
        ("Redis or Valkey", {"REDIS_URL": "unix:///run/valkey.sock?db=0"}, []),
        ("Redis or Valkey", {"REDIS_URL": "rediss://:p@[::1]/0"}, ["[::1]:6379"]),
        ("files", {"STORAGES": {"default": {"OPTIONS": {"location": "/files"}}}}, []),
        ("files", bucket("https://s3.example.org", "key"), ["s3.example.org:443"]),
        ("files", bucket(None, "key"), ["*.amazonaws.com:443"]),
        ("files", bucket(None, None), ["*.amazonaws.com:443", "169.254.169.254:80"]),
        ("backups", {"BACKUP_TO": "/backups"}, []),
        (
            "backups",
            {
                "BACKUP_TO": "s3://kept/here",
                "BACKUP_BUCKET": {"endpoint_url": "https://b.example.org", "access_key": "key"},
            },
            ["b.example.org:443"],
        ),
        ("sign-in by the identity provider", {"OIDC_ISSUER": ""}, []),
        (
            "sign-in by the identity provider",
            {"OIDC_ISSUER": "https://sso.example.org/realms/a"},
            ["sso.example.org:443"],
        ),
        ("push notifications", {"VAPID_PRIVATE_KEY": ""}, []),
        (
            "push notifications",
            {"VAPID_PRIVATE_KEY": "key", "PUSH_HOSTS": ["fcm.example", ".push.example"]},
            ["fcm.example:443", "*.push.example:443"],
        ),
        ("traces", {"OTEL_EXPORTER_OTLP_ENDPOINT": ""}, []),
        ("traces", {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://otel:4318"}, ["otel:4318"]),
        ("previews of links", {"LINK_PREVIEWS": False}, []),
        ("outgoing webhooks", {"OUTGOING_WEBHOOKS": False}, []),
        ("outgoing webhooks", {"OUTBOUND_ORIGINS": []}, [egress.ANY_PUBLIC]),
        ("slash commands of other servers", {"EXTERNAL_COMMANDS": False}, []),
        (
            "slash commands of other servers",
            {"EXTERNAL_COMMANDS": True, "OUTBOUND_ORIGINS": []},
            [egress.ANY_PUBLIC],
        ),
        (
            "previews of links",
            {"LINK_PREVIEWS": True, "OUTBOUND_ORIGINS": ["https://wiki.example.org:8443"]},
            [egress.ANY_PUBLIC, "wiki.example.org:8443"],
        ),
    ],
)
def test_hosts_follow_the_settings(settings, purpose, values, expected):
    for name, value in values.items():
        setattr(settings, name, value)
    assert hosts(purpose) == expected


def test_an_installation_without_a_way_out_calls_nobody(settings):
    # The embedded PostgreSQL of the tests listens on a socket.
    settings.REDIS_URL = "unix:///run/valkey.sock"
    settings.STORAGES = {"default": {"OPTIONS": {}}}
    settings.OIDC_ISSUER = settings.VAPID_PRIVATE_KEY = ""
    settings.LINK_PREVIEWS = False
    settings.OUTGOING_WEBHOOKS = settings.EXTERNAL_COMMANDS = False
    assert [each.hosts for each in egress.egress() if each.hosts] == []


def test_every_setting_with_an_address_is_in_the_report():
    named = {name for each in egress.egress() for name in each.decided_by}
    addresses = {
        setting.name
        for setting in SETTINGS
        if any(word in setting.name for word in ("URL", "HOST", "ORIGIN", "ISSUER", "GATEWAY"))
        or any(word in setting.type.allowed for word in ("://", "host"))
    }
    assert addresses - NOT_CALLED <= named | {"OIDC_APP_CLIENTS"}


@pytest.mark.django_db
def test_the_command_prints_the_report(capsys):
    call_command("egress_report")
    text = capsys.readouterr().out
    assert "none\n    none\n" not in text
    call_command("egress_report", "--json")
    for each in json.loads(capsys.readouterr().out):
        assert f"{each['purpose']} (" in text
        assert all(f"    {host}\n" in text for host in each["hosts"])


@pytest.mark.skipif(HAS_NO_WAY_OUT not in os.environ, reason="this machine has no namespaces")
def test_the_tests_have_no_way_out():
    with pytest.raises(OSError, match="unreachable"):
        socket.create_connection(("203.0.113.1", 443), 5)
    with pytest.raises(socket.gaierror):
        socket.getaddrinfo("example.org", 443)
