"""Exports of the person's own data over HTTP."""

from uuid import UUID

from msgspec import Struct
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts.actions import exports as actions
from apps.accounts.fresh_sign_in import require_fresh
from apps.accounts.queries import exports
from apps.core.authentication import person_id
from apps.core.errors import FreshSignInRequired, NotFound, NotPossible
from apps.core.limits import EXPORTS
from apps.wire import bodies
from apps.wire.http import Input, decode_query
from apps.wire.openapi import operation


class Exports(Struct, frozen=True):
    """The person's exports, the newest first."""

    items: list[bodies.Export]


class WhichExport(Input, frozen=True):
    """`chat`: an export of this chat, instead of all that is stored about the person."""

    chat: UUID | None = None


class ExportsView(APIView):
    """`/exports`"""

    @operation("listExports", "My exports", returns=Exports)
    def get(self, request: Request) -> Response:
        """Those that are being written, and those that can be downloaded."""
        return Response(Exports(exports.of_person(person_id(request))))

    @operation(
        "createExport",
        "Ask for an export of my data, or of a chat",
        query=WhichExport,
        returns=bodies.Export,
        status=(202,),
        errors=(FreshSignInRequired, NotFound, NotPossible),
        limits=(EXPORTS,),
    )
    def post(self, request: Request) -> Response:
        """A worker writes it, and the person gets a mail when it is ready; until then the same one
        is returned. With `chat`: a copy of this chat, with pages that open offline; 409 while
        another export is waiting. 403 `fresh_sign_in_required`: sign in again, then ask within five
        minutes."""
        require_fresh(request)
        chat = decode_query(request, WhichExport).chat
        return Response(exports.body(actions.ask(person_id(request), chat)), status=202)


class ExportView(APIView):
    """`/exports/{id}`"""

    @operation("getExport", "One of my exports", returns=bodies.Export)
    def get(self, request: Request, export: UUID) -> Response:
        """Download it from `url` when it is `ready`: a zip archive of JSON files."""
        return Response(exports.body(exports.get(person_id(request), export)))
