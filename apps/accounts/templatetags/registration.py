"""What the sign-in page says about registration."""

from django import template
from django.conf import settings

register = template.Library()


@register.simple_tag
def registration_is_closed() -> bool:
    """Whether nobody makes an account here."""
    return bool(settings.REGISTRATION == "off")
