"""Where a video is cut: arithmetic that must hold for every rate, size and length."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from tests.transcode.test_plan import media, medias
from transcode.core import spans
from transcode.core.plan import Plan, plan_encode

indexed = medias.map(lambda found: plan_encode(replace(found, is_indexed=True)))
LONG = plan_encode(media(seconds=3600.0, is_indexed=True))


def bounds(found: tuple[spans.Span, ...]) -> list[tuple[int, int | None]]:
    return [(span.first, span.end) for span in found]


class GridTests:
    @given(indexed)
    def test_has_every_frame_once(self, plan: Plan):
        found = bounds(spans.on_grid(plan))
        assert found[0][0] == 0 and found[-1][1] is None
        assert all(one[1] == other[0] for one, other in pairwise(found))

    @given(indexed)
    def test_begins_every_span_with_a_keyframe(self, plan: Plan):
        assert all(span.first % plan.gop == 0 for span in spans.on_grid(plan))

    @given(indexed)
    def test_numbers_spans_from_the_first(self, plan: Plan):
        assert [span.number for span in spans.on_grid(plan)] == list(range(len(spans.on_grid(plan))))

    @given(indexed)
    def test_gives_no_worker_more_than_its_share(self, plan: Plan):
        step = plan.segment_gops * plan.gop
        assert all((span.frames or 0) <= spans.most_segments(plan) * step for span in spans.on_grid(plan)[1:])

    def test_begins_with_short_segments(self):
        first = spans.on_grid(LONG)[0]
        assert (first.frames, first.segment_gops) == (4 * LONG.gop, 1)

    def test_takes_longer_spans_as_it_goes_on(self):
        seconds = [float((span.frames or 0) / LONG.frame_rate) for span in spans.on_grid(LONG)]
        assert seconds[:4] == [8, 12, 24, 48]
        assert 60 <= max(seconds) <= 120 and len(seconds) < 70

    def test_leaves_a_short_video_in_one_piece(self):
        assert spans.on_grid(plan_encode(media(seconds=10.0, is_indexed=True))) == (spans.Span(),)

    def test_cuts_what_has_no_index_only_once(self):
        assert bounds(spans.on_grid(replace(LONG, is_indexed=False))) == [(0, 200), (200, None)]

    def test_cuts_what_has_no_length_only_once(self):
        assert bounds(spans.on_grid(replace(LONG, seconds=None))) == [(0, 200), (200, None)]


class AlongTests:
    """Spans of the rungs beside a picture that was kept."""

    @given(st.lists(st.integers(1, 400), min_size=1, max_size=300))
    def test_have_every_segment_once_and_begin_with_one(self, lengths: list[int]):
        starts = tuple(sum(lengths[:n]) for n in range(len(lengths)))
        found = spans.along(replace(LONG, keeps_top=True), starts)
        assert tuple(start for span in found for start in span.starts) == starts
        assert all(span.first == span.starts[0] for span in found)
        assert [span.number for span in found] == list(range(1, len(found) + 1))


class PlanTests:
    @given(medias)
    def test_is_the_same_after_it_was_stored(self, found):
        plan = plan_encode(found)
        assert Plan.from_json(plan.as_json()) == plan
