"""Every host that the servers of this installation may ever call, by its settings.

For installations without a way out, and for those who write the rules of a firewall. The list is
complete because every module that can open a connection is known: `tests/run/test_egress.py`.
"""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from msgspec import Struct

from apps.core.default_ports import DEFAULT_PORTS
from apps.core.runtime import runtime
from apps.sso.actions import pictures

ANY_PUBLIC = "any public address, port 443"
CLOUD_CREDENTIALS = "169.254.169.254"
PORTS = {**DEFAULT_PORTS, "redis": 6379, "rediss": 6379}


class Egress(Struct, frozen=True):
    """What is called, and why.

    `hosts`: `name:port`, a pattern of names, or `ANY_PUBLIC`; empty for none.
    `processes`: which kinds of processes call. `decided_by`: names of settings. `note`: what the
    hosts alone do not say.
    """

    purpose: str
    processes: str
    hosts: list[str]
    decided_by: list[str]
    note: str = ""


def egress() -> list[Egress]:
    """All of it, also what is switched off."""
    return [
        *_stores(),
        *_mail(),
        *_identity_provider(),
        *_microsoft(),
        *_push(),
        *_pages(),
        *_webhooks(),
        *_commands(),
        *_operation(),
        *_browsers(),
    ]


def _stores() -> Iterator[Egress]:
    database = settings.DATABASES["default"]
    options = {**database.get("OPTIONS", {}), "host": database["HOST"], "port": database["PORT"]}
    yield Egress("PostgreSQL", "all", postgres_hosts(options), ["DATABASE_URL"])
    yield Egress("Redis or Valkey", "all", _of_url(settings.REDIS_URL), ["REDIS_URL"])
    options = settings.STORAGES["default"].get("OPTIONS", {})
    hosts, note = _of_bucket(options if "bucket_name" in options else None)
    yield Egress("files", "web, workers", hosts, ["S3_ENDPOINT_URL", "S3_ACCESS_KEY_ID"], note)
    hosts, note = _of_bucket(
        settings.BACKUP_BUCKET if settings.BACKUP_TO.startswith("s3://") else None
    )
    yield Egress(
        "backups",
        "files workers",
        hosts if settings.BACKUP_TO else [],
        ["BACKUP_TO", "BACKUP_S3_ENDPOINT_URL", "BACKUP_S3_ACCESS_KEY_ID"],
        note if settings.BACKUP_TO else "made by commands only",
    )


def _of_bucket(options: dict[str, Any] | None) -> tuple[list[str], str]:
    """Without an endpoint, a bucket is Amazon's; without a key, boto3 asks the machine's cloud."""
    if options is None:
        return [], "a folder of this machine"
    endpoint = options["endpoint_url"]
    hosts, note = _of_url(endpoint) if endpoint else ["*.amazonaws.com:443"], ""
    if not options["access_key"]:
        hosts.append(f"{CLOUD_CREDENTIALS}:80")
        note = "asks the cloud that this machine is in for a key: it is given none"
    return hosts, note


def postgres_hosts(options: dict[str, str]) -> list[str]:
    """The servers that libpq would try; sockets are on this machine."""
    hosts = str(options.get("hostaddr") or options["host"] or "").split(",")
    ports = str(options["port"] or "5432").split(",")
    each = ports * len(hosts) if len(ports) == 1 else ports
    return [
        f"{host}:{port or 5432}"
        for host, port in zip(hosts, each, strict=False)
        if host and not host.startswith(("/", "@"))
    ]


def _of_url(url: str) -> list[str]:
    parts = urlsplit(url)
    if not parts.hostname:
        return []
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return [f"{host}:{parts.port or PORTS[parts.scheme]}"]


def _mail() -> Iterator[Egress]:
    sends = settings.EMAIL_BACKEND.endswith("smtp.EmailBackend")
    yield Egress(
        "mail",
        "web, workers",
        [f"{settings.EMAIL_HOST}:{settings.EMAIL_PORT}"] if sends else [],
        ["EMAIL_URL"],
        "" if sends else "printed, or kept on this machine",
    )


def _identity_provider() -> Iterator[Egress]:
    issuer = settings.OIDC_ISSUER
    yield Egress(
        "sign-in by the identity provider",
        "web, workers",
        _of_url(issuer),
        ["OIDC_ISSUER"],
        "and the hosts that its /.well-known/openid-configuration names" if issuer else "",
    )
    follows = bool(issuer) and runtime.OIDC_PICTURE_FOLLOWS != pictures.NEVER
    yield Egress(
        "pictures of people at the identity provider",
        "files workers",
        [ANY_PUBLIC, *_origins()] if follows else [],
        ["OIDC_PICTURE_FOLLOWS", "OUTBOUND_ORIGINS"],
    )


def _microsoft() -> Iterator[Egress]:
    is_on = bool(settings.GRAPH_TENANT)
    yield Egress(
        "presence of Microsoft Teams",
        "workers",
        [*_of_url(settings.GRAPH_URL), *_of_url(settings.GRAPH_LOGIN_URL)] if is_on else [],
        ["GRAPH_TENANT", "GRAPH_URL", "GRAPH_LOGIN_URL"],
    )


def _push() -> Iterator[Egress]:
    is_on = bool(settings.VAPID_PRIVATE_KEY)
    yield Egress(
        "push notifications",
        "push workers",
        [f"{_pattern(name)}:443" for name in settings.PUSH_HOSTS] if is_on else [],
        ["VAPID_PRIVATE_KEY", "PUSH_HOSTS"],
    )
    own = [name for name in settings.PUSH_GATEWAYS if name != "webpush"]
    yield Egress(
        "push gateways of this installation",
        "push workers",
        [],
        ["PUSH_GATEWAYS"],
        f"unknown here: their own code decides ({', '.join(own)})" if own else "",
    )


def _pages() -> Iterator[Egress]:
    yield Egress(
        "previews of links",
        "workers",
        [ANY_PUBLIC, *_origins()] if runtime.LINK_PREVIEWS else [],
        ["LINK_PREVIEWS", "OUTBOUND_ORIGINS"],
        "" if runtime.LINK_PREVIEWS else "an administrator can switch them on",
    )


def _webhooks() -> Iterator[Egress]:
    yield Egress(
        "outgoing webhooks",
        "push workers",
        [ANY_PUBLIC, *_origins()] if runtime.OUTGOING_WEBHOOKS else [],
        ["OUTGOING_WEBHOOKS", "OUTBOUND_ORIGINS"],
        "those that the managers of groups choose"
        if runtime.OUTGOING_WEBHOOKS
        else "an administrator can switch them on",
    )


def _commands() -> Iterator[Egress]:
    yield Egress(
        "slash commands of other servers",
        "workers",
        [ANY_PUBLIC, *_origins()] if runtime.EXTERNAL_COMMANDS else [],
        ["EXTERNAL_COMMANDS", "OUTBOUND_ORIGINS"],
        "those that managers of groups and administrators make"
        if runtime.EXTERNAL_COMMANDS
        else "an administrator can switch them on",
    )


def _operation() -> Iterator[Egress]:
    endpoint = settings.OTEL_EXPORTER_OTLP_ENDPOINT
    yield Egress(
        "traces",
        "web, workers",
        _of_url(endpoint),
        ["OTEL_EXPORTER_OTLP_ENDPOINT"],
        "and the host of OTEL_EXPORTER_OTLP_TRACES_ENDPOINT, if that is set",
    )


def _browsers() -> Iterator[Egress]:
    yield Egress(
        "pages, in people's browsers",
        "browsers",
        _of_url(settings.S3_PUBLIC_URL),
        ["S3_PUBLIC_URL", "PUBLIC_URL"],
        "besides this server; links that people open, and the push service of their browser",
    )


def _origins() -> list[str]:
    return [host for origin in settings.OUTBOUND_ORIGINS for host in _of_url(origin)]


def _pattern(name: str) -> str:
    return f"*{name}" if name.startswith(".") else name
