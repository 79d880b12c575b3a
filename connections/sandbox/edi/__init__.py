"""The company at the other end of an EDI stand-in: it reads what it gets strictly, and acknowledges it.

`EdiPartner` is what a stand-in uses; `x12` and `edifact` read and answer. Written from the standards
alone and apart from the project's own codecs, so that a mistake there cannot repeat itself here.
"""

from connections.sandbox.edi.partner import EdiPartner, Verdict

__all__ = ["EdiPartner", "Verdict"]
