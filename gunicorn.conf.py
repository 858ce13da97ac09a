"""gunicorn reads this where it is started. In production its own lines are like all others: one event, one JSON object."""

from __future__ import annotations

import os

if os.environ.get("ENVIRONMENT") == "production":
    _told = {"level": "INFO", "propagate": False}
    # What is not said here is as gunicorn has it: errors to stderr, requests to nowhere.
    logconfig_dict = {
        "formatters": {"generic": {"()": "streamsite.logs.JsonFormatter"}},
        "loggers": {
            "gunicorn.error": {**_told, "handlers": ["error_console"]},
            "gunicorn.access": {**_told, "handlers": ["console"]},
        },
    }
