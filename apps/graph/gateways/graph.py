"""The requests of Microsoft Graph v1.0 that this server makes.

Names and limits are those of https://learn.microsoft.com/graph: presence, subscription, user.
"""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.conf import settings

from apps.core.metrics import GRAPH_REQUESTS
from apps.graph.errors import GraphRefused, GraphUnavailable, Throttled
from apps.graph.gateways.http import Response, fetch

# Of a subscription and of a request for presences.
MAX_PEOPLE = 650
# Without a Retry-After. With one: never longer than this.
DEFAULT_WAIT_S, MAX_WAIT_S = 30, 3600


class Presence(NamedTuple):
    """What Graph says of one person."""

    object_id: UUID
    availability: str
    activity: str


class Made(NamedTuple):
    """A subscription at Graph."""

    id: str
    expires_at: datetime


def presences(token: str, people: Sequence[UUID]) -> list[Presence]:
    """The presences of at most MAX_PEOPLE people; those whom Graph does not know are missing.

    Raises GraphRefused, Throttled, GraphUnavailable, as all requests here.
    """
    path = "/communications/getPresencesByUserId"
    found = _call("POST", path, token, {"ids": [str(each) for each in people]})
    return [made for each in _values(found) if (made := presence(each)) is not None]


def presence(found: dict[str, Any]) -> Presence | None:
    """A presence in Graph's JSON; None if it is none."""
    try:
        object_id = UUID(str(found.get("id")))
    except ValueError:
        return None
    words = [str(found.get(name) or "")[:40] for name in ("availability", "activity")]
    return Presence(object_id, *words)


def people_with_mail(token: str, email: str) -> list[dict[str, Any]]:
    """The people of the tenant whose `mail` is this address: `id`, `mail`, `userPrincipalName`."""
    value = email.replace("'", "''")
    params = {"$filter": f"mail eq '{value}'", "$select": "id,mail,userPrincipalName", "$top": "2"}
    return _values(_call("GET", "/users", token, params=params))


def create_subscription(
    token: str,
    people: Sequence[UUID],
    *,
    address: str,
    client_state: str,
    certificate: str,
    certificate_id: str,
    expires_at: datetime,
) -> Made:
    """Have Graph post changes of these people's presences to `address`, encrypted. `certificate`:
    DER in Base64. Graph calls the address before it responds."""
    ids = ",".join(f"'{each}'" for each in people)
    body = {
        "changeType": "updated",
        "notificationUrl": address,
        "lifecycleNotificationUrl": address,
        "resource": f"/communications/presences?$filter=id in ({ids})",
        "expirationDateTime": _time(expires_at),
        "clientState": client_state,
        "includeResourceData": True,
        "encryptionCertificate": certificate,
        "encryptionCertificateId": certificate_id,
    }
    return _made(_call("POST", "/subscriptions", token, body))


def renew_subscription(token: str, graph_id: str, *, expires_at: datetime) -> Made:
    """Let a subscription last until then. GraphRefused with status 404: it is gone."""
    body = {"expirationDateTime": _time(expires_at)}
    return _made(_call("PATCH", f"/subscriptions/{graph_id}", token, body))


def delete_subscription(token: str, graph_id: str) -> None:
    """End a subscription; one that is gone is as good."""
    try:
        _call("DELETE", f"/subscriptions/{graph_id}", token)
    except GraphRefused as error:
        if error.status != 404:
            raise


def subscriptions_to(token: str, address: str) -> list[str]:
    """The ids of the subscriptions of the token's account that notify `address`."""
    found = _values(_call("GET", "/subscriptions", token))
    return [str(each["id"]) for each in found if each.get("notificationUrl") == address]


def _call(
    method: str,
    path: str,
    token: str,
    body: dict[str, Any] | None = None,
    params: dict[str, str] | None = None,
) -> dict[str, Any]:
    try:
        response = fetch(
            method,
            f"{settings.GRAPH_URL}/v1.0{path}",
            headers={"Authorization": f"Bearer {token}"},
            params=params,
            json=body,
        )
        found = _found(response)
    except GraphUnavailable:
        GRAPH_REQUESTS.labels("unavailable").inc()
        raise
    except Throttled:
        GRAPH_REQUESTS.labels("throttled").inc()
        raise
    except GraphRefused:
        GRAPH_REQUESTS.labels("refused").inc()
        raise
    GRAPH_REQUESTS.labels("ok").inc()
    return found


def _found(response: Response) -> dict[str, Any]:
    status = response.status_code
    if status == 429 or (status == 503 and "retry-after" in response.headers):
        given = response.headers.get("retry-after", "")
        raise Throttled(min(int(given), MAX_WAIT_S) if given.isdigit() else DEFAULT_WAIT_S)
    if status == 204:
        return {}
    try:
        found = json.loads(response.content)
    except ValueError:
        found = None
    if 400 <= status < 500:
        error = found.get("error") if isinstance(found, dict) else None
        error = error if isinstance(error, dict) else {}
        raise GraphRefused(status, str(error.get("code", "")), str(error.get("message", "")))
    if not 200 <= status < 300 or not isinstance(found, dict):
        raise GraphUnavailable(f"{status} from Graph")
    return found


def _values(found: dict[str, Any]) -> list[dict[str, Any]]:
    values = found.get("value")
    return [each for each in values if isinstance(each, dict)] if isinstance(values, list) else []


def _made(found: dict[str, Any]) -> Made:
    try:
        expires_at = datetime.fromisoformat(str(found["expirationDateTime"]))
        # Some of Graph's times have no zone: they are UTC.
        return Made(str(found["id"])[:64], expires_at.replace(tzinfo=UTC))
    except (KeyError, ValueError) as error:
        raise GraphUnavailable("Graph has sent no subscription") from error


def _time(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")
