"""Who people are at the identity provider, and the sessions that they have there."""

from apps.sso.models.identity import Identity
from apps.sso.models.logout_token import UsedLogoutToken
from apps.sso.models.provider_session import ProviderSession

__all__ = ["Identity", "ProviderSession", "UsedLogoutToken"]
