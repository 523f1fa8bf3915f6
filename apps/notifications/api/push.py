"""The devices that receive pushes, over HTTP."""

from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.core.authentication import person_id, session_key
from apps.core.clean_text import clean_line
from apps.core.errors import Invalid, NotPossible
from apps.notifications.actions import subscriptions
from apps.notifications.queries import subscriptions as devices
from apps.wire import bodies
from apps.wire.http import Input, decode
from apps.wire.openapi import operation


class PushKeys(Input, frozen=True):
    """The keys of a browser's subscription, in base64url (RFC 8291)."""

    p256dh: Annotated[str, Meta(max_length=200)]
    auth: Annotated[str, Meta(max_length=100)]


class NewPushDevice(Input, frozen=True):
    """A browser's `PushSubscription.toJSON()`, and a name for the device."""

    endpoint: Annotated[str, Meta(min_length=1, max_length=2048)]
    keys: PushKeys
    name: Annotated[str, Meta(max_length=80)] = ""


class PushDevices(Struct, frozen=True):
    """The person's devices, newest first."""

    items: list[bodies.PushDevice]


class DevicesView(APIView):
    """`/push/devices`"""

    @operation("listPushDevices", "My devices that receive pushes", returns=PushDevices)
    def get(self, request: Request) -> Response:
        """Newest first."""
        mine = devices.of_person(person_id(request), session_key=session_key(request))
        return Response(PushDevices(mine))

    @operation(
        "addPushDevice",
        "Push to this device",
        body=NewPushDevice,
        returns=bodies.PushDevice,
        status=(201,),
        errors=(NotPossible,),
        calls=subscriptions.subscribe,
    )
    def post(self, request: Request) -> Response:
        """Until this session ends. Repeating it updates the keys and the name."""
        form = decode(request, NewPushDevice)
        me = person_id(request)
        row = subscriptions.subscribe(
            me,
            session_key=session_key(request),
            endpoint=form.endpoint,
            keys={"p256dh": form.keys.p256dh, "auth": form.keys.auth},
            name=_name(form.name),
        )
        return Response(devices.body(row, session_key=session_key(request)), status=201)


class DeviceView(APIView):
    """`/push/devices/{id}`"""

    @operation(
        "removePushDevice",
        "Stop pushing to a device",
        returns=None,
        status=(204,),
        calls=subscriptions.unsubscribe,
    )
    def delete(self, request: Request, device: UUID) -> Response:
        """One of the asker's own."""
        subscriptions.unsubscribe(person_id(request), device)
        return Response(status=204)


def _name(text: str) -> str:
    try:
        return clean_line(text)
    except ValueError as error:
        raise Invalid(str(error), pointer="#/name", reason=str(error)) from error
