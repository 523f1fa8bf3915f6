"""The API paths of accounts, under /api/v1/."""

from django.urls import include, path

from apps.accounts.api.devices import DevicesView, DeviceView
from apps.accounts.api.exports import ExportsView, ExportView
from apps.accounts.api.passkeys import PasskeyOptionsView, PasskeysView, PasskeyView
from apps.accounts.api.passwords import PasswordView
from apps.accounts.api.proof import ProofPasskeyView, ProofView
from apps.accounts.api.registration import AccountsView
from apps.accounts.api.second_factor import AppView, RecoveryCodesView, SecondFactorView
from apps.accounts.api.session import SessionView
from apps.accounts.api.tickets import TicketsView
from apps.accounts.api.tokens import RefreshView, RevokeView, TokensView

# The prefix of the names closes them without local accounts (`accounts.middleware`).
SECOND_FACTOR = [
    path("app", AppView.as_view(), name="api-local-app"),
    path("recovery-codes", RecoveryCodesView.as_view(), name="api-local-codes"),
    path("passkeys", PasskeysView.as_view(), name="api-local-passkeys"),
    path("passkeys/options", PasskeyOptionsView.as_view(), name="api-local-passkey-options"),
    path("passkeys/<int:passkey>", PasskeyView.as_view(), name="api-local-passkey"),
]

urlpatterns = [
    path("accounts", AccountsView.as_view(), name="api-local-accounts"),
    path("session", SessionView.as_view(), name="api-session"),
    path("session/proof", ProofView.as_view(), name="api-local-proof"),
    path("session/proof/passkey", ProofPasskeyView.as_view(), name="api-local-proof-passkey"),
    path("me/password", PasswordView.as_view(), name="api-local-password"),
    path("me/second-factor", SecondFactorView.as_view(), name="api-local-second-factor"),
    path("me/second-factor/", include(SECOND_FACTOR)),
    path("tokens", TokensView.as_view(), name="api-tokens"),
    path("tokens/refresh", RefreshView.as_view()),
    path("tokens/revoke", RevokeView.as_view()),
    path("tickets", TicketsView.as_view()),
    path("devices", DevicesView.as_view()),
    path("devices/<uuid:device>", DeviceView.as_view()),
    path("exports", ExportsView.as_view()),
    path("exports/<uuid:export>", ExportView.as_view()),
]
