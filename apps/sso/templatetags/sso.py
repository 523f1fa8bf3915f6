"""What the sign-in page needs to know of single sign-on."""

from django import template
from django.conf import settings

register = template.Library()


@register.simple_tag
def sso_name() -> str:
    """The name on the sign-in button; empty when there is no identity provider."""
    return str(settings.OIDC_NAME) if settings.OIDC_ISSUER else ""


@register.simple_tag
def local_accounts() -> bool:
    """Whether people may sign in here with a password."""
    return bool(settings.LOCAL_ACCOUNTS)
