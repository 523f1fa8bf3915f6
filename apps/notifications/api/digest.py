"""The digest over HTTP: e-mail about what stayed unread."""

from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.core.authentication import person_id
from apps.core.errors import NotPossible
from apps.notifications.actions.digests import DigestUpdate, ask_for_digest, set_digest
from apps.notifications.queries import digests
from apps.wire import bodies
from apps.wire.http import decode
from apps.wire.openapi import operation


class DigestView(APIView):
    """`/notifications/digest`"""

    @operation("getDigest", "My digest by e-mail", returns=bodies.Digest)
    def get(self, request: Request) -> Response:
        """How often I get e-mail about what stayed unread."""
        return Response(digests.of_person(person_id(request)))

    @operation(
        "updateDigest",
        "Change my digest by e-mail",
        body=DigestUpdate,
        returns=bodies.Digest,
        calls=set_digest,
    )
    def patch(self, request: Request) -> Response:
        """Fields that are left out stay as they are."""
        return Response(set_digest(person_id(request), decode(request, DigestUpdate)))


class DigestNowView(APIView):
    """`/notifications/digest/now`"""

    @operation(
        "sendDigestNow",
        "Send me a digest now",
        returns=bodies.Digest,
        calls=ask_for_digest,
        errors=(NotPossible,),
    )
    def post(self, request: Request) -> Response:
        """Of all that is unread now. It is sent within seconds, and changes nothing about later
        digests."""
        return Response(ask_for_digest(person_id(request)))
