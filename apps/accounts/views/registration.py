"""The registration page, and what it says where not everybody may register."""

from typing import Any

from allauth.account.views import SignupView
from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext, gettext_lazy

from apps.accounts.actions import email_proofs, registration
from apps.accounts.forms import SignupForm
from apps.accounts.invite_handlers import find_accept
from apps.accounts.registration_secrets import registration_secrets
from apps.core.errors import Invalid, Refused
from apps.core.runtime import runtime


class EmailForm(forms.Form):
    """The address that somebody claims to have."""

    email = forms.EmailField(
        label=gettext_lazy("E-mail"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )


class Register(SignupView):  # type: ignore[misc]  # allauth has no types
    """allauth's page, for people who may register; others learn what they need."""

    request: HttpRequest
    refusal = ""

    def is_open(self) -> bool:
        """Whether the link with which the person came lets them register."""
        secrets = registration_secrets(self.request)
        try:
            self.permit = registration.permit(invite=secrets.invite, proof=secrets.proof)
        except Refused as error:
            self.refusal = error.detail
            return False
        return True

    def closed(self) -> HttpResponse:
        """What a person needs to register here."""
        if runtime.REGISTRATION == "domains":
            barred = self.refusal if self.refusal == registration.BARRED else ""
            return _ask_for_email(self.request, barred)
        context = {"needs_invite": runtime.REGISTRATION == "invite"}
        return render(self.request, "account/signup_closed.html", context)

    def form_valid(self, form: SignupForm) -> HttpResponse:
        """Somebody may take the name after it was checked: the form stays with what was typed."""
        try:
            response: HttpResponse = super().form_valid(form)
        except Invalid as error:
            form.refuse(error)
            response = self.form_invalid(form)
        return response

    def get_form_kwargs(self) -> dict[str, Any]:
        """The form does not ask for an address that is proven."""
        kwargs: dict[str, Any] = super().get_form_kwargs()
        return {**kwargs, "proven_email": self.permit.email}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Adds the links that the person came with, which the form sends again."""
        context: dict[str, Any] = super().get_context_data(**kwargs)
        secrets = registration_secrets(self.request)
        return {
            **context,
            "permit": self.permit,
            "secrets": secrets._asdict(),
            "stale": bool(secrets.invite)
            and self.permit == registration.Permit()
            and find_accept(secrets.invite) is None,
        }


def _ask_for_email(request: HttpRequest, barred: str) -> HttpResponse:
    asked = "email" in request.POST
    form = EmailForm(request.POST if asked else None)
    if asked and form.is_valid():
        try:
            email_proofs.send(form.cleaned_data["email"])
        except Invalid as error:
            form.add_error("email", error.reason)
        else:
            return render(request, "account/proof_sent.html")
    context = {
        "form": form,
        "domains": ", ".join(runtime.REGISTRATION_DOMAINS),
        "barred": gettext(barred) if barred else "",
        "expired": bool(registration_secrets(request).proof),
    }
    return render(request, "account/signup_email.html", context)
