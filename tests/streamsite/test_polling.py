"""When a queue that gave no answer is asked again."""

from __future__ import annotations

from streamsite.polling import wait_after


class WaitTests:
    def test_is_longer_each_time_up_to_half_a_minute(self):
        assert [wait_after(failures) for failures in range(1, 8)] == [1, 2, 4, 8, 16, 30, 30]

    def test_does_not_grow_however_long_the_queue_is_away(self):
        assert wait_after(100_000) == 30
