"""A person's devices over HTTP: which are signed in, and signing them out."""

from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts.actions import devices as actions
from apps.accounts.queries import devices
from apps.core.authentication import person_id, session_key
from apps.wire import bodies
from apps.wire.http import Input, decode, decode_query
from apps.wire.openapi import operation


class DeviceName(Input, frozen=True):
    """An empty name gives the device back its default, as "Firefox on Linux"."""

    name: Annotated[str, Meta(max_length=80)]


class Devices(Struct, frozen=True):
    """The person's devices, the last used first."""

    items: list[bodies.Device]


class WhichDevices(Input, frozen=True):
    """`all`: the device that asks, too."""

    all: bool = False


class DevicesView(APIView):
    """`/devices`"""

    @operation("listDevices", "My devices", returns=Devices)
    def get(self, request: Request) -> Response:
        """Browsers and apps that are signed in. `used_at` is exact to a few minutes."""
        mine = devices.of_person(person_id(request), session_key=session_key(request))
        return Response(Devices(mine))

    @operation(
        "endOtherDevices",
        "Sign out my other devices",
        query=WhichDevices,
        returns=None,
        status=(204,),
        calls=actions.end_others,
    )
    def delete(self, request: Request) -> Response:
        """All but the one that asks; with `all=true` that one, too."""
        if decode_query(request, WhichDevices).all:
            actions.end_all(person_id(request))
        else:
            actions.end_others(person_id(request), keep=session_key(request))
        return Response(status=204)


class DeviceView(APIView):
    """`/devices/{id}`"""

    @operation(
        "renameDevice",
        "Name a device",
        body=DeviceName,
        returns=bodies.Device,
        calls=actions.rename,
    )
    def patch(self, request: Request, device: UUID) -> Response:
        """Only its owner sees the name."""
        actions.rename(person_id(request), device, decode(request, DeviceName).name)
        found = devices.get(person_id(request), device, session_key=session_key(request))
        return Response(found)

    @operation("endDevice", "Sign out a device", returns=None, status=(204,), calls=actions.end)
    def delete(self, request: Request, device: UUID) -> Response:
        """Its session or tokens, its live connections and its pushes end at once."""
        actions.end(person_id(request), device)
        return Response(status=204)
