"""997 Functional acknowledgement and 999 Implementation acknowledgement."""

# Sources for the 999: bots-edi x12/5010/999005010.py (structure), pyx12's map 999.5010.xml (lengths, codes), TIBCO
# Foresight "999 Structure and Data Sources", stedi.com edi/x12/segment/IK5. They differ on the length of a loop id;
# the longer one is read, and what we write fits both.
SEGMENTS = """
AK1 Group answered
  01 M ID 2/2       479 functional id
  02 M N0 1/9        28 group control number
  [03 O AN 1/12     480 version]

AK2 Transaction set answered
  01 M ID 3/3       143 transaction set id
  02 M AN 4/9       329 transaction set control number
  [03 O AN 1/35    1705 implementation reference]

AK3 Segment in error
  01 M ID 2/3       721 segment tag
  02 M N0 1/6[10]   719 segment position
  03 O AN 1/6[4]    447 loop
  04 O ID 1/3       720 segment error code

AK4 Element in error
  01 M C030             position in segment
  01.1 M N0 1/2     722 element position
  01.2 O N0 1/2    1528 component position
  [01.3 O N0 1/4   1686 repetition]
  02 O N0 1/4       725 data element number
  03 M ID 1/3       723 element error code
  04 O AN 1/99      724 copy of bad data

AK5 Transaction set result
  01 M ID 1/1       717 transaction set result = A E M R W X
  02 O ID 1/3       718 transaction set error code
  03 O ID 1/3       718 transaction set error code
  04 O ID 1/3       718 transaction set error code
  05 O ID 1/3       718 transaction set error code
  06 O ID 1/3       718 transaction set error code

AK9 Group result
  01 M ID 1/1       715 group result = A E M P R W X
  02 M N0 1/6        97 number of transaction sets included
  03 M N0 1/6       123 number of transaction sets received
  04 M N0 1/6         2 number of transaction sets accepted
  05 O ID 1/3       716 group error code
  06 O ID 1/3       716 group error code
  07 O ID 1/3       716 group error code
  08 O ID 1/3       716 group error code
  09 O ID 1/3       716 group error code

IK3 Segment in error
  01 M ID 2/3       721 segment tag
  02 M N0 1/10      719 segment position
  03 O AN 1/6       447 loop
  04 O ID 1/3       620 segment error code

IK4 Element in error
  01 M C030             position in segment
  01.1 M N0 1/2     722 element position
  01.2 O N0 1/2    1528 component position
  01.3 O N0 1/4    1686 repetition
  02 O N0 1/4       725 data element number
  03 M ID 1/3       621 element error code
  04 O AN 1/99      724 copy of bad data

IK5 Transaction set result
  01 M ID 1/1       717 transaction set result = A E M R W X
  02 O ID 1/3       618 transaction set error code
  03 O ID 1/3       618 transaction set error code
  04 O ID 1/3       618 transaction set error code
  05 O ID 1/3       618 transaction set error code
  06 O ID 1/3       618 transaction set error code

CTX Context
  01 M C998             context
  01.1 M AN 1/35   9999 context name
  01.2 O AN 1/35   9998 context reference
  02 O ID 2/3       721 segment tag
  03 O N0 1/10      719 segment position
  04 O AN 1/6       447 loop
  06
"""

FUNCTIONAL = "ST! AK1! {AK2 {AK3 AK4*99}* AK5!}* AK9! SE!"
IMPLEMENTATION = "ST! AK1! {AK2 {IK3 CTX*10 {IK4 CTX*10}*}* IK5!}* AK9! SE!"
