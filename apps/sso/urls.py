"""Addresses of single sign-on. The provider knows those of the callback and of the logouts."""

from django.urls import path

from apps.sso.views import devices, logout, password, security, sign_in

urlpatterns = [
    path("accounts/sso/login", sign_in.begin, name="sso-login"),
    path("accounts/sso/callback", sign_in.Callback.as_view(), name="sso-callback"),
    path("accounts/sso/link", sign_in.link, name="sso-link"),
    path("accounts/sso/prove", sign_in.prove, name="sso-prove"),
    path("accounts/sso/unlink/<int:identity>", security.unlink, name="sso-unlink"),
    path("accounts/sso/backchannel-logout", logout.back_channel, name="sso-backchannel-logout"),
    path("accounts/sso/frontchannel-logout", logout.front_channel, name="sso-frontchannel-logout"),
    path("settings/security", security.page, name="security"),
    path("settings/security/devices/end", devices.end_others, name="device-end-others"),
    path("settings/security/devices/<uuid:device>/end", devices.end, name="device-end"),
    path("settings/security/devices/<uuid:device>/rename", devices.rename, name="device-rename"),
    # In place of allauth's, which would give everybody a password.
    path("accounts/password/change/", password.change, name="account_change_password"),
    path("accounts/password/set/", password.set_first, name="account_set_password"),
]
