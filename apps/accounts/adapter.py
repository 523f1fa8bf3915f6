"""Connects django-allauth to our actions: registration, confirmed e-mails, new passwords."""

import time
from smtplib import SMTPException
from typing import Any, NamedTuple

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.login import clear_authentication_records
from allauth.account.models import EmailAddress
from allauth.core.exceptions import ImmediateHttpResponse, ReauthenticationRequired
from allauth.core.internal import ratelimit
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.crypto import constant_time_compare
from django.utils.translation import get_language, get_language_from_request, gettext, override
from django.utils.translation import gettext_lazy as _

from apps.accounts import barred_emails, known_devices, mails, suspended
from apps.accounts.actions import accounts, profile, registration
from apps.accounts.deletion_signals import KEPT
from apps.accounts.fresh_sign_in import is_fresh
from apps.accounts.models import User
from apps.accounts.queries.usernames import free_username
from apps.accounts.registration_secrets import registration_secrets
from apps.core.client_address import client_address
from apps.core.errors import Refused

API_PREFIX = "/api/"
# The session's own key: what the password was when a sign-in began.
BEGUN_WITH = "begun_with"
SIGNED_OUT = "account/messages/logged_out.txt"


class Site(NamedTuple):
    """How mails call this server."""

    name: str
    domain: str


def _site() -> Site:
    return Site(name="Parley", domain=settings.PUBLIC_URL)


def _login(credentials: dict[str, Any]) -> str:
    login: str = credentials.get("email") or credentials.get("username") or ""
    return login


class Adapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth has no types
    """Overrides decisions of allauth."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "username_password_mismatch": _(
            "That name and password do not match. Nothing was changed; try again."
        ),
        "email_password_mismatch": _(
            "That e-mail address and password do not match. Nothing was changed; try again."
        ),
        "too_many_login_attempts": _("Too many tries. Try again in a few minutes."),
        "username_taken": _("This username is taken."),
        "username_blacklisted": _("This username cannot be used. Choose another one."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Whether this person may register: see the setting REGISTRATION."""
        secrets = registration_secrets(request)
        try:
            registration.permit(invite=secrets.invite, proof=secrets.proof)
        except Refused:
            return False
        return True

    def clean_username(self, username: str, shallow: bool = False) -> str:
        """Lower case: `Bob` and `bob` are the same person. Raises ValidationError; of a username
        that is taken, with a free one."""
        wish = username.strip().lower()
        try:
            cleaned: str = super().clean_username(wish, shallow)
        except ValidationError as error:
            if error.code != "username_taken":
                raise
            taken = gettext("This username is taken. %(free)s is free.")
            raise ValidationError(taken % {"free": free_username(wish)}) from error
        return cleaned

    def get_client_ip(self, request: HttpRequest) -> str:
        """The address that limits count. Forwarded addresses are trusted from our proxies only."""
        return client_address(request)

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Count an attempt to sign in; a successful one is uncounted.

        Strangers who know a username must not lock its owner out. So a device that has signed in
        to the account before has a counter of its own. All other attempts are counted by address,
        and together by account. Raises ValidationError when there were too many.
        """
        super().pre_authenticate(request, **credentials)
        login = super()._get_login_attempts_cache_key(request, **credentials)
        if known_devices.known_device_id(request, _login(credentials)):
            return
        anywhere = ratelimit.consume(
            request, app="allauth.account", action="login_failed_anywhere", key=login
        )
        if anywhere is None:
            self._rollback_login_failed_rl_usage()
            raise self.validation_error("too_many_login_attempts")
        self._login_failed_rl_usage.usage += anywhere.usage

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        login = super()._get_login_attempts_cache_key(request, **credentials)
        device = known_devices.known_device_id(request, _login(credentials))
        return f"{login}:{device or ratelimit.get_ip(request)}"

    def pre_login(self, request: HttpRequest, user: User, **more: Any) -> HttpResponse | None:
        """The first step is done: remember with which password. Suspended people go through all
        steps, too: `login` leads them to the page that says why."""
        response: HttpResponse | None = None
        if user.is_active or not suspended.is_suspended(user.id):
            response = super().pre_login(request, user, **more)
        if response is None:
            request.session[BEGUN_WITH] = user.get_session_auth_hash()
        return response

    def login(self, request: HttpRequest, user: User) -> None:
        """Sign in after all steps, unless the password was changed or the account closed between
        them."""
        begun_with = request.session.pop(BEGUN_WITH, "")
        is_proven = constant_time_compare(begun_with, user.get_session_auth_hash())
        if not user.is_active:
            clear_authentication_records(request)
            if is_proven and suspended.remember(request.session, user.id, signed_in_at=time.time()):
                raise ImmediateHttpResponse(redirect("suspended"))
        if not user.is_active or not is_proven:
            raise ImmediateHttpResponse(redirect("account_login"))
        super().login(request, user)

    def post_login(self, request: HttpRequest, user: User, **more: Any) -> HttpResponse:
        """Remember that this device has signed in to the account.

        A sign-in that kept the account from being deleted leads to the page that says so.
        """
        response: HttpResponse = super().post_login(request, user, **more)
        if KEPT in request.session:
            response = redirect("data")
        known_devices.remember(request, response, user)
        return response

    def set_password(self, user: User, password: str) -> None:
        """Called for the reset of a password. It keeps no device, also where its owner is signed
        in: it proves a mailbox, not the second step."""
        accounts.set_password(user, password)

    def confirm_email(self, request: HttpRequest, email_address: EmailAddress) -> bool:
        """Give the person the address whose link was followed, and tell their devices. Not while
        their account is closed: the old address of a suspended one is barred when it is deleted."""
        if not email_address.user.is_active or barred_emails.is_barred(email_address.email):
            return False
        try:
            with transaction.atomic():
                confirmed: bool = super().confirm_email(request, email_address)
                if confirmed:
                    profile.touch(email_address.user_id)
        except IntegrityError:
            return False
        return confirmed

    def is_reauthentication_required(self, *, app: str) -> bool:
        """False. Raises ReauthenticationRequired when the last proof is too old: allauth would go
        on to look at records of its own."""
        if not is_fresh(self.request.session):
            raise ReauthenticationRequired
        return False

    def get_reauthentication_methods(self, user: User | AnonymousUser) -> list[dict[str, Any]]:
        """The password alone: a code or a passkey may lie next to an open screen."""
        if not isinstance(user, User) or not user.has_usable_password():
            return []
        return [{"id": "reauthenticate", "url": reverse("account_reauthenticate")}]

    def add_message(
        self,
        request: HttpRequest,
        level: int,
        message_template: str | None = None,
        *args: Any,
        **more: Any,
    ) -> None:
        """Drop "signed in", and what a request of the API would leave for some later page. The page
        after a sign-out is in the language of the browser: so is what it says."""
        if message_template == "account/messages/logged_in.txt":
            return
        if request.path_info.startswith(API_PREFIX):
            return
        signs_out = message_template == SIGNED_OUT
        language = get_language_from_request(request) if signs_out else get_language()
        with override(language):
            super().add_message(request, level, message_template, *args, **more)

    def send_notification_mail(
        self,
        template_prefix: str,
        user: User,
        context: dict[str, Any] | None = None,
        email: str | None = None,
    ) -> None:
        """Tell the owner of an account what was changed, in their language, which requests of the
        API do not have."""
        with override(user.locale):
            super().send_notification_mail(template_prefix, user, context, email)

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        """Back to the profile, where the change began."""
        return reverse("profile")

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Send a mail. A mail host that is down must not fail the request."""
        try:
            super().send_mail(template_prefix, email, {"current_site": _site(), **context})
        except (OSError, SMTPException):
            mails.note_unsent(template_prefix)
