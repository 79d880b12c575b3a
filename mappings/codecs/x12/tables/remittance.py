"""820 Payment order and remittance advice, 004010 and 005010."""

SEGMENTS = """
BPR Beginning of payment order
  01 M ID 1/2       305 transaction handling
  02 M R  1/18      782 payment amount
  03 M ID 1/1       478 credit or debit = C D
  04 M ID 3/3       591 payment method
  05 O ID 1/10      812 payment format
  06 X ID 2/2       506 payer's bank qualifier
  07 X AN 3/12      507 payer's bank
  08 O ID 1/3       569 payer's account qualifier
  09 X AN 1/35      508 payer's account
  10 O AN 10/10     509 originator id
  11 O AN 9/9       510 originator supplemental code
  12 X ID 2/2       506 payee's bank qualifier
  13 X AN 3/12      507 payee's bank
  14 O ID 1/3       569 payee's account qualifier
  15 X AN 1/35      508 payee's account
  16 O DT 8/8       373 settlement date
  17 O ID 1/3      1048 business function
  18 X ID 2/2       506 bank qualifier
  19 X AN 3/12      507 bank
  20 O ID 1/3       569 account qualifier
  21 X AN 1/35      508 account
  P0607 C0809 P1213 C1415 P1819 C2021

TRN Trace
  01 M ID 1/2       481 trace type
  02 M AN 1/30[50]  127 trace number
  03 O AN 10/10     509 originator id
  04 O AN 1/30[50]  127 reference

ENT Entity
  01 O N0 1/6       554 entity number
  02 X ID 2/3        98 party role
  03 X ID 1/2        66 party identifier qualifier
  04 X AN 2/80       67 party identifier
  05 X ID 2/3        98 party role
  06 X ID 1/2        66 party identifier qualifier
  07 X AN 2/80       67 party identifier
  08 X ID 2/3       128 reference qualifier
  09 X AN 1/30[50]  127 reference
  P020304 P050607 P0809

RMR Remittance detail
  01 X ID 2/3       128 paid document's qualifier
  02 X AN 1/30[50]  127 paid document's number
  03 O ID 2/2       482 payment action
  04 O R  1/18      782 amount paid
  05 O R  1/18      782 gross amount
  06 O R  1/18      782 discount taken
  07 X ID 2/2       426 adjustment reason
  08 X R  1/18      782 adjustment amount
  P0102 P0708

ADX Adjustment
  01 M R  1/18      782 adjustment amount
  02 M ID 2/2       426 adjustment reason
  03 X ID 2/3       128 reference qualifier
  04 X AN 1/30[50]  127 reference
  P0304
"""

# Without the loops after ENT for taxes, pensions and royalties, which no trading partner of ours sends.
REMITTANCE = """
ST! BPR! NTE* TRN CUR REF* DTM* {N1 N2* N3* N4 REF* PER* RDM DTM}*
{ENT 5:{FA1 FA2!*}* {NM1 N2* N3* N4 REF* PER*}*
    {ADX NTE* PER* DTM {REF DTM*}*
        {IT1 5:RPA 5:QTY {REF DTM}* {SAC TXI* 5:DTM*10}* {SLN {REF DTM*}* {SAC TXI*}*}*}* 5:{FA1 FA2!*}*}*
    {RMR NTE* REF* DTM* 5:VEH
        {IT1 5:RPA 5:QTY {REF DTM}* {SAC TXI*}* {SLN {REF DTM*}* {SAC TXI*}*}*}*
        {ADX NTE* PER* {REF DTM*}*
            {IT1 5:RPA 5:QTY {REF DTM}* {SAC TXI* 5:DTM*10}* {SLN {REF DTM*}* {SAC TXI*}*}*}*}*
        5:{FA1 FA2!*}*}*
}*
SE!
"""
