"""The page *Reminders*: those of the person that wait, and a form for another one."""

from typing import cast
from uuid import UUID, uuid4

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from apps.accounts.models import User
from apps.chats.queries.access import get_membership
from apps.core.authentication import person_id
from apps.core.errors import NotFound, NotPossible
from apps.core.local_time import instant_of, zone_named
from apps.core.page_actions import respond
from apps.core.refusable_form import RefusableForm
from apps.plugins.reminders import setting


class ReminderForm(RefusableForm):
    """What, and when by the clocks of the person. `client_id` makes a form that is sent twice one
    reminder. `reply_to`: seq of the message that one in the chat replies to."""

    text = forms.CharField(label=_("What"), max_length=setting.MAX_TEXT)
    day = forms.DateField(label=_("Day"), widget=forms.DateInput({"type": "date"}))
    clock = forms.TimeField(label=_("Time"), widget=forms.TimeInput({"type": "time"}))
    here = forms.BooleanField(label=_("Write it in this chat, for everybody"), required=False)
    client_id = forms.UUIDField(widget=forms.HiddenInput)
    reply_to = forms.IntegerField(
        required=False, min_value=1, max_value=2**31 - 1, widget=forms.HiddenInput
    )


@require_http_methods(["GET", "POST"])
@never_cache
@login_required
def list_(request: HttpRequest, chat: UUID) -> HttpResponse:
    """GET: all of the person's reminders; each says where it goes. POST: set another one."""
    me = person_id(request)
    get_membership(me, chat)
    zone = zone_named(cast(User, request.user).time_zone)
    form = ReminderForm(
        request.POST or None,
        initial={
            "client_id": uuid4(),
            "reply_to": request.GET.get("reply_to"),
            "day": timezone.now().astimezone(zone).date().isoformat(),
        },
    )

    def change() -> HttpResponse:
        given = form.cleaned_data
        due_at = instant_of(given.pop("day"), given.pop("clock"), zone)
        setting.set_reminder(me, chat, due_at=due_at, **given)
        messages.success(request, gettext("The reminder is set."))
        return redirect("reminders:list", chat)

    if request.method == "POST" and (response := respond(request, form, change)) is not None:
        return response
    context = {"reminders": setting.waiting(me), "chat": chat, "form": form}
    status = 400 if request.method == "POST" else 200
    return render(request, "reminders/list.html", context, status=status)


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
