"""The page on which people change their profile."""

from typing import cast

from allauth.account.models import EmailAddress
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.html import format_html
from django.utils.translation import gettext, override
from django.views.decorators.http import require_http_methods

from apps.accounts.actions import emails
from apps.accounts.models import User
from apps.accounts.queries import profiles
from apps.contacts.actions import profile
from apps.contacts.forms import ProfileForm, initial
from apps.core.errors import Conflict, Refused

PAGE = "accounts/profile.html"


@login_required
@require_http_methods(["GET", "POST"])
def profile_page(request: HttpRequest) -> HttpResponse:
    """Shows the profile, or changes it and comes back."""
    user = cast(User, request.user)
    if request.method == "POST":
        return _change(request, user)
    form = ProfileForm(initial=initial(profiles.me(user.id)))
    waiting = EmailAddress.objects.get_new(user)
    if waiting:
        form.fields["email"].help_text = format_html(
            gettext("A link was sent to {}. The address is yours once you follow it."),
            waiting.email,
        )
    return render(request, PAGE, {"form": form})


def _change(request: HttpRequest, user: User) -> HttpResponse:
    form = ProfileForm(request.POST)
    if not form.is_valid():
        return render(request, PAGE, {"form": form}, status=400)
    try:
        me = profile.update(user.id, version=form.cleaned_data["version"], **form.changes())
        form.start_from(me.version)
        user.refresh_from_db()
        emails.change(request, user, form.cleaned_data["email"])
    except Conflict:
        me = profiles.me(user.id)
        form.start_from(me.version)
        form.show_kept(me)
        return render(request, PAGE, {"form": form, "conflict": True}, status=409)
    except Refused as refusal:
        form.refuse(refusal.pointer, refusal.reason or refusal.detail)
        return render(request, PAGE, {"form": form}, status=refusal.status)
    with override(me.locale):  # the page that says so speaks it already
        messages.success(request, gettext("Saved."))
    return redirect("profile")
