from django.apps import AppConfig


class ContactsConfig(AppConfig):
    name = "apps.contacts"
    label = "contacts"

    def ready(self) -> None:
        from apps.accounts.endings import asks_each_time, ends_with_account

        ends_with_account("contacts", asks_each_time)
