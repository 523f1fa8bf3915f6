"""The API paths of accounts, under /api/v1/."""

from django.urls import path

from apps.accounts.api.devices import DevicesView, DeviceView
from apps.accounts.api.exports import ExportsView, ExportView
from apps.accounts.api.passwords import PasswordView
from apps.accounts.api.proof import ProofPasskeyView, ProofView
from apps.accounts.api.session import SessionView
from apps.accounts.api.tickets import TicketsView
from apps.accounts.api.tokens import RefreshView, RevokeView, TokensView

urlpatterns = [
    path("session", SessionView.as_view(), name="api-session"),
    path("session/proof", ProofView.as_view(), name="api-local-proof"),
    path("session/proof/passkey", ProofPasskeyView.as_view(), name="api-local-proof-passkey"),
    path("me/password", PasswordView.as_view(), name="api-local-password"),
    path("tokens", TokensView.as_view(), name="api-tokens"),
    path("tokens/refresh", RefreshView.as_view()),
    path("tokens/revoke", RevokeView.as_view()),
    path("tickets", TicketsView.as_view()),
    path("devices", DevicesView.as_view()),
    path("devices/<uuid:device>", DeviceView.as_view()),
    path("exports", ExportsView.as_view()),
    path("exports/<uuid:export>", ExportView.as_view()),
]
