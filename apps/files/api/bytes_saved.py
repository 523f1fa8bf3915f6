"""API of what the data saver saves."""

from typing import Annotated

from msgspec import Meta
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.core.authentication import person_id, session_key
from apps.files.actions import bytes_saved as actions
from apps.files.queries import bytes_saved
from apps.wire import bodies
from apps.wire.http import Input, decode
from apps.wire.openapi import operation


class SavedByDevice(Input, frozen=True):
    """What the device that asks has not loaded since the month began, in bytes."""

    month: bodies.Month
    bytes: Annotated[int, Meta(ge=0, le=2**50)]


class BytesSavedView(APIView):
    """`/files/bytes-saved`"""

    @operation("getBytesSaved", "What the data saver saved me", returns=bodies.BytesSaved)
    def get(self, request: Request) -> Response:
        """This month, on all devices."""
        return Response(bytes_saved.get(person_id(request), session_key=session_key(request)))

    @operation(
        "reportBytesSaved",
        "Report what this device saved",
        body=SavedByDevice,
        returns=bodies.BytesSaved,
        calls=actions.report,
    )
    def put(self, request: Request) -> Response:
        """Replaces what this device reported before; returns the sum of all devices. 400 for
        another month than the present one of UTC."""
        form, person, key = decode(request, SavedByDevice), person_id(request), session_key(request)
        actions.report(person, session_key=key, month=form.month, saved=form.bytes)
        return Response(bytes_saved.get(person, session_key=key))
