"""The segments that the messages share, D.96A and, in brackets, D.01B.

Sources: the segment and composite directories in bots-edi's grammars (edifact/D96A and edifact/D01B, made from the
UN/ECE directories), compared with php-edifact's mappings for D.01B, the element and segment pages of stedi.com for
D.96A and D.01B, and GS1's EANCOM 1997 manual. Only what the bridges read or write is described; all other segments of
a message are known by their tags. D.01B allows amounts and quantities of 35 digits; no document here has more than 18.
"""

SEGMENTS = """
BGM Beginning of message
  01 O C002             document name
  01.1 O AN 1/3    1001 document type
  01.2 O AN 1/3[17] 1131
  01.3 O AN 1/3    3055
  01.4 O AN 1/35   1000 document name
  02 O C106             document number
  02.1 O AN 1/35   1004 document number
  [02.2 O AN 1/9   1056 document version]
  [02.3 O AN 1/6   1060 document revision]
  03 O AN 1/3      1225 message function
  04 O AN 1/3      4343 response type

DTM Date
  01 M C507             date
  01.1 M AN 1/3    2005 date qualifier
  01.2 O AN 1/35   2380 date
  01.3 O AN 1/3    2379 date format

PAI Payment instructions
  01 M C534             payment instructions
  01.1 O AN 1/3    4439 payment conditions
  01.2 O AN 1/3    4431 payment guarantee
  01.3 O AN 1/3    4461 payment means
  01.4 O AN 1/3[17] 1131
  01.5 O AN 1/3    3055
  01.6 O AN 1/3    4435 payment channel

FTX Free text
  01 M AN 1/3      4451 text subject
  02 O AN 1/3      4453 text function
  03 O C107             text reference
  03.1 M AN 1/3[17] 4441 text code
  03.2 O AN 1/3[17] 1131
  03.3 O AN 1/3    3055
  04 O C108             text
  04.1 M AN 1/70[512] 4440 text
  04.2 O AN 1/70[512] 4440 text
  04.3 O AN 1/70[512] 4440 text
  04.4 O AN 1/70[512] 4440 text
  04.5 O AN 1/70[512] 4440 text
  05 O AN 1/3      3453 language
  [06 O AN 1/3     4447 text format]

RFF Reference
  01 M C506             reference
  01.1 M AN 1/3    1153 reference qualifier
  01.2 O AN 1/35[70] 1154 reference number
  01.3 O AN 1/6    1156 line number
  01.4 O AN 1/35   4000 reference version
  [01.5 O AN 1/6   1060 revision]

NAD Name and address
  01 M AN 1/3      3035 party role
  02 O C082             party identifier
  02.1 M AN 1/35   3039 party identifier
  02.2 O AN 1/3[17] 1131
  02.3 O AN 1/3    3055 agency of the party identifier
  03 O C058             unstructured address
  03.1 M AN 1/35   3124 name and address
  03.2 O AN 1/35   3124 name and address
  03.3 O AN 1/35   3124 name and address
  03.4 O AN 1/35   3124 name and address
  03.5 O AN 1/35   3124 name and address
  04 O C080             party name
  04.1 M AN 1/35   3036 party name
  04.2 O AN 1/35   3036 party name
  04.3 O AN 1/35   3036 party name
  04.4 O AN 1/35   3036 party name
  04.5 O AN 1/35   3036 party name
  04.6 O AN 1/3    3045 name format
  05 O C059             street
  05.1 M AN 1/35   3042 street
  05.2 O AN 1/35   3042 street
  05.3 O AN 1/35   3042 street
  05.4 O AN 1/35   3042 street
  06 O AN 1/35     3164 city
  07 O C819             region
  07.1 O AN 1/9    3229 region
  [07.2 O AN 1/17  1131]
  [07.3 O AN 1/3   3055]
  [07.4 O AN 1/70  3228 region name]
  08 O AN 1/9[17]  3251 postal code
  09 O AN 1/3      3207 country

CTA Contact
  01 O AN 1/3      3139 contact role
  02 O C056             contact
  02.1 O AN 1/17   3413 contact id
  02.2 O AN 1/35   3412 contact name

COM Communication
  01 M C076             communication number
  01.1 M AN 1/512  3148 communication number
  01.2 M AN 1/3    3155 communication channel

FII Bank
  01 M AN 1/3      3035 bank role
  02 O C078             account
  02.1 O AN 1/35   3194 account number
  02.2 O AN 1/35   3192 account holder
  02.3 O AN 1/35   3192 account holder
  02.4 O AN 1/3    6345 currency
  03 O C088             bank
  03.1 O AN 1/11   3433 bank identifier
  03.2 O AN 1/3[17] 1131 code list of the bank identifier
  03.3 O AN 1/3    3055 agency of the bank identifier
  03.4 O AN 1/17   3434 branch number
  03.5 O AN 1/3[17] 1131
  03.6 O AN 1/3    3055
  03.7 O AN 1/70   3432 bank name
  03.8 O AN 1/70   3436 bank place
  04 O AN 1/3      3207 country

TAX Tax
  01 M AN 1/3      5283 tax function
  02 O C241             tax type
  02.1 O AN 1/3    5153 tax type
  02.2 O AN 1/3[17] 1131
  02.3 O AN 1/3    3055
  02.4 O AN 1/35   5152 tax name
  03 O C533             tax account
  03.1 M AN 1/6    5289 tax account
  03.2 O AN 1/3[17] 1131
  03.3 O AN 1/3    3055
  04 O AN 1/15     5286 taxable amount
  05 O C243             tax detail
  05.1 O AN 1/7    5279 tax rate id
  05.2 O AN 1/3[17] 1131
  05.3 O AN 1/3    3055
  05.4 O AN 1/17   5278 tax rate
  05.5 O AN 1/12   5273 tax basis
  05.6 O AN 1/3[17] 1131
  05.7 O AN 1/3    3055
  06 O AN 1/3      5305 tax category
  07 O AN 1/20     3446 tax registration number
  [08 O AN 1/3     1227 calculation sequence]

CUX Currencies
  01 O C504             currency
  01.1 M AN 1/3    6347 currency use
  01.2 O A  3/3    6345 currency
  01.3 O AN 1/3    6343 currency qualifier
  01.4 O R  1/4    6348 currency base
  02 O C504             target currency
  02.1 M AN 1/3    6347 currency use
  02.2 O A  3/3    6345 currency
  02.3 O AN 1/3    6343 currency qualifier
  02.4 O R  1/4    6348 currency base
  03 O R  1/12     5402 rate of exchange
  04 O AN 1/3      6341 currency market

PAT Payment terms
  01 M AN 1/3      4279 payment terms type
  02 O C110             payment terms
  02.1 M AN 1/17   4277 payment terms id
  02.2 O AN 1/3[17] 1131
  02.3 O AN 1/3    3055
  02.4 O AN 1/35   4276 payment terms description
  02.5 O AN 1/35   4276 payment terms description
  03 O C112             payment time
  03.1 M AN 1/3    2475 payment time reference
  03.2 O AN 1/3    2009 time relation
  03.3 O AN 1/3    2151 type of period
  03.4 O N0 1/3    2152 number of periods

PCD Percentage
  01 M C501             percentage
  01.1 M AN 1/3    5245 percentage qualifier
  01.2 O R  1/10   5482 percentage
  01.3 O AN 1/3    5249 percentage basis
  01.4 O AN 1/3[17] 1131
  01.5 O AN 1/3    3055
  [02 O AN 1/3     4405]

MOA Amount
  01 M C516             amount
  01.1 M AN 1/3    5025 amount qualifier
  01.2 O R  1/18   5004 amount
  01.3 O A  3/3    6345 currency
  01.4 O AN 1/3    6343 currency qualifier
  01.5 O AN 1/3    4405 status

TDT Transport
  01 M AN 1/3      8051 transport stage
  02 O AN 1/17     8028 conveyance reference
  03 O C220             transport mode
  03.1 O AN 1/3    8067 transport mode
  03.2 O AN 1/17   8066 transport mode
  04 O C228             transport means
  04.1 O AN 1/8    8179 transport means
  04.2 O AN 1/17   8178 transport service
  05 O C040             carrier
  05.1 O AN 1/17   3127 carrier id
  05.2 O AN 1/3[17] 1131
  05.3 O AN 1/3    3055 agency of the carrier id
  05.4 O AN 1/35   3128 carrier name
  06 O AN 1/3      8101 transit direction
  07
  08 O C222             transport identification
  08.1 O AN 1/9    8213 transport id
  08.2 O AN 1/3[17] 1131
  08.3 O AN 1/3    3055
  08.4 O AN 1/35   8212 equipment
  08.5 O AN 1/3    8453 nationality
  09 O AN 1/3      8281 transport ownership

TOD Terms of delivery
  01 O AN 1/3      4055 delivery terms function
  02 O AN 1/3      4215 freight terms
  03 O C100             delivery terms
  03.1 O AN 1/3    4053 delivery terms
  03.2 O AN 1/3[17] 1131
  03.3 O AN 1/3    3055
  03.4 O AN 1/70   4052 delivery terms
  03.5 O AN 1/70   4052 delivery terms

ALC Allowance or charge
  01 M AN 1/3      5463 allowance or charge
  02 O C552             allowance or charge information
  02.1 O AN 1/35   1230 allowance or charge number
  02.2 O AN 1/3    5189 allowance or charge description
  03 O AN 1/3      4471 settlement
  04 O AN 1/3      1227 calculation sequence
  05 O C214             service
  05.1 O AN 1/3    7161 service
  05.2 O AN 1/3[17] 1131
  05.3 O AN 1/3    3055
  05.4 O AN 1/35   7160 service description
  05.5 O AN 1/35   7160 service description

LIN Line
  01 O AN 1/6      1082 line number
  02 O AN 1/3      1229 line action
  03 O C212             item number
  03.1 O AN 1/35   7140 item number
  03.2 O AN 1/3    7143 item number type
  03.3 O AN 1/3[17] 1131
  03.4 O AN 1/3    3055
  04 O C829             sub-line
  04.1 O AN 1/3    5495 sub-line indicator
  04.2 O AN 1/6    1082 number of the line above
  05 O N0 1/2      1222 level
  06 O AN 1/3      7083 configuration

PIA Additional item numbers
  01 M AN 1/3      4347 item number function
  02 M C212             item number
  02.1 O AN 1/35   7140 item number
  02.2 O AN 1/3    7143 item number type
  02.3 O AN 1/3[17] 1131
  02.4 O AN 1/3    3055
  03 O C212             item number
  03.1 O AN 1/35   7140 item number
  03.2 O AN 1/3    7143 item number type
  03.3 O AN 1/3[17] 1131
  03.4 O AN 1/3    3055
  04 O C212             item number
  04.1 O AN 1/35   7140 item number
  04.2 O AN 1/3    7143 item number type
  04.3 O AN 1/3[17] 1131
  04.4 O AN 1/3    3055
  05 O C212             item number
  05.1 O AN 1/35   7140 item number
  05.2 O AN 1/3    7143 item number type
  05.3 O AN 1/3[17] 1131
  05.4 O AN 1/3    3055
  06 O C212             item number
  06.1 O AN 1/35   7140 item number
  06.2 O AN 1/3    7143 item number type
  06.3 O AN 1/3[17] 1131
  06.4 O AN 1/3    3055

IMD Item description
  01 O AN 1/3      7077 description type
  02 O C272             characteristic
  02.1 O AN 1/3    7081 characteristic
  [02.2 O AN 1/17  1131]
  [02.3 O AN 1/3   3055]
  03 O C273             item description
  03.1 O AN 1/17   7009 item description code
  03.2 O AN 1/3[17] 1131
  03.3 O AN 1/3    3055
  03.4 O AN 1/35[256] 7008 item description
  03.5 O AN 1/35[256] 7008 item description
  03.6 O AN 1/3    3453 language
  04 O AN 1/3      7383 surface

QTY Quantity
  01 M C186             quantity
  01.1 M AN 1/3    6063 quantity qualifier
  01.2 M R  1/15[18] 6060 quantity
  01.3 O AN 1/3    6411 unit

QVR Quantity variance
  01 O C279             quantity difference
  01.1 M R  1/15   6064 quantity difference
  01.2 O AN 1/3    6063 quantity qualifier
  02 O AN 1/3      4221 discrepancy
  03 O C960             reason for the change
  03.1 O AN 1/3    4295 reason for the change
  03.2 O AN 1/3[17] 1131
  03.3 O AN 1/3    3055
  03.4 O AN 1/35   4294 reason for the change

PRI Price
  01 O C509             price
  01.1 M AN 1/3    5125 price qualifier
  01.2 O R  1/15   5118 price
  01.3 O AN 1/3    5375 price type
  01.4 O AN 1/3    5387 price type qualifier
  01.5 O R  1/9    5284 price basis
  01.6 O AN 1/3    6411 unit of the price basis
  02 O AN 1/3      5213 sub-line price change

MEA Measurement
  01 M AN 1/3      6311 measurement purpose
  02 O C502             measurement detail
  02.1 O AN 1/3    6313 measured property
  02.2 O AN 1/3    6321 measurement significance
  02.3 O AN 1/3[17] 6155 measurement attribute
  02.4 O AN 1/70   6154 measurement attribute
  03 O C174             measured value
  03.1 M AN 1/3    6411 unit
  03.2 O R  1/18   6314 measured value
  03.3 O R  1/18   6162 range minimum
  03.4 O R  1/18   6152 range maximum
  03.5 O N0 1/2    6432 significant digits
  04 O AN 1/3      7383 surface

CNT Control total
  01 M C270             control total
  01.1 M AN 1/3    6069 control qualifier
  01.2 M R  1/18   6066 control value
  01.3 O AN 1/3    6411 unit
"""
