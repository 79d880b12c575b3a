"""The bridges between canonical documents and the segments of X12 messages, one module per business document."""
