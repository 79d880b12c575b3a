"""The codecs of every wire format. Pure: bytes and values in, bytes and values out."""
