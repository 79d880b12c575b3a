"""850 Purchase order and 855 Purchase order acknowledgement, 004010 and 005010."""

SEGMENTS = """
BEG Beginning of purchase order
  01 M ID 2/2       353 purpose
  02 M ID 2/2        92 order type
  03 M AN 1/22      324 PO number
  04 O AN 1/30      328 release number
  05 M DT 8/8       373 PO date
  06 O AN 1/30      367 contract number
  07 O ID 2/2       587 acknowledgement type
  12

BAK Beginning of purchase order acknowledgement
  01 M ID 2/2       353 purpose
  02 M ID 2/2       587 acknowledgement type
  03 M AN 1/22      324 PO number
  04 M DT 8/8       373 PO date
  05 O AN 1/30      328 release number
  06 O AN 1/45      326 request reference
  07 O AN 1/30      367 contract number
  08 O AN 1/30[50]  127 seller's order number
  09 O DT 8/8       373 acknowledgement date
  10 O ID 2/2       640 transaction type

PO1 Order line
  01 O AN 1/20      350 line number
  02 X R  1/15      330 ordered quantity
  03 O ID 2/2       355 unit
  04 X R  1/17      212 unit price
  05 O ID 2/2       639 price basis
  06..25 pairs X ID 2/2 235 product id qualifier | X AN 1/48 234 product id
  C0302 C0504

ACK Line acknowledgement
  01 M ID 2/2       668 line status
  02 X R  1/15      380 quantity
  03 X ID 2/2       355 unit
  04 O ID 3/3       374 date qualifier
  05 X DT 8/8       373 date
  06 O AN 1/45      326 request reference
  07..26 pairs X ID 2/2 235 product id qualifier | X AN 1/48 234 product id
  27 O ID 2/2       559 agency
  28 O AN 1/15      822 source subqualifier
  29 O AN 1/30[50]  127 reference
  P0203 C0405
"""

ORDER = """
ST! BEG! CUR REF* PER*3 TAX* FOB* CTP* PAM*10 CSH*5 TC2* {SAC CUR}*25 ITD* DIS*20 INC DTM*10 4:LDT*12 LIN*5 SI*
PID*200 MEA*40 PWK*25 PKG*200 TD1*2 TD5*12[*] TD3*12 TD4*5 MAN*10 PCT* CTB*5 TXI* 5:{LDT QTY* MTX* REF*}*
{AMT REF* DTM PCT* {FA1 FA2!*}*}* {N9 DTM* 4:MSG*1000 5:MTX* 5:PWK* 5:EFI*}*1000
{N1 N2*2 5:IN2* N3*2 N4* NX2* REF*12 PER* SI* FOB TD1*2 TD5*12 TD3*12 TD4*5 PKG*200}*200
{LM LQ!*}*
{SPI REF*5 DTM*5 4:MSG*50 5:MTX* {N1 N2*2 N3*2 N4 REF*20 G61 4:MSG*50 5:MTX*}*20
    {CB1 REF*20 DTM*5 LDT 4:MSG*50 5:MTX*}*}*
{ADV DTM* MTX*}*
{PO1 LIN* SI* CUR CN1 PO3*25 {CTP CUR}* PAM*10 MEA*40 {PID MEA*10}*1000 PWK*25 PO4* REF* PER*3 {SAC CUR CTP}*25 IT8
    CSH* ITD*2 DIS*20 INC TAX* FOB* SDQ*500 IT3*5 DTM*10 TC2* TD1 TD5*12 TD3*12 TD4*5 PCT* MAN*10 4:MSG* 5:MTX* SPI*
    TXI* CTB* {QTY SI*}* {SCH TD1*2 TD5*12 TD3*12 TD4*5 REF*}*200 {PKG MEA*}*200
    {LS {LDT QTY* 4:MSG 5:MTX* REF*3 {LM LQ!*}*}!* LE!}
    {N9 DTM* MEA*40 4:MSG*1000 5:MTX* 5:PWK* 5:EFI*}*1000
    {N1 N2*2 5:IN2* N3*2 N4 QTY* NX2* REF*12 PER*3 SI* DTM FOB SCH*200 TD1*2 TD5*12 TD3*12 TD4*5 PKG*200
        {LDT MAN*10 QTY*5 4:MSG 5:MTX* REF*3}*}*200
    {SLN 4:MSG* 5:MTX* SI* PID*1000 PO3*104 5:MEA* TC2* ADV* DTM*10 CTP*25 PAM*10 PO4 TAX*3
        {N9 DTM* 4:MSG* 5:MTX*}* {SAC CUR CTP}*25 {QTY SI*}*
        {N1 N2*2 5:IN2* N3*2 N4 NX2* REF*12 PER*3 SI*}*10}*1000
    {AMT REF*1[*] PCT*}* {LM LQ!*}*
}!*100000
{CTT AMT} SE!
"""

ACKNOWLEDGEMENT = """
ST! BAK! CUR REF* PER*3 TAX* FOB* CTP* PAM*10 CSH {SAC CUR}*25 ITD*5 DIS*20 INC DTM*10 LDT*12 LIN*5 SI*
PID*200 MEA*40 PWK*25 PKG*25 TD1*2 TD5*12 TD3*12 TD4*5 MAN*10 TXI* CTB*
{N9 DTM* 4:MSG*1000 5:MTX* 5:PWK* 5:EFI*}*1000
{N1 N2*2 5:IN2* N3*2 N4 NX2* REF*12 PER* SI* FOB TD1*2 TD5*12 TD3*12 TD4*5 PKG*25 4:MSG* 5:MTX*}*200
{ADV DTM* MTX*}*
{PO1 LIN* SI* CUR PO3*25 CTP* PAM*10 MEA*40 {PID MEA*10}*1000 PWK*25 PO4* REF* PER*3 {SAC CUR}*25 IT8
    CSH* ITD*2 DIS*20 INC TAX* FOB* SDQ*500 DTM*10 LDT*12 TD1 TD5*12 TD3*12 TD4*5 {ACK DTM}*104 MAN*10 AMT CTB*
    TXI* {QTY SI*}* {PKG MEA*}*200 {SCH TD1*2 TD5*12 TD3*12 TD4*5 REF*}*200
    {N9 DTM* 4:MSG*1000 5:MTX* 5:PWK* 5:EFI*}*1000
    {N1 N2*2 5:IN2* N3*2 N4 NX2* REF*12 PER*3 SI* DTM FOB SCH*200 TD1*2 TD5*12 TD3*12 TD4*5 QTY* PKG*25}*200
    {SLN 4:MSG* 5:MTX* SI* PID*1000 PO3*25 5:MEA* CTP*25 PAM*10 ACK*104 {SAC CUR}*10 DTM*10 PO4 TAX*3 ADV*
        {QTY SI*}* {N9 DTM* 4:MSG* 5:MTX*}* {N1 N2*2 5:IN2* N3*2 N4 NX2* REF*12 PER*3 SI*}*10}*1000
}*100000
{CTT AMT} SE!
"""
