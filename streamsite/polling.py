"""SQS as Celery's broker, asked patiently: a queue that gives no answer is asked again, later each time.

kombu's own has the worker end, or never ask again, where SQS is away for a moment or answers with an error, and what is encoded
there is lost with it. There is no connection to make anew: each poll is a request by itself.
"""

from __future__ import annotations

import logging
from collections import Counter
from functools import partial
from typing import Any

from kombu.transport import SQS
from vine import promise

logger = logging.getLogger(__name__)
MOST_SECONDS = 30


class NoAnswer(Exception):
    """SQS was not reached, or is in trouble."""


def wait_after(failures: int) -> int:
    """Return how many seconds to wait after so many polls in a row that failed."""
    return int(min(MOST_SECONDS, 2 ** (failures - 1)))


# What its stubs do not know is ignored below.
class Channel(SQS.Channel):
    """Goes on polling, whatever comes of a poll."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._failures: Counter[str] = Counter()

    def _schedule_queue(self, queue: str) -> None:
        try:
            super()._schedule_queue(queue)  # type: ignore[misc]
        except Exception as error:
            # It could not even be asked; credentials are missing, say.
            self._ask_later(queue, error)

    def _get_from_sqs(self, queue_name: str, *args: Any, callback: Any = None, **kwargs: Any) -> Any:
        heard = promise(callback, on_error=partial(self._ask_later, queue_name))
        return super()._get_from_sqs(queue_name, *args, callback=heard, **kwargs)  # type: ignore[misc]

    def _on_messages_ready(self, queue: str, qname: str, messages: Any) -> Any:
        if not isinstance(messages, dict):
            # An empty list is kombu's word for an answer that never came, and it cannot read that itself.
            raise NoAnswer("no answer")
        del self._failures[qname]
        return sum(self._hand_over(queue, qname, message) for message in messages.get("Messages") or ())

    def _hand_over(self, queue: str, qname: str, message: Any) -> int:
        """Hand one message over; what nobody can read comes again, until it is in the dead-letter queue."""
        try:
            return super()._on_messages_ready(queue, qname, {"Messages": [message]}) or 0  # type: ignore[misc]
        except Exception as error:
            # One that only looks like kombu's own keeps nobody from those that came with it.
            logger.warning("a message of queue %s cannot be read: %r", qname, error)
            return 0

    def _ask_later(self, queue: str, error: Exception) -> None:
        if self.closed:
            # The worker stops, in the middle of a poll.
            return
        self._failures[queue] += 1
        seconds = wait_after(self._failures[queue])
        logger.warning("queue %s is asked again in %s seconds: %r", queue, seconds, error)
        self.hub.call_later(seconds, self._schedule_queue, queue)  # type: ignore[attr-defined]


class Transport(SQS.Transport):
    Channel = Channel
