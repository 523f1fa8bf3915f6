"""Settings that need one another, or exclude one another."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from chatproject.config.table import SETTINGS

# The names of rate limits begin with "limit.": Django's part of the code has them.
LOCKABLE = {"all", *(setting.name for setting in SETTINGS if setting.at_runtime)}


class Rule(NamedTuple):
    """`is_broken` takes the values of the settings `names`. `problem` says what to do, on one
    line."""

    names: tuple[str, ...]
    is_broken: Callable[..., bool]
    problem: str


def _needs_bucket(name: str) -> Rule:
    return Rule(
        (name, "S3_BUCKET"),
        lambda value, bucket: bool(value) and not bucket,
        f"{name} is set: set S3_BUCKET too.",
    )


NEEDS = (
    *map(
        _needs_bucket,
        ("S3_ENDPOINT_URL", "S3_CA", "S3_ACCESS_KEY_ID", "S3_PUBLIC_URL", "S3_DIRECT_UPLOADS"),
    ),
    Rule(
        ("S3_BUCKET", "S3_ACCESS_KEY_ID", "S3_SECRET_ACCESS_KEY"),
        lambda bucket, key, secret: bool(bucket) and bool(key) != bool(secret),
        "Set both S3_ACCESS_KEY_ID and S3_SECRET_ACCESS_KEY.",
    ),
    Rule(
        ("S3_BUCKET", "S3_DIRECT_UPLOADS", "S3_PUBLIC_URL"),
        lambda bucket, direct, public: bool(bucket) and direct and not public,
        "S3_DIRECT_UPLOADS is set: set S3_PUBLIC_URL too.",
    ),
    Rule(
        ("REGISTRATION", "REGISTRATION_DOMAINS"),
        lambda mode, domains: mode == "domains" and not domains,
        "REGISTRATION is domains: set REGISTRATION_DOMAINS too.",
    ),
    Rule(
        ("OIDC_ISSUER", "OIDC_CLIENT_SECRET"),
        lambda issuer, secret: bool(issuer) and not secret,
        "OIDC_ISSUER is set: set OIDC_CLIENT_SECRET too.",
    ),
    Rule(
        ("GRAPH_TENANT", "GRAPH_CLIENT_ID", "GRAPH_CLIENT_SECRET"),
        lambda tenant, client, secret: bool(tenant) and not (client and secret),
        "GRAPH_TENANT is set: set GRAPH_CLIENT_ID and GRAPH_CLIENT_SECRET too.",
    ),
    Rule(
        ("LOCAL_ACCOUNTS", "OIDC_ISSUER"),
        lambda local, issuer: not local and not issuer,
        "LOCAL_ACCOUNTS is false: set OIDC_ISSUER, or nobody can sign in.",
    ),
)


def _names_another(locked: Sequence[str]) -> bool:
    return any(name not in LOCKABLE and not name.startswith("limit.") for name in locked)


RULES = (
    *NEEDS,
    Rule(
        ("CONFIG_LOCKED",),
        _names_another,
        "CONFIG_LOCKED has a name that does not change in the admin: remove it.",
    ),
)


def conflicts(values: Mapping[str, Any]) -> Iterator[str]:
    """The problem of each broken rule whose settings all have a value here."""
    for rule in RULES:
        if values.keys() >= set(rule.names) and rule.is_broken(*map(values.get, rule.names)):
            yield rule.problem
