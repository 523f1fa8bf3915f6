"""The Django admin as an app, with our site."""

from django.contrib.admin import site
from django.contrib.admin.apps import AdminConfig

from chatproject.administration import words


class ParleyAdminConfig(AdminConfig):
    """In INSTALLED_APPS, in place of `django.contrib.admin`."""

    default_site = "chatproject.administration.site.ParleySite"

    def ready(self) -> None:
        """The pages of the apps are registered: give them the product's words."""
        super().ready()
        words.apply(site)
