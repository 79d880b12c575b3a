"""REMADV Remittance advice, D.96A and D.01B."""

# Sources: bots-edi edifact/D96A/REMADVD96AUN.py and edifact/D01B/REMADVD01BUN.py; php-edifact D01B/messages/remadv.xml.
SEGMENTS = """
DOC Document paid
  01 M C002             document
  01.1 O AN 1/3    1001 document type
  01.2 O AN 1/3[17] 1131
  01.3 O AN 1/3    3055
  01.4 O AN 1/35   1000 document name
  02 O C503             document details
  02.1 O AN 1/35   1004 document number
  02.2 O AN 1/3    1373 document status
  02.3 O AN 1/35[70] 1366 document source
  02.4 O AN 1/3    3453 language
  [02.5 O AN 1/9   1056 document version]
  [02.6 O AN 1/6   1060 document revision]
  03 O AN 1/3      3153 communication medium
  04 O N0 1/2      1220 number of copies
  05 O N0 1/2      1218 number of originals

AJT Adjustment
  01 M AN 1/3      4465 adjustment reason
  02 O AN 1/6      1082 line number

INP Instruction
  01 O C849             parties to the instruction
  01.1 M AN 1/17[35] 3301
  01.2 O AN 1/17[35] 3285
  02 O C522             instruction
  02.1 M AN 1/3    4403 instruction qualifier
  02.2 O AN 1/3    4401 instruction
  02.3 O AN 1/3[17] 1131
  02.4 O AN 1/3    3055
  02.5 O AN 1/35   4400 instruction
  03
  04 O AN 1/3      1229 action
"""

REMITTANCE = """
UNH! BGM! DTM!*5 RFF*5 FII*5 PAI FTX*5[99] B:GIS*5 {NAD B:{RFF DTM*9}*9 {CTA COM*5}*5}*99 {CUX DTM}*5
{DOC MOA!*5 DTM*5 RFF*5 NAD*2 {CUX DTM}*5 {AJT MOA RFF FTX*5 B:QTY*9 B:{TAX MOA*9}*9}*100 {INP FTX*5}*5
    {DLI MOA*5 PIA*5 DTM*5 {CUX DTM}*5 {AJT MOA RFF FTX*5 B:{TAX MOA*9}*9}*10}*9999
}*9999[999999]
UNS! MOA!*5[99] B:{ALC MOA*9}*99
UNT!
"""
