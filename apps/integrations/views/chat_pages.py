"""What the pages of a group's integrations share."""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from django.http import Http404, HttpRequest

from apps.chats.models import Chat
from apps.core.authentication import person_id
from apps.core.errors import Forbidden, NotFound
from apps.integrations.queries.chats import managed_chat


@contextmanager
def or_404() -> Iterator[None]:
    """What the person may not see, or not any more, is not there. Also a decorator of views."""
    try:
        yield
    except (NotFound, Forbidden) as error:
        raise Http404 from error


def chat_or_404(request: HttpRequest, chat: UUID) -> Chat:
    """The chat, if the signed-in person may manage its integrations. Raises Http404."""
    with or_404():
        return managed_chat(person_id(request), chat)
