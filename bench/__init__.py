"""What is looked at and measured: `make screenshots`, `make audit`, `make bench`. Nothing here is part of the site."""

from __future__ import annotations

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "streamsite.settings")
django.setup()
