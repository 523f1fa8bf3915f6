"""Reads the environment: every setting has a type, a default or a clear demand.

A secret may also be given as a file: `NAME_FILE` holds the path (Docker and Kubernetes secrets).
"""

import os
from pathlib import Path

import environ
from django.core.exceptions import ImproperlyConfigured

NAMES = {
    "SECRET_KEY": "a long random string; `make run` makes one, elsewhere set it yourself",
    "DATABASE_URL": "postgresql://user:password@host/name (sockets: ?host=/folder)",
    "DATABASE_TIMEOUT": "seconds that one statement may take in a server; 0: any",
    "PGBOUNCER": "true when DATABASE_URL leads to PgBouncer in transaction mode",
    "REDIS_URL": "redis://host:6379/0 or unix:///path/to.sock?db=0",
    "PUBLIC_URL": "where people reach this server, e.g. https://chat.example.org",
    "ALLOWED_HOSTS": "further host names, separated by commas",
    "TRUSTED_PROXIES": "addresses whose X-Forwarded-* headers are believed",
    "EMAIL_URL": "smtp://user:password@host:587, or consolemail://",
    "EMAIL_FROM": "sender of mails",
    "SECURITY_CONTACT": "where to report weaknesses: a mailto: or https: address",
    "LOG_LEVEL": "DEBUG, INFO, WARNING or ERROR",
    "DEBUG": "true only while developing",
    "STATIC_ROOT": "the folder of the collected static files",
    "REGISTRATION": "true when anybody may make an account",
    "GROUP_SIZE": "members a group may have",
    "SENDS_PER_SECOND": "messages a second one person may send through one process, on average",
    "LIMITS_TIMES": "how many times the usual one person may do (all limits but SENDS_PER_SECOND)",
    "CONNECTIONS_PER_PERSON": "connections a person may have in one web process",
    "CONNECTS_PER_SESSION": "connections a minute that one signed-in session may begin",
    "CONNECTS_PER_ADDRESS": "connections a minute that may begin from one address",
    "HISTORY_PAGE": "messages in one page of history, at most",
    "VAPID_PRIVATE_KEY": "signs pushes; `manage.py vapidkey` makes one",
    "VAPID_CONTACT": "a mailto: or https: address at which push services reach the operator",
    "PUSH_AFTER": "seconds that a message may stay unread before a push goes out",
    "PUSH_CONTENT": "false: pushes never say who wrote what",
    "PUSH_HOSTS": "push services that are talked to",
    "METRICS_TOKEN": "shown by whoever reads /metrics from elsewhere",
    "PUSH_LEDGER_DAYS": "days for which it is kept who was notified of what",
}

env = environ.Env()


def read_secret_files() -> None:
    """Turn each `NAME_FILE` into `NAME`. Raises ImproperlyConfigured naming an unreadable file."""
    for name in NAMES:
        path = os.environ.get(f"{name}_FILE")
        if path and name not in os.environ:
            try:
                os.environ[name] = Path(path).read_text(encoding="utf-8").strip()
            except OSError as error:
                raise ImproperlyConfigured(f"{name}_FILE: cannot read {path}: {error}") from error


def demand(name: str) -> str:
    """The value of `name`. Raises ImproperlyConfigured that says what to set."""
    value = os.environ.get(name, "")
    if not value:
        raise ImproperlyConfigured(f"Set {name}: {NAMES[name]}.")
    return value


def number(name: str, *, default: int, least: int, most: int) -> int:
    """An integer setting within bounds. Raises ImproperlyConfigured otherwise."""
    text = os.environ.get(name, str(default))
    if not text.isdecimal() or not least <= int(text) <= most:
        raise ImproperlyConfigured(f"{name} is {text!r}: it must be between {least} and {most}.")
    return int(text)
