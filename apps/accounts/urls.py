"""The sign-in, registration, password and second-factor pages, and the well-known addresses."""

from django.urls import include, path
from django.views.generic import RedirectView

from apps.accounts.views import appearance, data, deletion, registration, second_factor, well_known

# allauth's names, which its views redirect to. Its own list of addresses has some more: for
# signing in again with a code alone, for example.
SECOND_FACTOR = [
    path("", RedirectView.as_view(pattern_name="security"), name="mfa_index"),
    path("authenticate/", second_factor.authenticate, name="mfa_authenticate"),
    path("totp/activate/", second_factor.activate_app, name="mfa_activate_totp"),
    path("totp/deactivate/", second_factor.remove_app, name="mfa_deactivate_totp"),
    path("recovery-codes/", second_factor.show_codes, name="mfa_view_recovery_codes"),
    path("recovery-codes/generate/", second_factor.make_codes, name="mfa_generate_recovery_codes"),
    path("passkeys/", RedirectView.as_view(pattern_name="security"), name="mfa_list_webauthn"),
    path("passkeys/add/", second_factor.add_passkey, name="mfa_add_webauthn"),
    path("passkeys/login/", second_factor.sign_in_with_passkey, name="mfa_login_webauthn"),
    path("passkeys/<int:pk>/edit/", second_factor.rename_passkey, name="mfa_edit_webauthn"),
    path("passkeys/<int:pk>/remove/", second_factor.remove_passkey, name="mfa_remove_webauthn"),
]

urlpatterns = [
    # Replaces allauth's own page: the e-mail is changed on the profile page.
    path("accounts/email/", RedirectView.as_view(pattern_name="profile"), name="account_email"),
    path("settings/appearance", appearance.page, name="appearance"),
    path("settings/data", data.page, name="data"),
    path("settings/data/delete", deletion.page, name="delete-account"),
    path("settings/data/<uuid:export>/file", data.download, name="data-file"),
    # In place of allauth's, which knows no invitations.
    path("accounts/signup/", registration.Register.as_view(), name="account_signup"),
    path("accounts/", include("allauth.account.urls")),
    path("accounts/2fa/", include(SECOND_FACTOR)),
    path(
        # https://w3c.github.io/webappsec-change-password-url/
        ".well-known/change-password",
        RedirectView.as_view(pattern_name="account_change_password"),
    ),
    path(".well-known/security.txt", well_known.security_txt),
]
