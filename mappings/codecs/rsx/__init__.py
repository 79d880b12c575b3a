"""RSX 7.7.7, the vocabulary of SPS Commerce, in JSON and XML: invoices, orders, their answers, shipments. Pure.

written = rsx.write([invoice], rsx.Envelope(trading_partner_id="4X7ALLNORTHLINE", notation="json"))
written.data                          # bytes to upload
for item in rsx.read(stream):         # JSON or XML, one document or many; at the end one rsx.File
    if isinstance(item, rsx.Item) and item.document: ...
"""

from mappings.codecs.files import File
from mappings.codecs.rsx.overlay import Overlay
from mappings.codecs.rsx.reader import Item, read
from mappings.codecs.rsx.writer import NOTATIONS, Envelope, Written, write

__all__ = ["NOTATIONS", "Envelope", "File", "Item", "Overlay", "Written", "read", "write"]
