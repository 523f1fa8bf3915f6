"""Indexes for what counts as unread. Built without stopping those who send."""

from django.db import migrations, models

from apps.core.concurrent_index import AddIndexOnline


class Migration(migrations.Migration):

    atomic = False

    dependencies = [
        ('chats', '0020_replies'),
    ]

    operations = [
        AddIndexOnline(
            model_name='message',
            index=models.Index(models.F('chat_id'), models.F('seq'), condition=models.Q(models.Q(('kind__in', ['text', 'accepted']), _negated=True), ('deleted_at__isnull', False), _connector='OR'), name='message_uncounted'),
        ),
        AddIndexOnline(
            model_name='message',
            index=models.Index(models.F('chat_id'), models.F('seq'), condition=models.Q(('deleted_at__isnull', True), models.Q(('mentions__isnull', False), ('mentions_all', True), _connector='OR')), name='message_mentions'),
        ),
    ]
