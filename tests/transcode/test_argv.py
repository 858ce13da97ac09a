from __future__ import annotations

from dataclasses import replace

from tests.transcode.test_plan import media
from transcode.core import allowed, argv
from transcode.core.plan import plan_encode

PLAN = plan_encode(media(1280, 720))


class EncodeArgvTests:
    command = argv.encode_argv("ffmpeg", PLAN)

    def test_decodes_once_and_scales_step_by_step(self):
        assert self.command[self.command.index("-filter_complex") + 1] == (
            "[0:0]fps=25:start_time=0[step0];"
            "[step0]scale=1280:720,setsar=1,format=yuv420p,split[rung0][step1];"
            "[step1]scale=854:480,setsar=1,format=yuv420p,split[rung1][step2];"
            "[step2]scale=640:360,setsar=1,format=yuv420p[rung2]"
        )

    def test_reads_only_the_file_with_the_fixed_name(self):
        assert [self.command[i + 1] for i, word in enumerate(self.command) if word == "-i"] == ["file:source"]

    def test_writes_one_playlist_a_track(self):
        written = [word for word in self.command if word.endswith(".m3u8")]
        assert written == ["720p/media.m3u8", "480p/media.m3u8", "360p/media.m3u8", "audio/media.m3u8"]

    def test_writes_no_sound_where_there_is_none(self):
        assert "audio/media.m3u8" not in argv.encode_argv("ffmpeg", replace(PLAN, audio_index=None))

    def test_carries_no_tag_or_chapter_over(self):
        assert self.command.count("-map_metadata") == self.command.count("-map_chapters") == 4


class AllowListTests:
    def test_stands_before_the_input_of_every_command(self):
        commands = (
            argv.probe_argv("ffprobe"),
            argv.encode_argv("ffmpeg", PLAN),
            argv.poster_argv("ffmpeg", "poster.mp4", 1.5, "poster.jpg"),
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
