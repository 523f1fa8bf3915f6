"""What people do with entries of plugins, over the API."""

from typing import Annotated, Any
from uuid import UUID

from msgspec import Meta, Struct
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.core.authentication import person_id
from apps.core.errors import ChatClosed, Forbidden, NotContacts, NotPossible
from apps.integrations.actions.plugin_acts import act
from apps.wire.http import Input, decode
from apps.wire.openapi import operation


class PluginAct(Input, frozen=True):
    """The name of an action of the plugin, and what it needs."""

    name: Annotated[str, Meta(max_length=32)]
    data: dict[str, Any] = {}


class PluginResult(Struct, frozen=True):
    """What the plugin says."""

    result: Any


class PluginActsView(APIView):
    """`/chats/{chat}/messages/{seq}/acts`"""

    @operation(
        "actOnEntry",
        "Act on an entry of a plugin",
        body=PluginAct,
        returns=PluginResult,
        errors=(ChatClosed, Forbidden, NotContacts, NotPossible),
        calls=act,
    )
    def post(self, request: Request, chat: UUID, seq: int) -> Response:
        """For example, vote in a poll. The plugin that drew the entry names its actions."""
        form = decode(request, PluginAct)
        found = act(person_id(request), chat, seq=seq, name=form.name, data=form.data)
        return Response(PluginResult(found))
