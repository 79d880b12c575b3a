"""X12: writing and reading interchanges in versions 004010 and 005010, and acknowledging them. Pure.

written = x12.write([invoice], x12.Envelope(sender=..., receiver=..., ...))
written.data                          # bytes to send
for item in x12.read(stream):         # messages, and after them their group and interchange
    if isinstance(item, x12.Message) and item.document: ...
    answers += acknowledger.add(item) # x12.Acknowledger(): the 997s and TA1s to send back
"""

from mappings.codecs.x12.acknowledge import DUPLICATE, Acknowledger, interchange_answer, reply_envelope
from mappings.codecs.x12.bridge.acknowledgement import status_of
from mappings.codecs.x12.envelope import Delimiters, Envelope, GroupHeader, Identity, InterchangeHeader
from mappings.codecs.x12.overlay import Overlay
from mappings.codecs.x12.reader import read
from mappings.codecs.x12.received import Group, Interchange, Item, Message
from mappings.codecs.x12.writer import SetNumbers, Written, write

__all__ = [
    "DUPLICATE",
    "Acknowledger",
    "Delimiters",
    "Envelope",
    "Group",
    "GroupHeader",
    "Identity",
    "Interchange",
    "InterchangeHeader",
    "Item",
    "Message",
    "Overlay",
    "SetNumbers",
    "Written",
    "interchange_answer",
    "read",
    "reply_envelope",
    "status_of",
    "write",
]
