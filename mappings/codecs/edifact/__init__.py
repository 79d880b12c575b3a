"""EDIFACT: writing and reading interchanges of D.96A and D.01B, and acknowledging them. Pure.

written = edifact.write([invoice], edifact.Envelope(sender=..., receiver=..., ...))
written.data                          # bytes to send
for item in edifact.read(stream):     # messages, and after them their group and interchange
    if isinstance(item, edifact.Message) and item.document: ...
    answers += acknowledger.add(item) # edifact.Acknowledger(): the CONTRLs to send back
"""

from mappings.codecs.edifact.acknowledge import DUPLICATE, Acknowledger, interchange_answer, reply_envelope
from mappings.codecs.edifact.bridge.acknowledgement import status_of
from mappings.codecs.edifact.envelope import (
    Envelope,
    GroupHeader,
    Identity,
    InterchangeHeader,
    MessageHeader,
    Separators,
)
from mappings.codecs.edifact.overlay import Overlay
from mappings.codecs.edifact.reader import read
from mappings.codecs.edifact.received import Group, Interchange, Item, Message
from mappings.codecs.edifact.writer import MessageNumbers, Written, write

__all__ = [
    "DUPLICATE",
    "Acknowledger",
    "Envelope",
    "Group",
    "GroupHeader",
    "Identity",
    "Interchange",
    "InterchangeHeader",
    "Item",
    "Message",
    "MessageHeader",
    "MessageNumbers",
    "Overlay",
    "Separators",
    "Written",
    "interchange_answer",
    "read",
    "reply_envelope",
    "status_of",
    "write",
]
