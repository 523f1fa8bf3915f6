from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('contacts', '0001_initial'),
    ]

    operations = [
        migrations.AddField(
            model_name='contact',
            name='greeting',
            field=models.CharField(db_default='', default='', max_length=500),
        ),
        migrations.AddField(
            model_name='contact',
            name='greeted_at',
            field=models.DateTimeField(null=True),
        ),
    ]
