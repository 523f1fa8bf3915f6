from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [('integrations', '0003_commands')]

    operations = [
        migrations.CreateModel(
            name='PluginBot',
            fields=[
                ('plugin', models.CharField(max_length=30, primary_key=True, serialize=False)),
                ('user_id', models.UUIDField(unique=True)),
            ],
        ),
        migrations.CreateModel(
            name='PluginPause',
            fields=[
                ('plugin', models.CharField(max_length=30, primary_key=True, serialize=False)),
                ('began_at', models.DateTimeField()),
                ('until', models.DateTimeField()),
            ],
        ),
    ]
