from __future__ import annotations

from dataclasses import replace

from tests.transcode.test_plan import media
from transcode.core import allowed, argv, depict, spans
from transcode.core.gate import Limits
from transcode.core.plan import Plan, plan_encode

PLAN = plan_encode(media(1280, 720))
LIMITS = Limits()


def command_of(plan: Plan) -> argv.Argv:
    return argv.encode_argv("ffmpeg", plan, spans.whole(plan)[0], LIMITS, argv.Effort("veryfast", 3))


class EncodeArgvTests:
    command = command_of(PLAN)

    def test_decodes_once_and_scales_step_by_step(self):
        assert self.command[self.command.index("-filter_complex") + 1] == (
            "[0:0]setparams=colorspace=bt709:color_primaries=bt709:color_trc=bt709:range=limited,"
            "scale=1280:720:out_color_matrix=bt709:out_range=limited,format=yuv420p,setsar=1,"
            "setparams=colorspace=bt709:color_primaries=bt709:color_trc=bt709:range=limited,"
            "sidedata=mode=delete,split[full0][step1];"
            "[full0]fps=25:start_time=0[rung0];"
            "[step1]scale=854:480:flags=lanczos,setsar=1,split[full1][step2];"
            "[full1]fps=25:start_time=0[rung1];"
            "[step2]scale=640:360:flags=lanczos,setsar=1,split[full2][step3];"
            "[full2]fps=25:start_time=0[rung2];"
            "[step3]scale=426:240:flags=lanczos,setsar=1,fps=25:start_time=0[rung3]"
        )

    def test_says_each_level_and_rate(self):
        values = [
            self.command[i + 1] for i, word in enumerate(self.command) if word in ("-level:v", "-maxrate")
        ]
        assert values == ["3.1", "3000k", "3.0", "1501k", "3.0", "800k", "2.1", "399k"]

    def test_bounds_the_threads_of_decoder_filters_and_every_encoder(self):
        threads = [self.command[i + 1] for i, word in enumerate(self.command) if word.endswith("threads")]
        assert threads == ["3"] * 6

    def test_reads_only_the_file_with_the_fixed_name(self):
        assert [self.command[i + 1] for i, word in enumerate(self.command) if word == "-i"] == ["file:source"]

    def test_writes_one_playlist_a_track(self):
        written = [word for word in self.command if word.endswith(".m3u8")]
        assert written == [
            "720p/media.m3u8",
            "480p/media.m3u8",
            "360p/media.m3u8",
            "240p/media.m3u8",
            "audio/media.m3u8",
        ]

    def test_writes_no_sound_where_there_is_none(self):
        assert "audio/media.m3u8" not in command_of(replace(PLAN, sounds=()))

    def test_carries_no_tag_or_chapter_over(self):
        assert self.command.count("-map_metadata") == self.command.count("-map_chapters") == 5


class AllowListTests:
    def test_stands_before_the_input_of_every_command(self):
        commands = (
            argv.probe_argv("ffprobe", LIMITS),
            argv.walk_argv("ffprobe", LIMITS, 30),
            command_of(PLAN),
            depict.stills_argv("ffmpeg", [depict.Still("poster.part", 1.5, "poster.jpg")], (1280, 720)),
        )
        flags = (
            "-protocol_whitelist",
            "-format_whitelist",
            "-codec_whitelist",
            "-max_streams",
            "-max_pixels",
            "-max_alloc",
        )
        for command in commands:
            inputs = command.index("-i") if "-i" in command else len(command) - 1
            assert all(command.index(flag) < inputs for flag in flags)

    def test_names_no_container_that_opens_other_files(self):
        opening = {"hls", "applehttp", "dash", "concat", "image2", "sdp", "rtsp", "lavfi", "tty", "svg_pipe"}
        assert opening.isdisjoint(allowed.CONTAINERS)

    def test_lets_files_alone_be_opened(self):
        assert allowed.PROTOCOLS == ("file",)
