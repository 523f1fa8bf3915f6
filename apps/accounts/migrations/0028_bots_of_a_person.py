"""The index of a person's bots. Built without stopping those who sign in."""

from django.db import migrations, models

from apps.core.concurrent_index import AddIndexOnline


class Migration(migrations.Migration):

    atomic = False

    dependencies = [
        ('accounts', '0027_bots'),
    ]

    operations = [
        AddIndexOnline(
            model_name='user',
            index=models.Index(models.F('bot_owner'), condition=models.Q(('bot_owner__isnull', False)), name='user_bots'),
        ),
    ]
