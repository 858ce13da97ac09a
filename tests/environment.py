"""A place of its own for every test run: set before Django reads its settings (`-p tests.environment`)."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile

from streamsite.supervisor import free_ports

FOLDER = tempfile.mkdtemp(prefix="streamsite-tests-")
atexit.register(shutil.rmtree, FOLDER, ignore_errors=True)
# `manage.py provision` makes it; the pages only look there.
os.mkdir(f"{FOLDER}/static")
PORT, S3_PORT = free_ports(2)
os.environ.update(
    ENVIRONMENT="laptop",
    VAR_DIR=FOLDER,
    PORT=str(PORT),
    S3_PORT=str(S3_PORT),
    LOG_LEVEL="INFO",
    RATE_BEGIN="10000/hour",
    # So that what takes minutes in earnest takes seconds here.
    LEASE_SECONDS="4",
    SWEEP_SECONDS="1",
    RETRY_SECONDS="1",
    POLL_SECONDS="1",
    VISIBILITY_SECONDS="2",
    ADOPT_SECONDS="2",
)
