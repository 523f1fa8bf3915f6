"""Addresses of single sign-on. The provider knows that of the callback."""

from django.urls import path

from apps.sso.views import sign_in

urlpatterns = [
    path("accounts/sso/login", sign_in.begin, name="sso-login"),
    path("accounts/sso/callback", sign_in.Callback.as_view(), name="sso-callback"),
    path("accounts/sso/link", sign_in.link, name="sso-link"),
]
