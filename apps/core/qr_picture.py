"""Pictures for cameras."""

from allauth.mfa.adapter import get_adapter
from django.http import HttpResponse


def qr_picture(text: str) -> HttpResponse:
    """A text as a QR code."""
    return HttpResponse(get_adapter().build_totp_svg(text), "image/svg+xml")
