"""What encoding costs and gives: `make bench`."""

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "streamsite.settings")
django.setup()
