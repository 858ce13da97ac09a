"""Mail in the log of a laptop."""

from __future__ import annotations

from io import StringIO

from django.core.mail import EmailMessage

from streamsite.mail import LogBackend

LINK = f"http://localhost:8000/accounts/confirm-email/{'x' * 80}/"


class LogBackendTests:
    def test_leaves_long_links_whole(self):
        out = StringIO()
        LogBackend(alias="default", stream=out).send_messages(
            [EmailMessage("Confirm", f"Hello,\n\n{LINK}\n", to=["a@example.org"])]
        )
        assert out.getvalue().splitlines()[1:6] == ["To: a@example.org", "Subject: Confirm", "", "Hello,", ""]
        assert LINK in out.getvalue().splitlines()
