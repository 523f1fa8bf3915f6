import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


# A version for each value that was set, in the order of time.
COPY = """
INSERT INTO configuration_settingsversion (number, at, by_id, reason, settings, changes)
SELECT row_number() OVER earlier, set_at, set_by_id, '', jsonb_object_agg(name, value) OVER earlier,
    jsonb_build_object(name, jsonb_build_array('', value))
FROM moderation_runtimesetting
WINDOW earlier AS (ORDER BY set_at, name)
"""


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ("moderation", "0010_runtime_settings"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='SettingsVersion',
            fields=[
                ('number', models.BigIntegerField(primary_key=True, serialize=False)),
                ('at', models.DateTimeField()),
                ('reason', models.TextField(blank=True)),
                ('settings', models.JSONField()),
                ('changes', models.JSONField()),
                ('reverted_to', models.BigIntegerField(null=True)),
                ('by', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'default_permissions': (),
            },
        ),
        migrations.CreateModel(
            name='RateLimit',
            fields=[
            ],
            options={
                'proxy': True,
                'default_permissions': (),
                'indexes': [],
                'constraints': [],
            },
            bases=('configuration.settingsversion',),
        ),
        migrations.CreateModel(
            name='RuntimeSetting',
            fields=[
            ],
            options={
                'proxy': True,
                'default_permissions': (),
                'indexes': [],
                'constraints': [],
            },
            bases=('configuration.settingsversion',),
        ),
        migrations.RunSQL(COPY, migrations.RunSQL.noop),
    ]
