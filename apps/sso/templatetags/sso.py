"""What templates need to know of single sign-on."""

from django import template
from django.conf import settings

register = template.Library()


@register.simple_tag
def sso_name() -> str:
    """The name on the sign-in button; empty when there is no identity provider."""
    return str(settings.OIDC_NAME) if settings.OIDC_ISSUER else ""


@register.simple_tag
def provider_name() -> str:
    """The name of the identity provider, also when it is switched off."""
    return str(settings.OIDC_NAME)


@register.simple_tag
def local_accounts() -> bool:
    """Whether people may sign in here with a password."""
    return bool(settings.LOCAL_ACCOUNTS)
