"""The page *Delete your account*."""

from typing import cast

from django.conf import settings
from django.contrib import auth, messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language_from_request, gettext, override
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from apps.accounts.actions import deletions
from apps.accounts.fresh_sign_in import without_proof
from apps.accounts.models import User
from apps.core.runtime import runtime

PAGE = "accounts/delete.html"


@require_http_methods(["GET", "POST"])
@never_cache
@login_required
def page(request: HttpRequest) -> HttpResponse:
    """GET: what is deleted and what stays. POST: ask for it, which ends this session, too."""
    user = cast(User, request.user)
    context = {
        "days": runtime.DELETION_DAYS,
        "identities": bool(settings.OIDC_ISSUER),
        "local": settings.LOCAL_ACCOUNTS and user.has_usable_password(),
    }
    if request.method == "GET":
        return render(request, PAGE, context)
    if (response := without_proof(request, user, PAGE, context)) is not None:
        return response
    refuse = request.POST.get("identities") == "refuse"
    row = deletions.ask(user.id, refuse_identities=refuse)
    auth.logout(request)
    with override(get_language_from_request(request)):  # that of the page after this one
        day = date_format(timezone.localtime(row.due_at), "DATE_FORMAT")
        messages.success(request, _text(day))
    return redirect("account_login")


def _text(day: str) -> str:
    if not runtime.DELETION_DAYS:
        return gettext("Your account is being deleted. You are signed out.")
    text = gettext("Your account will be deleted on {day}. Sign in before then to keep it.")
    return text.format(day=day)
