"""`@idempotent`: a repeated request with the same `Idempotency-Key` gets the first response.

As in draft-ietf-httpapi-idempotency-key-header-07. For creations without a client id of their own.
The response is stored in the transaction of the change, so a crash leaves both or neither. Refused
requests change nothing and are not remembered.
"""

import hashlib
import hmac
import re
from base64 import urlsafe_b64encode
from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any, TypeVar
from uuid import UUID

import msgspec
from cryptography.fernet import Fernet
from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.db import connection, transaction
from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response

from apps.core.authentication import person_id
from apps.core.errors import InProgress, Invalid, KeyReused, TooLong
from apps.core.throttles import IDEMPOTENCY_KEY
from apps.wire.models import IdempotencyKey

LIFETIME = timedelta(hours=24)
# A string of RFC 9651 in quotation marks, as the draft says, or the same without them.
KEY = re.compile(r'^"?(?P<key>[!#-\[\]-~]{1,255})"?$')
F = TypeVar("F", bound=Callable[..., Response])


def idempotent(method: F) -> F:
    """Decorate an API method that changes something. Its change must not wait for other threads:
    it runs in a transaction of the decorator."""

    @wraps(method)
    def once(view: Any, request: Request, **names: Any) -> Response:
        if IDEMPOTENCY_KEY not in request.headers:
            return method(view, request, **names)
        key = _Key(request)
        with transaction.atomic():
            if not key.lock():
                raise InProgress(retry_after=1)
            if (known := key.response()) is not None:
                return known
            response = method(view, request, **names)
            key.store(response)
        return response

    once.keyed = True  # type: ignore[attr-defined]
    return once  # type: ignore[return-value]


def clear_keys() -> None:
    """Delete responses that are older than LIFETIME."""
    IdempotencyKey.objects.filter(created_at__lt=timezone.now() - LIFETIME).delete()


class _Key:
    """The key of one request. Raises Invalid."""

    def __init__(self, request: Request) -> None:
        match = KEY.match(request.headers[IDEMPOTENCY_KEY].strip())
        if match is None:
            raise Invalid("An Idempotency-Key has 1 to 255 printable characters.")
        self._person: UUID = person_id(request)
        self._secret = match["key"]
        self._hash = self._digest("hash")
        plain = request._request
        try:
            asked = f"{plain.method} {plain.get_full_path()}\n".encode() + plain.body
        except RequestDataTooBig as error:
            raise TooLong from error
        self._fingerprint = hashlib.sha256(asked).digest()

    def lock(self) -> bool:
        """Keep other requests with this key out until the transaction ends. Returns False if one
        is inside. Never waits, so it has no place in the order of locks."""
        number = int.from_bytes(self._hash[:8], signed=True)
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [number])
            (got,) = cursor.fetchone()
        return bool(got)

    def response(self) -> Response | None:
        """The stored response; None if there is none. Raises KeyReused."""
        rows = IdempotencyKey.objects.filter(user_id=self._person, key_hash=self._hash)
        row = rows.filter(created_at__gte=timezone.now() - LIFETIME).first()
        if row is None:
            return None
        if not hmac.compare_digest(bytes(row.fingerprint), self._fingerprint):
            raise KeyReused
        body = msgspec.Raw(self._cipher().decrypt(bytes(row.response)))
        return Response(body, status=row.status, headers={"Idempotency-Replayed": "true"})

    def store(self, response: Response) -> None:
        """Remember the response."""
        IdempotencyKey.objects.update_or_create(
            user_id=self._person,
            key_hash=self._hash,
            defaults={
                "fingerprint": self._fingerprint,
                "status": response.status_code,
                "response": self._cipher().encrypt(msgspec.json.encode(response.data)),
                "created_at": timezone.now(),
            },
        )

    def _digest(self, purpose: str) -> bytes:
        text = f"{purpose}:{self._person}:{self._secret}"
        return hmac.digest(
            f"apps.wire.idempotency:{settings.SECRET_KEY}".encode(), text.encode(), "sha256"
        )

    def _cipher(self) -> Fernet:
        return Fernet(urlsafe_b64encode(self._digest("response")))
