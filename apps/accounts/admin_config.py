"""The Django admin as an app, with our site."""

from django.contrib.admin.apps import AdminConfig


class StaffAdminConfig(AdminConfig):
    """In INSTALLED_APPS, in place of `django.contrib.admin`."""

    default_site = "apps.accounts.staff_site.StaffSite"
