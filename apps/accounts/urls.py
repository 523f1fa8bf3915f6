"""The sign-in, registration and password pages, and the well-known addresses."""

from django.urls import include, path
from django.views.generic import RedirectView

from apps.accounts import views

urlpatterns = [
    # Replaces allauth's own page: the e-mail is changed on the profile page.
    path("accounts/email/", RedirectView.as_view(pattern_name="profile"), name="account_email"),
    path("accounts/", include("allauth.account.urls")),
    path(
        # https://w3c.github.io/webappsec-change-password-url/
        ".well-known/change-password",
        RedirectView.as_view(pattern_name="account_change_password"),
    ),
    path(".well-known/security.txt", views.security_txt),
]
