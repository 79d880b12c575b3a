"""Segments that many messages share, and those of the envelope."""

ENVELOPE = """
ST Transaction set header
  01 M ID 3/3       143 transaction set id
  02 M AN 4/9       329 transaction set control number
  [03 O AN 1/35    1705 implementation reference]

SE Transaction set trailer
  01 M N0 1/10       96 number of segments
  02 M AN 4/9       329 transaction set control number

GS Functional group header
  01 M ID 2/2       479 functional id
  02 M AN 2/15      142 application sender's code
  03 M AN 2/15      124 application receiver's code
  04 M DT 8/8       373 group date
  05 M TM 4/8       337 group time
  06 M N0 1/9        28 group control number
  07 M ID 1/2       455 responsible agency = X T
  08 M AN 1/12      480 version

GE Functional group trailer
  01 M N0 1/6        97 number of transaction sets
  02 M N0 1/9        28 group control number

IEA Interchange control trailer
  01 M N0 1/5       I16 number of groups
  02 M N0 9/9       I12 interchange control number

TA1 Interchange acknowledgement
  01 M N0 9/9       I12 interchange control number
  02 M DT 6/6       I08 interchange date
  03 M TM 4/4       I09 interchange time
  04 M ID 1/1       I17 interchange acknowledgement code = A E R
  05 M ID 3/3       I18 interchange note code
"""

SEGMENTS = """
REF Reference
  01 M ID 2/3       128 reference qualifier
  02 X AN 1/30[50]  127 reference
  03 X AN 1/80      352 reference description
  04 O C040
  04.1 M ID 2/3       128 reference qualifier
  04.2 M AN 1/30[50]  127 reference
  04.3 X ID 2/3       128 reference qualifier
  04.4 X AN 1/30[50]  127 reference
  04.5 X ID 2/3       128 reference qualifier
  04.6 X AN 1/30[50]  127 reference
  R0203

DTM Date
  01 M ID 3/3       374 date qualifier
  02 X DT 8/8       373 date
  03 X TM 4/8       337 time
  04 O ID 2/2       623 time code
  05 X ID 2/3      1250 period format
  06 X AN 1/35     1251 period
  R020305 C0403 P0506

N1 Party
  01 M ID 2/3        98 party role
  02 X AN 1/60       93 party name
  03 X ID 1/2        66 party identifier qualifier
  04 X AN 2/80       67 party identifier
  05 O ID 2/2       706 party relationship
  06 O ID 2/3        98 party role
  R0203 P0304

N2 More party names
  01 M AN 1/60       93 further party name
  02 O AN 1/60       93 further party name

N3 Street address
  01 M AN 1/55      166 street address
  02 O AN 1/55      166 street address

N4 City, state, postal code
  01 O AN 2/30       19 city
  02 O ID 2/2       156 state or province code
  03 O AN 3/15      116 postal code
  04 X ID 2/3        26 country code
  05 X ID 1/2       309 location qualifier
  06 O AN 1/30      310 location
  [07 X ID 1/3     1715 country subdivision code]
  C0605 [E0207 C0704]

PER Contact
  01 M ID 2/2       366 contact function
  02 O AN 1/60       93 contact name
  03 X ID 2/2       365 communication number qualifier
  04 X AN 1/80[256] 364 communication number
  05 X ID 2/2       365 communication number qualifier
  06 X AN 1/80[256] 364 communication number
  07 X ID 2/2       365 communication number qualifier
  08 X AN 1/80[256] 364 communication number
  09 O AN 1/20      443 contact inquiry reference
  P0304 P0506 P0708

CUR Currency
  01 M ID 2/3        98 party role
  02 M ID 3/3       100 currency
  03 O R  4/10      280 exchange rate
  04 O ID 2/3        98 party role
  05 O ID 3/3       100 currency
  21

ITD Payment terms
  01 O ID 2/2       336 terms type
  02 O ID 1/2       333 terms basis date
  03 O R  1/6       338 discount percent
  04 X DT 8/8       370 discount due date
  05 X N0 1/3       351 discount days
  06 O DT 8/8       446 net due date
  07 O N0 1/3       386 net days
  08 O N2 1/10      362 discount amount
  09 O DT 8/8       388 deferred due date
  10 X N2 1/10      389 deferred amount due
  11 X R  1/5       342 percent of invoice payable
  12 O AN 1/80      352 terms description
  13 X N0 1/2       765 day of month
  14 O ID 1/2       107 payment method
  15 O R  1/10      954 percentage
  L03040513 L08040513 L091011

FOB Freight terms
  01 M ID 2/2       146 freight payment
  02 X ID 1/2       309 location qualifier
  03 O AN 1/80      352 location
  04 O ID 2/2       334 transport terms qualifier
  05 X ID 3/3       335 transport terms
  06 X ID 1/2       309 title passage qualifier
  07 O AN 1/80      352 title passage location
  08 O ID 2/2        54 risk of loss
  09 O AN 1/80      352 description
  C0302 C0405 C0706 C0809

PID Item description
  01 M ID 1/1       349 description type = F S X
  02 O ID 2/3       750 characteristic
  03 X ID 2/2       559 agency
  04 X AN 1/12      751 description code
  05 X AN 1/80      352 description
  06 O ID 2/2       752
  07 O AN 1/15      822 source subqualifier
  08 O ID 1/1      1073 yes or no
  09 O ID 2/3       819 language
  C0403 R0405 C0703 C0804 C0905

SAC Allowance or charge
  01 M ID 1/1       248 allowance or charge indicator
  02 X ID 4/4      1300 allowance or charge code
  03 X ID 2/2       559 agency
  04 X AN 1/10     1301 agency's code
  05 O N2 1/15      610 allowance or charge amount
  06 X ID 1/1       378 percent qualifier
  07 X R  1/6       332 percent
  08 O R  1/9       118 rate
  09 X ID 2/2       355 unit
  10 X R  1/15      380 quantity
  11 O R  1/15      380 quantity
  12 O ID 2/2       331 method of handling
  13 X AN 1/30[50]  127 reference
  14 O AN 1/20      770 option number
  15 X AN 1/80      352 description
  16 O ID 2/3       819 language
  R0203 P0304 P0607 P0910 C1110 L130204 C1413 C1615

TXI Tax
  01 M ID 2/2       963 tax type
  02 X R  1/18      782 tax amount
  03 X R  1/10      954 tax rate
  04 X ID 2/2       955 jurisdiction qualifier
  05 X AN 1/10      956 jurisdiction
  06 X ID 1/1       441 tax exemption
  07 O ID 1/1       662 relationship
  08 O R  1/9       828 taxable amount
  09 O AN 1/20      325 tax registration number
  10 O AN 1/20      350 assigned identification
  R020306 P0405 C0803

AMT Amount
  01 M ID 1/3       522 amount qualifier
  02 M R  1/18      782 amount
  03 O ID 1/1       478 credit or debit = C D

CTT Totals
  01 M N0 1/6       354 number of lines
  02 O R  1/10      347 hash total
  03 X R  1/10       81 weight
  04 X ID 2/2       355 unit
  05 X R  1/8       183 volume
  06 X ID 2/2       355 unit
  07 O AN 1/80      352 description
  P0304 P0506

N9 Reference
  01 M ID 2/3       128 reference qualifier
  02 X AN 1/30[50]  127 reference
  03 X AN 1/45      369 description
  04 O DT 8/8       373 date
  05 X TM 4/8       337 time
  06 O ID 2/2       623 time code
  07
  R0203 C0605

MSG Message text
  01 M AN 1/264     933 message text
  02 X ID 2/2       934 printer control
  03 O N0 1/9      1470 number
  C0302

MTX Text
  01 O ID 3/3       363 note kind
  02 X AN 1/4096   1551 text
  03 X AN 1/4096   1551 text
  04 O ID 2/2       934 printer control

NTE Note
  01 O ID 3/3       363 note kind
  02 M AN 1/80      352 note

CAD Carrier detail
  01 O ID 1/2        91 transport mode
  02 O AN 1/4       206 equipment initial
  03 O AN 1/10[15]  207 equipment number
  04 X ID 2/4       140 carrier code (SCAC)
  05 X AN 1/35      387 routing
  06 O ID 2/2       368 order status
  07 O ID 2/3       128 reference qualifier
  08 X AN 1/30[50]  127 reference
  09 O ID 2/2       284 service level
  R0405 C0708

QTY Quantity
  01 M ID 2/2       673 quantity qualifier
  02 X R  1/15      380 quantity
  03
  04 X AN 1/30       61 free-form information
  R0204 E0204
"""
