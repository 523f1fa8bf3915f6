"""The page *Plugins* of a chat: what plugins offer there."""

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from apps.chats.queries.access import get_membership
from apps.core.authentication import person_id
from apps.integrations.templatetags.plugin_pages import pages_of


@require_safe
@never_cache
@login_required
def page(request: HttpRequest, chat: UUID) -> HttpResponse:
    """The pages of all plugins, for a member."""
    get_membership(person_id(request), chat)
    context = {"chat": chat, "pages": pages_of(chat)}
    return render(request, "integrations/plugins/list.html", context)
