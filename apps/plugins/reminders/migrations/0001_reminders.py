import apps.core.identifiers
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name='Reminder',
            fields=[
                ('claimed_at', models.DateTimeField(null=True)),
                ('attempt', models.PositiveIntegerField(db_default=0, default=0)),
                ('id', models.UUIDField(default=apps.core.identifiers.new_id, editable=False, primary_key=True, serialize=False)),
                ('user_id', models.UUIDField()),
                ('chat_id', models.UUIDField()),
                ('client_id', models.UUIDField()),
                ('here', models.BooleanField()),
                ('text', models.TextField()),
                ('due_at', models.DateTimeField()),
                ('state', models.CharField(choices=[('waiting', 'Waiting'), ('sent', 'Sent'), ('failed', 'Failed'), ('cancelled', 'Cancelled')], default='waiting', max_length=9)),
                ('reason', models.CharField(blank=True, max_length=32)),
                ('ended_at', models.DateTimeField(null=True)),
            ],
            options={
                'indexes': [models.Index(models.F('due_at'), condition=models.Q(('state', 'waiting')), name='reminder_due'), models.Index(models.F('ended_at'), condition=models.Q(('ended_at__isnull', False)), name='reminder_ended')],
                'constraints': [models.UniqueConstraint(models.F('user_id'), models.F('client_id'), name='reminder_once')],
            },
        ),
    ]
