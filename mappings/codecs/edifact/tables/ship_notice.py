"""DESADV Despatch advice, D.96A and D.01B."""

# Sources: bots-edi edifact/D96A/DESADVD96AUN.py and edifact/D01B/DESADVD01BUN.py; the segment table of D.96A in
# fretlink's edi-parser (specification/references/D96A/messages/desadv_s.txt); php-edifact D01B/messages/desadv.xml.
SEGMENTS = """
CPS Packing level
  01 M AN 1/12[35] 7164 packing level number
  02 O AN 1/12[35] 7166 number of the packing level above
  03 O AN 1/3      7075 packaging level

PAC Packages
  01 O N0 1/8      7224 number of packages
  02 O C531             packaging details
  02.1 O AN 1/3    7075 packaging level
  02.2 O AN 1/3    7233 packaging information
  02.3 O AN 1/3    7073 packaging terms
  03 O C202             type of packages
  03.1 O AN 1/17   7065 type of packages
  03.2 O AN 1/3[17] 1131
  03.3 O AN 1/3    3055
  03.4 O AN 1/35   7064 type of packages
  05

PCI Package marks
  01 O AN 1/3      4233 marking instructions
  02 O C210             marks
  02.1 M AN 1/35   7102 marks
  02.2 O AN 1/35   7102 marks
  02.3 O AN 1/35   7102 marks
  02.4 O AN 1/35   7102 marks
  02.5 O AN 1/35   7102 marks
  02.6 O AN 1/35   7102 marks
  02.7 O AN 1/35   7102 marks
  02.8 O AN 1/35   7102 marks
  02.9 O AN 1/35   7102 marks
  03 O AN 1/3      8275 container status
  04 O C827             type of marking
  04.1 M AN 1/3    7511 type of marking
  04.2 O AN 1/3[17] 1131
  04.3 O AN 1/3    3055

GIN Identity numbers
  01 M AN 1/3      7405 identity number qualifier
  02 M C208             identity number
  02.1 M AN 1/35   7402 identity number
  02.2 O AN 1/35   7402 last identity number
  03 O C208             identity number
  03.1 M AN 1/35   7402 identity number
  03.2 O AN 1/35   7402 last identity number
  04 O C208             identity number
  04.1 M AN 1/35   7402 identity number
  04.2 O AN 1/35   7402 last identity number
  05 O C208             identity number
  05.1 M AN 1/35   7402 identity number
  05.2 O AN 1/35   7402 last identity number
  06 O C208             identity number
  06.1 M AN 1/35   7402 identity number
  06.2 O AN 1/35   7402 last identity number
"""

SHIP_NOTICE = """
UNH! BGM! DTM*10 ALI*5 MEA*5 MOA*5 B:CUX*9 {RFF DTM}*10 {NAD LOC*10 {RFF DTM}*10 {CTA COM*5}*10}*10[99]
{TOD LOC*5 FTX*5}*10 {TDT PCD*6 B:TMD {LOC DTM*10}*10}*10 {EQD MEA*5 SEL*25 EQA*5 {HAN FTX*10}*10}*10
{CPS FTX*5 B:QVR*9
    {PAC MEA*10 QTY*10 {HAN FTX*10}*10
        {PCI RFF DTM*5 A:GIR*99 B:{GIR DTM*5}*99 {GIN DLM*10}*99 B:{COD MEA*9 QTY*9 PCD*9}*99}*1000}*9999
    {LIN PIA*10 IMD*25 MEA*10 QTY*10 ALI*10 GIN*100 GIR*100 DLM*100 DTM*5 B:NAD*99 B:TDT B:TMD B:HAN*20
        FTX*5[99] MOA*5 {RFF B:NAD B:CTA DTM}*10[99] {DGS QTY FTX*5}*10[9999] {LOC NAD DTM QTY*10}*100
        {SGP QTY*10}*1000
        {PCI DTM*5 MEA*10 QTY {GIN DLM*100}*10 {HAN FTX*5 GIN*1000}*10}*9999 {QVR DTM*5}*10
    }*9999
}*9999
CNT*5 UNT!
"""
