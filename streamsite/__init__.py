"""The composition root: settings, addresses, Celery, commands. Nothing imports it."""
