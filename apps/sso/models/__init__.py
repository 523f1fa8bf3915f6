"""Who people are at the identity provider, and the sessions that they have there."""

from apps.sso.models.identity import Identity
from apps.sso.models.provider_picture import ProviderPicture
from apps.sso.models.provider_session import ProviderSession
from apps.sso.models.signed_out_session import SignedOutSession
from apps.sso.models.used_token import UsedToken

__all__ = ["Identity", "ProviderPicture", "ProviderSession", "SignedOutSession", "UsedToken"]
