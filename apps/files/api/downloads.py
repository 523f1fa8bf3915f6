"""API of files' contents."""

from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.core.authentication import person_id, session_key
from apps.core.errors import NotFound
from apps.core.limits import DOWNLOADS, check
from apps.files.links import Asker, link
from apps.files.queries.downloads import get_download
from apps.wire.openapi import operation


class VariantView(APIView):
    """`/files/{file}/content/{variant}`"""

    @operation(
        "getFileContent",
        "The bytes of a file",
        returns=None,
        status=(302,),
        errors=(NotFound,),
        limits=(DOWNLOADS,),
    )
    def get(self, request: Request, file: UUID, variant: str) -> Response:
        """Redirects to a link that is valid for a minute, for the person who uploaded the file and
        for people who may see what shows it.

        A picture's variant may be AVIF or WebP. Where the `Accept` header excludes its type, but
        not that of another variant, the link is to the smallest such variant."""
        person = person_id(request)
        check(DOWNLOADS, person)
        found = get_download(person, file, variant, accepts=request.accepts)
        address = link(
            found.key,
            name=found.name,
            media_type=found.media_type,
            inline="download" not in request.query_params,
            size=found.size,
            asker=Asker(person, session_key(request)),
        )
        return Response(status=302, headers={"Location": address, "Cache-Control": "no-store"})
