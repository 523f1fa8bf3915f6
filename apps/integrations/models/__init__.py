from apps.integrations.models.incoming import IncomingWebhook

__all__ = ["IncomingWebhook"]
