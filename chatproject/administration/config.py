"""The Django admin as an app, with our site."""

from django.contrib.admin.apps import AdminConfig


class ParleyAdminConfig(AdminConfig):
    """In INSTALLED_APPS, in place of `django.contrib.admin`."""

    default_site = "chatproject.administration.site.ParleySite"
