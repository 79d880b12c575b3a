"""Interchanges and business documents for people to read, as HTML and as plain text. Pure.

annotated(source, "x12")   # every segment and element with name and meaning, problems at their place
page_of(document)          # an invoice that looks like an invoice
Both are rendered by `html` and `text`.
"""
