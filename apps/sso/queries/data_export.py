"""What single sign-on stores about a person, for an export of their data."""

from uuid import UUID

from apps.accounts.export_handlers import Sections, stream
from apps.sso.models import Identity, ProviderPicture, SignedOutSession


def sections(user_id: UUID) -> Sections:
    """The identities with which the person signs in, the addresses of their pictures at the
    provider, and when apps of them were signed out here."""
    identities = Identity.objects.filter(user_id=user_id).order_by("id")
    signed_out = SignedOutSession.objects.filter(identity__user_id=user_id).order_by("id")
    pictures = ProviderPicture.objects.filter(identity__user_id=user_id).order_by("pk")
    return {
        "identities": stream(identities.values("issuer", "subject", "created_at")),
        "provider_pictures": stream(pictures.values("url", "checked_at")),
        "signed_out_apps": stream(signed_out.values("at")),
    }
