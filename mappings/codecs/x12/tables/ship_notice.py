"""856 Ship notice, 004010 and 005010."""

SEGMENTS = """
BSN Beginning of ship notice
  01 M ID 2/2       353 purpose
  02 M AN 2/30      396 shipment id
  03 M DT 8/8       373 ship notice date
  04 M TM 4/8       337 ship notice time
  05 O ID 4/4      1005 hierarchical structure
  06 X ID 2/2       640 transaction type
  07 O ID 3/3       641 status reason
  C0706

HL Hierarchical level
  01 M AN 1/12      628 level number
  02 O AN 1/12      734 parent level number
  03 M ID 1/2       735 level code
  04 O ID 1/1       736 child code = 0 1

TD1 Packages and weight
  01 O AN 3/5       103 packaging code
  02 X N0 1/7        80 number of packages
  03 O ID 1/1        23 commodity code qualifier
  04 X AN 1/30       22 commodity code
  05 O AN 1/50       79 lading description
  06 O ID 1/2       187 weight qualifier
  07 X R  1/10       81 weight
  08 X ID 2/2       355 weight unit
  09 X R  1/8       183 volume
  10 X ID 2/2       355 volume unit
  C0102 C0304 C0607 P0708 P0910

TD5 Carrier
  01 O ID 1/2       133 routing sequence
  02 X ID 1/2        66 carrier code qualifier
  03 X AN 2/80       67 carrier code
  04 X ID 1/2        91 transport mode
  05 X AN 1/35      387 routing
  06 X ID 2/2       368 order status
  07 O ID 1/2       309 location qualifier
  08 X AN 1/30      310 location
  09 O ID 2/2       731 transit direction
  10 O ID 2/2       732 transit time qualifier
  11 X R  1/4       733 transit time
  12 X ID 2/2       284 service level
  13 X ID 2/2       284 service level
  14 O ID 2/2       284 service level
  15 O ID 2/3        26 country code
  R0204050612 C0203 C0708 C1011 C1312 C1413 C1512

TD3 Equipment
  01 O ID 2/2        40 equipment type
  02 O AN 1/4       206 equipment initial
  03 X AN 1/10[15]  207 equipment number
  04
  09 O AN 2/15      225 seal number
  10

PRF Purchase order reference
  01 M AN 1/22      324 PO number
  02 O AN 1/30      328 release number
  03 O AN 1/8       327 change order number
  04 O DT 8/8       373 PO date
  05 O AN 1/20      350 assigned identification
  06 O AN 1/30      367 contract number
  07 O ID 2/2        92 order type

LIN Item identification
  01 O AN 1/20      350 line number
  02 M ID 2/2       235 product id qualifier
  03 M AN 1/48      234 product id
  04..31 pairs X ID 2/2 235 product id qualifier | X AN 1/48 234 product id

SN1 Shipped quantity
  01 O AN 1/20      350 line number
  02 M R  1/10      382 shipped quantity
  03 M ID 2/2       355 unit
  04 O R  1/15      646 quantity shipped to date
  05 X R  1/15      330 ordered quantity
  06 X ID 2/2       355 unit
  07 O ID 1/1       728 returnable container
  08 O ID 2/2       668 line status
  P0506

MAN Marks and numbers
  01 M ID 1/2        88 mark qualifier
  02 M AN 1/48       87 mark
  03 O AN 1/48       87 mark
  04 X ID 1/2        88 mark qualifier
  05 X AN 1/48       87 mark
  06 O AN 1/48       87 mark
  P0405 C0605
"""

SHIP_NOTICE = """
ST! BSN! DTM*10
{HL LIN SN1 SLN*1000 PRF PO4 PID*200 MEA*40 PWK*25 PKG*25 TD1*20 TD5*12 4:TD3*12 5:{TD3 AT9}*12 TD4*5 TSD REF* PER*3
    {LH1 LH2*4 LH3*12 LFH*20 LEP* LH4*1[4] LHT*3 LHR*10 PER*5 LHE}*100 {CLD REF*200 DTP}*200 MAN* DTM*10 FOB PAL
    {N1 N2*2 N3*2 N4 REF*12 PER*3 FOB}*200 SDQ*50 ETD CUR {SAC CUR}* GF YNQ*10 {LM LQ!*100}*10 {V1 R4* DTM*}*
}!*200000
CTT SE!
"""
