"""The page *Reminders*: those of the person that wait."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from apps.chats.queries.access import get_membership
from apps.core.authentication import person_id
from apps.core.errors import NotFound, NotPossible
from apps.plugins.reminders import setting


@require_safe
@never_cache
@login_required
def list_(request: HttpRequest, chat: UUID) -> HttpResponse:
    """All of the person's reminders; each says where it goes."""
    get_membership(person_id(request), chat)
    context = {"reminders": setting.waiting(person_id(request)), "chat": chat}
    return render(request, "reminders/list.html", context)


@require_POST
@never_cache
@login_required
def cancel(request: HttpRequest, chat: UUID, reminder: UUID) -> HttpResponse:
    """Cancel one; one that is gone already is as good."""
    try:
        setting.cancel(person_id(request), reminder)
    except NotPossible:
        messages.warning(request, gettext("It is being sent right now."))
    except NotFound:
        pass
    else:
        messages.success(request, gettext("The reminder is cancelled."))
    return redirect("reminders:list", chat)


app_name = "reminders"
urlpatterns = [
    path("<uuid:chat>", list_, name="list"),
    path("<uuid:chat>/<uuid:reminder>/cancel", cancel, name="cancel"),
]
