"""What the pages of a group's integrations share."""

from typing import cast
from uuid import UUID

from django.http import Http404, HttpRequest

from apps.accounts.models import User
from apps.chats.models import Chat
from apps.core.errors import Forbidden, NotFound
from apps.integrations.queries.chats import managed_chat


def chat_or_404(request: HttpRequest, chat: UUID) -> Chat:
    """The chat, if the signed-in person may manage its integrations. Raises Http404."""
    try:
        return managed_chat(cast(User, request.user).id, chat)
    except (NotFound, Forbidden) as error:
        raise Http404 from error
