from django.apps import AppConfig


class ContactsConfig(AppConfig):
    name = "apps.contacts"
    label = "contacts"

    def ready(self) -> None:
        from apps.accounts.close_handlers import checks_on_each_change, register_close_handler
        from apps.accounts.profile_updates import register_profile_update
        from apps.contacts.actions import profile

        register_close_handler("contacts", checks_on_each_change)
        # Their contacts see a changed profile, so the action for it is in this app.
        register_profile_update(profile.update)
