"""What the pages of moderation say about actions and events."""

from django import template

from apps.moderation import words

register = template.Library()
register.filter(words.action_words)
register.filter(words.event_words)
