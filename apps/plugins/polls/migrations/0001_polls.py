import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name='Poll',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('chat_id', models.UUIDField()),
                ('seq', models.BigIntegerField()),
                ('uncounted', models.BooleanField(default=False)),
            ],
            options={
                'indexes': [models.Index(models.F('id'), condition=models.Q(('uncounted', True)), name='poll_uncounted')],
                'constraints': [models.UniqueConstraint(models.F('chat_id'), models.F('seq'), name='poll_once')],
            },
        ),
        migrations.CreateModel(
            name='Vote',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('user_id', models.UUIDField(db_index=True)),
                ('option', models.SmallIntegerField()),
                ('at', models.DateTimeField(auto_now_add=True)),
                ('poll', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to='polls.poll')),
            ],
            options={
                'constraints': [models.UniqueConstraint(models.F('poll'), models.F('user_id'), models.F('option'), name='vote_once')],
            },
        ),
    ]
