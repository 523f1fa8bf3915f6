"""Reports over the API."""

from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.core import cursors
from apps.core.authentication import person_id
from apps.core.errors import NotFound
from apps.moderation.actions import reports as actions
from apps.moderation.actions import telling
from apps.moderation.queries import reports
from apps.wire import bodies
from apps.wire.http import Input, PageQuery, decode, decode_query
from apps.wire.openapi import operation


class NewReport(Input, frozen=True):
    """An entry (`chat`, `seq`), a person (`person`, and perhaps the `chat` where they were met) or
    a chat (`chat`) to report. `context`: how many entries before and after it, or of the end of the
    chat, the moderators get."""

    kind: bodies.ReportKind
    reason: bodies.ReportReason
    chat: UUID | None = None
    seq: Annotated[int, Meta(ge=1, le=2**53 - 1)] | None = None
    person: UUID | None = None
    text: Annotated[str, Meta(max_length=actions.MAX_WORDS)] = ""
    context: Annotated[int, Meta(ge=0, le=actions.MAX_CONTEXT)] = 0


class Reports(Struct, frozen=True):
    """My reports, the newest first; `next` is the cursor of the next page."""

    items: list[bodies.Report]
    next: str | None


class SeenView(APIView):
    """`/reports/seen`"""

    @operation(
        "markReportsSeen",
        "I have seen the decisions",
        returns=None,
        status=(204,),
        calls=telling.decisions_seen,
    )
    def post(self, request: Request) -> Response:
        """No device points at decided reports of mine from then on (`report_decided` of `me`), and
        a notification of them is cleared. Idempotent."""
        telling.decisions_seen(person_id(request))
        return Response(status=204)


class ReportsView(APIView):
    """`/reports`"""

    @operation("listReports", "My reports", query=PageQuery, returns=Reports)
    def get(self, request: Request) -> Response:
        """With what became of each."""
        query = decode_query(request, PageQuery)
        before = cursors.decode(query.cursor, UUID) if query.cursor else None
        found = reports.of_reporter(person_id(request), before=before, limit=query.limit + 1)
        rows, following = cursors.page(found, query.limit, lambda row: row.id)
        return Response(Reports([reports.body(row) for row in rows], following))

    @operation(
        "createReport",
        "Report something to the moderators",
        body=NewReport,
        returns=bodies.Report,
        status=(200, 201),
        errors=(NotFound,),
        calls=actions.create_report,
    )
    def post(self, request: Request) -> Response:
        """What is reported is copied for the moderators, with its files: it stays readable to them
        when it is edited or deleted. 200 with the first report when the person has already reported
        the same and it is not decided. 404 for what the person cannot see."""
        form = decode(request, NewReport)
        asked = actions.Reported(**{name: getattr(form, name) for name in form.__struct_fields__})
        report, new = actions.create_report(person_id(request), asked)
        return Response(reports.body(report), status=201 if new else 200)
