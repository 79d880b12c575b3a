"""810 Invoice, 004010 and 005010."""

SEGMENTS = """
BIG Beginning of invoice
  01 M DT 8/8       373 invoice date
  02 M AN 1/22       76 invoice number
  03 O DT 8/8       373 PO date
  04 O AN 1/22      324 PO number
  05 O AN 1/30      328 release number
  06 O AN 1/8       327 change order number
  07 O ID 2/2       640 invoice type
  08 O ID 2/2       353 purpose
  09 O ID 1/2       306 action
  10 O AN 1/22       76 invoice number
  [11 O ID 1/4     1432]

IT1 Invoice line
  01 O AN 1/20      350 line number
  02 X R  1/10[15]  358 invoiced quantity
  03 X ID 2/2       355 unit
  04 X R  1/17      212 unit price
  05 O ID 2/2       639 price basis
  06..25 pairs X ID 2/2 235 product id qualifier | X AN 1/48 234 product id
  P020304

TDS Total
  01 M N2 1/15      610 invoice total
  02 O N2 1/15      610 amount subject to terms discount
  03 O N2 1/15      610 discounted total
  04 O N2 1/15      610 terms discount
"""

INVOICE = """
ST! BIG! NTE*100 CUR REF*12 YNQ*10 PER*3 {N1 N2*2 N3*2 N4 REF*12 PER*3 DMG}*200
ITD* DTM*10 FOB PID*200 MEA*40 PWK*25 PKG*25 L7 BAL* INC PAM* 5:CRC {LM LQ!*100}*10 {N9 MSG!*10} {V1 R4* DTM*}*
{FA1 FA2!*}*
{IT1 CRC QTY*5 CUR IT3*5 TXI*10[*] CTP*25 PAM*10 MEA*40 {PID MEA*10}*1000 PWK*25 PKG*25 PO4 ITD*2 REF* YNQ*10 PER*5
    SDQ*500 DTM*10 CAD* L7* SR 4:{SAC TXI*10}*25 5:{SAC {TXI DTM}*}*
    {SLN DTM REF* PID*1000 SAC*25[*] TC2*2 TXI*10[*]}*1000
    {N1 N2*2 N3*2 N4 REF*12 PER*3 DMG}*200 {LM LQ!*100}*10 {V1 R4* DTM*}* {FA1 FA2!*}*
}*200000
TDS! TXI*10[*] CAD AMT* 4:{SAC TXI*10}*25 5:{SAC DTM* {TXI DTM}*}* {ISS PID}* CTT SE!
"""
