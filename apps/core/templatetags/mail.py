"""`{% sends_mail as sends %}`: pages do not say that a mail was sent where there is none."""

from django import template

from apps.core.mail import sends_mail

register = template.Library()
register.simple_tag(sends_mail)
