"""What the sign-in page says about registration."""

from django import template

from apps.core.runtime import runtime

register = template.Library()


@register.simple_tag
def registration_is_closed() -> bool:
    """Whether nobody makes an account here."""
    return bool(runtime.REGISTRATION == "off")
