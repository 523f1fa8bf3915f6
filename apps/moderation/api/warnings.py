"""A person's own warnings over the API."""

from uuid import UUID

from msgspec import Struct
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts.actions import warnings
from apps.accounts.queries import moderated
from apps.core import cursors
from apps.core.authentication import person_id
from apps.core.errors import NotFound
from apps.wire import bodies
from apps.wire.http import PageQuery, decode_query
from apps.wire.openapi import operation


class OwnWarnings(Struct, frozen=True):
    """My warnings, the newest first; `next` is the cursor of the next page."""

    items: list[bodies.PersonWarning]
    next: str | None


class OwnWarningsView(APIView):
    """`/warnings`"""

    @operation("listWarnings", "My warnings", query=PageQuery, returns=OwnWarnings)
    def get(self, request: Request) -> Response:
        """What moderators wrote to me. Those that I have not acknowledged are in `me`, too."""
        query = decode_query(request, PageQuery)
        before = cursors.decode(query.cursor, UUID) if query.cursor else None
        found = moderated.warnings_of(person_id(request), before=before, limit=query.limit + 1)
        rows, following = cursors.page(found, query.limit, lambda row: row.id)
        return Response(OwnWarnings(rows, following))


class AcknowledgedView(APIView):
    """`/warnings/{warning}/acknowledge`"""

    @operation(
        "acknowledgeWarning",
        "Acknowledge a warning",
        returns=None,
        status=(204,),
        errors=(NotFound,),
        calls=warnings.acknowledge,
    )
    def post(self, request: Request, warning: UUID) -> Response:
        """I have read it. No device shows it as new from then on. Idempotent."""
        warnings.acknowledge(person_id(request), warning)
        return Response(status=204)
