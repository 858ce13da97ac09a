"""The pure half of transcoding: values in, values out.

Nothing here reads a file, a clock, a setting or a row, so every rule about what to encode and what to publish is
tested by comparing two values.
"""
