from django.apps import AppConfig


class ContactsConfig(AppConfig):
    name = "apps.contacts"
    label = "contacts"

    def ready(self) -> None:
        from apps.accounts.close_handlers import checks_on_each_change, register_close_handler

        register_close_handler("contacts", checks_on_each_change)
