import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('sso', '0002_apps'),
    ]

    operations = [
        migrations.CreateModel(
            name='ProviderPicture',
            fields=[
                ('claimed_at', models.DateTimeField(null=True)),
                ('attempt', models.PositiveIntegerField(db_default=0, default=0)),
                ('identity', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='+', serialize=False, to='sso.identity')),
                ('url', models.TextField()),
                ('source', models.TextField(blank=True, default='')),
                ('etag', models.CharField(blank=True, default='', max_length=255)),
                ('upload', models.UUIDField(null=True)),
                ('file', models.UUIDField(null=True)),
                ('due_at', models.DateTimeField(null=True)),
                ('checked_at', models.DateTimeField(null=True)),
                ('failures', models.PositiveIntegerField(default=0)),
            ],
            options={
                'indexes': [models.Index(models.F('due_at'), condition=models.Q(('due_at__isnull', False)), name='provider_picture_due')],
            },
        ),
    ]
