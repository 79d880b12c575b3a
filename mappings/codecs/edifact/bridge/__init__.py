"""The bridges between canonical documents and the segments of EDIFACT messages, one module per business document."""
