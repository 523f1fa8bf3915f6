"""Pages before the app: signing in, registering, passwords; and the well-known addresses."""

from django.urls import include, path
from django.views.generic import RedirectView

from apps.accounts import views

urlpatterns = [
    # The e-mail is changed on the profile page; allauth's own page for it stays out of the way.
    path("accounts/email/", RedirectView.as_view(pattern_name="profile"), name="account_email"),
    path("accounts/", include("allauth.account.urls")),
    path(
        # https://w3c.github.io/webappsec-change-password-url/
        ".well-known/change-password",
        RedirectView.as_view(pattern_name="account_change_password"),
    ),
    path(".well-known/security.txt", views.security_txt),
]
