"""What the pages of sign-in and registration say about invitations and registration."""

from typing import Any

from django import template

from apps.accounts.invite_handlers import find_invitation
from apps.accounts.registration_secrets import registration_secrets
from apps.core.runtime import runtime

register = template.Library()


@register.simple_tag
def registration_is_closed() -> bool:
    """Whether nobody makes an account here."""
    return bool(runtime.REGISTRATION == "off")


@register.inclusion_tag("accounts/invitation.html", takes_context=True)
def invitation(context: dict[str, Any]) -> dict[str, Any]:
    """Who invites to which group, for a person who came by a link."""
    secret = registration_secrets(context["request"]).invite
    return {"invitation": find_invitation(secret) if secret else None}
