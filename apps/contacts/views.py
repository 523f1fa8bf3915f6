"""The page on which people change their profile, and the picture of their link."""

from typing import cast

from allauth.account.models import EmailAddress
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.html import format_html
from django.utils.translation import gettext, override
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from apps.accounts.actions import emails
from apps.accounts.fresh_sign_in import ask_for_proof, is_fresh
from apps.accounts.models import User
from apps.accounts.queries import profiles
from apps.contacts.actions import profile
from apps.contacts.forms import ProfileForm
from apps.contacts.queries import personal_links
from apps.core.errors import Conflict, Refused
from apps.core.mail import sends_mail
from apps.core.qr_picture import qr_picture

PAGE = "accounts/profile.html"


@login_required
@require_safe
@never_cache
def link_picture(request: HttpRequest) -> HttpResponse:
    """The person's link as a QR code."""
    link = personal_links.link_of(cast(User, request.user).id)
    if link is None:
        raise Http404
    return qr_picture(personal_links.url(link))


@login_required
@require_http_methods(["GET", "POST"])
def profile_page(request: HttpRequest) -> HttpResponse:
    """Show the profile, or change it and redirect back."""
    user = cast(User, request.user)
    if request.method == "POST":
        return _change(request, user)
    form = ProfileForm(me=profiles.me(user.id))
    pending = EmailAddress.objects.get_new(user)
    if pending:
        sent = gettext("We sent a link to {}. Open it to confirm the address.")
        unsent = gettext(
            "{} is to be confirmed. This server sends no e-mail. Ask the people who run it: they "
            "find the link in its log."
        )
        words = sent if sends_mail() else unsent
        form.fields["email"].help_text = format_html(words, pending.email)
    return render(request, PAGE, {"form": form})


def _change(request: HttpRequest, user: User) -> HttpResponse:
    form = ProfileForm(request.POST, me=profiles.me(user.id))
    if not form.is_valid():
        return render(request, PAGE, {"form": form}, status=400)
    # Who reads the mail can set a new password. The form is sent again after the proof.
    if form.cleaned_data["email"] != (user.email or "") and not is_fresh(request.session):
        response = ask_for_proof(request, user)
        if response is not None:
            return response
        form.add_refusal("#/email", gettext("Sign out, sign in again, and change it then."))
        return render(request, PAGE, {"form": form}, status=403)
    try:
        me = profile.update(user.id, version=form.cleaned_data["version"], **form.changes())
        form.rebase(me.version)
        user.refresh_from_db()
        emails.change(request, user, form.cleaned_data["email"])
    except Conflict:
        me = profiles.me(user.id)
        form.rebase(me.version)
        form.show_saved(me)
        user.refresh_from_db()
        return render(request, PAGE, {"form": form, "conflict": True}, status=409)
    except Refused as error:
        form.add_refusal(error.pointer, error.reason or error.detail)
        return render(request, PAGE, {"form": form}, status=error.status)
    with override(me.locale):  # the next page is in the new language
        messages.success(request, gettext("Saved."))
    return redirect("profile")
