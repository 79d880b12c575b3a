"""The service segments of the envelope, and CONTRL: syntax versions 1 to 4 together.

Sources: ISO 9735 (1988, with amendment 1) and ISO 9735-1/-2 (1998) as restated in UN/ECE's UNTDID part 4, the CONTRL
message of the JSWG (gefeg.com), EDI guides of EANCOM, and EdiFabric's CONTRL 4.1 template. What only syntax version 4
knows is optional here, so that one table reads all.
"""

SEGMENTS = """
UNB Interchange header
  01 M S001             syntax
  01.1 M A  4/4    0001 syntax identifier
  01.2 M N0 1/1    0002 syntax version
  01.3 O AN 1/6    0080 service code list version
  01.4 O AN 1/3    0133 character encoding
  02 M S002             sender
  02.1 M AN 1/35   0004 sender id
  02.2 O AN 1/4    0007 sender id qualifier
  02.3 O AN 1/35   0008 sender internal id
  02.4 O AN 1/35   0042 sender internal sub-id
  03 M S003             recipient
  03.1 M AN 1/35   0010 recipient id
  03.2 O AN 1/4    0007 recipient id qualifier
  03.3 O AN 1/35   0014 recipient internal id
  03.4 O AN 1/35   0046 recipient internal sub-id
  04 M S004             date and time of preparation
  04.1 M DT 6/8    0017 date of preparation
  04.2 M TM 4/4    0019 time of preparation
  05 M AN 1/14     0020 interchange control reference
  06 O S005             recipient's reference
  06.1 M AN 1/14   0022 recipient's reference
  06.2 O AN 2/2    0025 recipient's reference qualifier
  07 O AN 1/14     0026 application reference
  08 O A  1/1      0029 processing priority
  09 O N0 1/1      0031 acknowledgement request
  10 O AN 1/35     0032 communications agreement
  11 O N0 1/1      0035 test indicator

UNZ Interchange trailer
  01 M N0 1/6      0036 number of messages or groups
  02 M AN 1/14     0020 interchange control reference

UNG Group header
  01 O AN 1/6      0038 message group
  02 O S006             application sender
  02.1 M AN 1/35   0040 application sender id
  02.2 O AN 1/4    0007 application sender id qualifier
  03 O S007             application recipient
  03.1 M AN 1/35   0044 application recipient id
  03.2 O AN 1/4    0007 application recipient id qualifier
  04 O S004             date and time of preparation
  04.1 M DT 6/8    0017 date of preparation
  04.2 M TM 4/4    0019 time of preparation
  05 M AN 1/14     0048 group reference
  06 O AN 1/3      0051 controlling agency
  07 O S008             message version
  07.1 M AN 1/3    0052 message version
  07.2 M AN 1/3    0054 message release
  07.3 O AN 1/6    0057 association code
  08 O AN 1/14     0058 application password

UNE Group trailer
  01 M N0 1/6      0060 number of messages
  02 M AN 1/14     0048 group reference

UNH Message header
  01 M AN 1/14     0062 message reference
  02 M S009             message identifier
  02.1 M AN 1/6    0065 message type
  02.2 M AN 1/3    0052 message version
  02.3 M AN 1/3    0054 message release
  02.4 M AN 1/3    0051 controlling agency
  02.5 O AN 1/6    0057 association code
  02.6 O AN 1/6    0110 code list directory version
  02.7 O AN 1/6    0113 message sub-function
  03 O AN 1/35     0068 common access reference
  04 O S010             status of transfer
  04.1 M N0 1/2    0070 sequence of transfers
  04.2 O A  1/1    0073 first or last transfer
  07

UNT Message trailer
  01 M N0 1/6      0074 number of segments
  02 M AN 1/14     0062 message reference

UNS Section control
  01 M A  1/1      0081 section = D S

UCI Interchange response
  01 M AN 1/14     0020 interchange control reference
  02 M S002             sender
  02.1 M AN 1/35   0004 sender id
  02.2 O AN 1/4    0007 sender id qualifier
  02.3 O AN 1/35   0008 sender internal id
  02.4 O AN 1/35   0042 sender internal sub-id
  03 M S003             recipient
  03.1 M AN 1/35   0010 recipient id
  03.2 O AN 1/4    0007 recipient id qualifier
  03.3 O AN 1/35   0014 recipient internal id
  03.4 O AN 1/35   0046 recipient internal sub-id
  04 M AN 1/3      0083 action
  05 O AN 1/3      0085 error
  06 O AN 1/3      0013 service segment tag
  07 O S011             position of the error
  07.1 M N0 1/3    0098 element position
  07.2 O N0 1/3    0104 component position
  07.3 O N0 1/6    0136 repetition
  09

UCF Group response
  01 M AN 1/14     0048 group reference
  02 O S006             application sender
  02.1 M AN 1/35   0040 application sender id
  02.2 O AN 1/4    0007 application sender id qualifier
  03 O S007             application recipient
  03.1 M AN 1/35   0044 application recipient id
  03.2 O AN 1/4    0007 application recipient id qualifier
  04 M AN 1/3      0083 action
  05 O AN 1/3      0085 error
  06 O AN 1/3      0013 service segment tag
  07 O S011             position of the error
  07.1 M N0 1/3    0098 element position
  07.2 O N0 1/3    0104 component position
  07.3 O N0 1/6    0136 repetition
  09

UCM Message response
  01 M AN 1/14     0062 message reference
  02 M S009             message identifier
  02.1 M AN 1/6    0065 message type
  02.2 M AN 1/3    0052 message version
  02.3 M AN 1/3    0054 message release
  02.4 M AN 1/3    0051 controlling agency
  02.5 O AN 1/6    0057 association code
  02.6 O AN 1/6    0110 code list directory version
  02.7 O AN 1/6    0113 message sub-function
  03 M AN 1/3      0083 action
  04 O AN 1/3      0085 error
  05 O AN 1/3      0013 service segment tag
  06 O S011             position of the error
  06.1 M N0 1/3    0098 element position
  06.2 O N0 1/3    0104 component position
  06.3 O N0 1/6    0136 repetition
  10

UCS Segment error
  01 M N0 1/10     0096 segment position
  02 O AN 1/3      0085 error
  04

UCD Element error
  01 M AN 1/3      0085 error
  02 M S011             position of the error
  02.1 M N0 1/3    0098 element position
  02.2 O N0 1/3    0104 component position
  02.3 O N0 1/6    0136 repetition
"""

CONTRL = """
UNH! UCI! {UCM {UCS UCD*99}*999}*999999 {UCF {UCM {UCS UCD*99}*999}*999999}*999999 UNT!
"""
