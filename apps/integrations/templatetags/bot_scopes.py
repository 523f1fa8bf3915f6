"""`{{ scope|scope_words }}`: what a scope of a token lets a bot do."""

from django import template

from apps.accounts.scopes import SCOPES

register = template.Library()


@register.filter
def scope_words(name: str) -> str:
    """The words of a scope; its name, if this release has none of that name."""
    scope = SCOPES.get(name)
    return str(scope.words) if scope else name
