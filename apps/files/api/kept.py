"""API of the files that a person keeps."""

from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.core.authentication import person_id
from apps.core.errors import NotPossible
from apps.files.actions.kept import set_kept
from apps.files.queries import uploads
from apps.wire import bodies
from apps.wire.openapi import operation


class KeptView(APIView):
    """`/files/{file}/kept`"""

    @operation(
        "keepFile",
        "Keep a file of mine",
        returns=bodies.Upload,
        errors=(NotPossible,),
        calls=set_kept,
    )
    def put(self, request: Request, file: UUID) -> Response:
        """A kept file is not deleted when no message shows it. 409 while it is not `ready`."""
        return Response(uploads.body(set_kept(person_id(request), file, kept=True)))

    @operation("stopKeepingFile", "Stop keeping a file", returns=bodies.Upload, calls=set_kept)
    def delete(self, request: Request, file: UUID) -> Response:
        """A file that no message shows is deleted a day later, at its `expires_at`."""
        return Response(uploads.body(set_kept(person_id(request), file, kept=False)))
