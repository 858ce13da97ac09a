from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("videos", "0003_search"),
    ]

    operations = [
        migrations.AddField(
            model_name="video",
            name="posters_ms",
            field=models.JSONField(
                default=list, blank=True, help_text="When, in the published version, each picture to choose from is shown."
            ),
        ),
        migrations.AddField(
            model_name="video",
            name="poster_ms",
            field=models.PositiveBigIntegerField(
                "picture", null=True, blank=True, help_text="The one its owner chose; none for ours."
            ),
        ),
    ]
