"""The tables of RSX 7.7.7: one per document, in the notation of `schema`. They drive JSON and XML alike.

Source: SPS Commerce's RSX 7.7.7 schemas as published (names, order, types, lengths, code lists).
"""

from __future__ import annotations

from functools import cache

from mappings.codecs.rsx.schema import Group, groups

NAMESPACE = "http://www.spscommerce.com/RSX"

SHARED = """
Meta: SenderUniqueID SenderCompanyName ReceiverUniqueID ReceiverCompanyName IsDropShip:boolean InterchangeControlNumber
    GroupControlIdentifier GroupControlNumber DocumentControlIdentifier DocumentControlNumber InterchangeSenderID
    InterchangeReceiverID GroupSenderID GroupReceiverID BatchPart BatchTotal:integer BatchID Comments Validation
    OrderManagement=order_management Version
Dates: DateTimeQualifier=date Date:date Time:time DateTimePeriod
Contacts: ContactTypeCode=contact_type ContactName PrimaryPhone PrimaryFax PrimaryEmail AdditionalContactDetails[]
    ContactReference
AdditionalContactDetails: ContactQual ContactID
Address: AddressTypeCode=address_type LocationCodeQualifier=location_qualifier AddressLocationNumber AddressName
    AddressAlternateName AddressAlternateName2 Address1 Address2 Address3 Address4 City State PostalCode Country
    LocationID CountrySubDivision AddressTaxIdNumber AddressTaxExemptNumber References[] Contacts[] Dates[]
References: ReferenceQual=reference ReferenceID Description Date:date Time:time ReferenceIDs[]
ReferenceIDs: ReferenceQual=reference ReferenceID
Notes: NoteCode=note Note LanguageCode
PaymentTerms: TermsType=terms_type TermsBasisDateCode=terms_basis TermsTimeRelationCode=terms_time_relation
    TermsDiscountPercentage:number TermsDiscountDate:date TermsDiscountDueDays:integer TermsNetDueDate:date
    TermsNetDueDays:integer TermsDiscountAmount:money TermsDeferredDueDate:date TermsDeferredAmountDue:money
    PercentOfInvoicePayable:number TermsDescription TermsDueDay:integer PaymentMethodCode=payment_method
    PaymentMethodID LatePaymentChargePercent:number TermsStartDate:date TermsDueDateQual=terms_due_date
    AmountSubjectToDiscount:money DiscountAmountDue:money
Taxes: TaxTypeCode=tax_type TaxAmount:money TaxPercentQual=percent_basis TaxPercent:number
    JurisdictionQual=jurisdiction JurisdictionCode TaxExemptCode=tax_exempt RelationshipCode=relationship
    PercentDollarBasis:money TaxHandlingCode=tax_handling TaxID AssignedID Description
ChargesAllowances: AllowChrgIndicator=charge_indicator AllowChrgCode=charge AllowChrgAgencyCode AllowChrgAgency
    AllowChrgAmt:money AllowChrgPercentQual=percent_basis AllowChrgPercent:number PercentDollarBasis:money
    AllowChrgRate:price AllowChrgQtyUOM=unit AllowChrgQty:number AllowChrgHandlingCode=charge_handling
    ReferenceIdentification AllowChrgHandlingDescription OptionNumber ExceptionNumber AllowChrgQty2:number LanguageCode
    CalculationSequence:integer Taxes[]
FOBRelatedInstruction: FOBPayCode=freight_terms FOBLocationQualifier FOBLocationDescription FOBTitlePassageCode
    FOBTitlePassageLocation TransportationTermsType TransportationTerms RiskOfLossCode Description
CarrierInformation: StatusCode=shipment_status CarrierTransMethodCode=transport CarrierAlphaCode CarrierRouting
    EquipmentDescriptionCode CarrierEquipmentInitial CarrierEquipmentNumber EquipmentType OwnershipCode
    RoutingSequenceCode TransitDirectionCode TransitTimeQualifier TransitTimeQual TransitTime:number
    ServiceLevelCodes[] Address[] SealNumbers[]
ServiceLevelCodes: ServiceLevelCode
SealNumbers: SealStatusCode SealNumber
QuantityTotals: QuantityTotalsQualifier Quantity:number QuantityUOM=unit WeightQualifier=weight_qualifier
    Weight:number WeightUOM=weight_unit Volume:number VolumeUOM Description
QuantityAndWeight: PackingMedium=packing_medium PackingMaterial=packing_material LadingQuantity:integer
    LadingDescription WeightQualifier=weight_qualifier Weight:number WeightUOM=weight_unit Volume:number VolumeUOM
    PalletExchangeCode
Item: LineSequenceNumber ApplicationId BuyerPartNumber VendorPartNumber ConsumerPackageCode EAN GTIN UPCCaseCode
    NatlDrugCode InternationalStandardBookNumber ProductID[]
ProductID: PartNumberQual=part_number PartNumber
Appearance: ProductSizeCode ProductSizeDescription ProductColorCode ProductColorDescription ProductMaterialCode
    ProductMaterialDescription ProductProcessCode ProductProcessDescription Department DepartmentDescription Class
ProductOrItemDescription: ProductCharacteristicCode AgencyQualifierCode ProductDescriptionCode ProductDescription
    SurfaceLayerPositionCode SourceSubqualifier YesOrNoResponse LanguageCode
AdditionalPOTypeCodes: POTypeCode=order_type POTypeDescription
"""

INVOICE = """
Invoice: Meta{} Header!{} LineItem[] Summary{}
Header: InvoiceHeader!{} PaymentTerms[] Dates[] Contacts[] Address[] References[] Notes[] Commodity[] Taxes[]
    ChargesAllowances[] FOBRelatedInstruction[] CarrierInformation[] QuantityTotals[] RegulatoryCompliances[]
InvoiceHeader: TradingPartnerId!:text/15 InvoiceNumber! InvoiceDate:date InvoiceTime:time PurchaseOrderDate:date
    PurchaseOrderNumber PrimaryPOTypeCode=order_type PrimaryPOTypeDescription AdditionalPOTypeCodes[] ReleaseNumber
    InvoiceTypeCode=invoice_type TsetPurposeCode=purpose ActionCode=action BuyersCurrency SellersCurrency
    ExchangeRate:number InternalOrderNumber InternalOrderDate:date Department DepartmentDescription Vendor JobNumber
    Division CustomerAccountNumber CustomerOrderNumber CarrierProNumber BillOfLadingNumber ShipDate:date ShipTime:time
    ShipDeliveryDate:date ShipDeliveryTime:time LanguageCode DocumentVersion DocumentRevision
LineItem: InvoiceLine{} Measurements[] PriceInformation[] ProductOrItemDescription[] MasterItemAttribute[]
    PhysicalDetails[] References[] Notes[] Commodity[] Dates[] CarrierInformation[] Subline[] Address[]
    QuantitiesSchedulesLocations[] Taxes[] ChargesAllowances[] RegulatoryCompliances[]
InvoiceLine: +Item InvoiceQty:number InvoiceQtyUOM=unit OrderQty:number OrderQtyUOM=unit PurchasePriceType=price_type
    PurchasePrice:price PurchasePriceBasis=price_basis ShipQty:number ShipQtyUOM=unit ShipDate:date
    QtyLeftToReceive:number QtyLeftToReceiveStatus=left_to_receive ExtendedItemTotal:money +Appearance SellerDateCode
    CashDiscount=yes_no SaleOrService NRFStandardColorAndSize{}
Summary: TotalAmount:money TotalSalesAmount:money TotalFreightCharges:money TotalNonFreightCharges:money
    TotalTaxesAndCharges:money TotalTermsDiscountAmount:money TotalAllowancesAmount:money TotalCartonCount:number
    TotalLineItemNumber:integer InvoiceAmtDueByTermsDate:money TotalChargesAmount:money SignatureIdentification
    SignatureName IntegrityCheckValue
"""

ORDER = """
Order: Meta{} Header!{} LineItem[] Summary{}
Header: OrderHeader!{} PaymentTerms[] Dates[] Contacts[] Address[] FOBRelatedInstruction[] Commodity[] Measurements[]
    Paperwork[] Packaging[] QuantityAndWeight[] CarrierInformation[] CarrierSpecialHandlingDetail[]
    MarksAndNumbersCollection[] RestrictionsOrConditions[] LeadTime[] References[] Notes[] Taxes[] ChargesAllowances[]
    MonetaryAmounts[] QuantityTotals[] RegulatoryCompliances[]
OrderHeader: TradingPartnerId!:text/15 PurchaseOrderNumber! DepositorOrderNumber TsetPurposeCode=purpose
    PrimaryPOTypeCode=order_type PrimaryPOTypeDescription AdditionalPOTypeCodes[] ReleaseNumber PurchaseOrderDate:date
    PurchaseOrderTime:time ContractType SalesRequirementCode AcknowledgementType=acknowledgement_type InvoiceTypeCode
    ShipCompleteCode=yes_no BuyersCurrency SellersCurrency ExchangeRate:number Department DepartmentDescription Vendor
    JobNumber Division CustomerAccountNumber CustomerOrderNumber DocumentVersion DocumentRevision
LineItem: OrderLine{} Contacts[] Dates[] Measurements[] PriceInformation[] ProductOrItemDescription[]
    MasterItemAttribute[] Paperwork[] PhysicalDetails[] PalletInformation[] References[] Notes[] FloorReady[] Address[]
    Subline[] QuantitiesSchedulesLocations[] Taxes[] ChargesAllowances[] PaymentTerms[] ConditionOfSale[]
    FOBRelatedInstruction[] Commodity[] CarrierInformation[] CarrierSpecialHandlingDetail[]
    MarksAndNumbersCollection[] RestrictionsOrConditions[] Packaging[] MonetaryAmounts[] RegulatoryCompliances[]
OrderLine: +Item OrderQty:number OrderQtyUOM=unit PurchasePriceType=price_type PurchasePrice:price
    PurchasePriceBasis=price_basis BuyersCurrency SellersCurrency ExchangeRate:number ShipDate:date
    ExtendedItemTotal:money +Appearance Gender SellerDateCode NRFStandardColorAndSize{}
Summary: TotalAmount:money TotalLineItemNumber:integer Description
"""

ORDER_ACKNOWLEDGEMENT = """
OrderAck: Meta{} Header!{} LineItem[] Summary{}
Header: OrderHeader!{} PaymentTerms[] Dates[] Contacts[] Address[] FOBRelatedInstruction[] CarrierInformation[]
    References[] Notes[] Commodity[] Taxes[] ChargesAllowances[] MonetaryAmounts[] QuantityAndWeight[]
    QuantityTotals[] RegulatoryCompliances[]
OrderHeader: TradingPartnerId!:text/15 PurchaseOrderNumber! TsetPurposeCode=purpose_of_answer
    PrimaryPOTypeCode=order_type PrimaryPOTypeDescription AdditionalPOTypeCodes[] PurchaseOrderDate:date
    PurchaseOrderTime:time ReleaseNumber AcknowledgementNumber AcknowledgementType=acknowledgement_type
    ShipCompleteCode=yes_no InternalOrderNumber InternalOrderDate:date AcknowledgementDate:date
    AcknowledgementTime:time BuyersCurrency SellersCurrency ExchangeRate:number Department DepartmentDescription
    Vendor JobNumber Division CustomerAccountNumber CustomerOrderNumber DocumentVersion DocumentRevision
LineItem: OrderLine{} LineItemAcknowledgement[] Dates[] Measurements[] PriceInformation[] ProductOrItemDescription[]
    MasterItemAttribute[] PhysicalDetails[] References[] Notes[] Commodity[] Address[] Subline[]
    QuantitiesSchedulesLocations[] Taxes[] ChargesAllowances[] FOBRelatedInstruction[] CarrierInformation[]
    RegulatoryCompliances[]
OrderLine: +Item OrderQty:number OrderQtyUOM=unit PurchasePriceType=price_type PurchasePrice:price
    PurchasePriceBasis=price_basis BuyersCurrency SellersCurrency ExchangeRate:number ShipDate:date
    ExtendedItemTotal:money +Appearance Gender SellerDateCode NRFStandardColorAndSize{}
LineItemAcknowledgement: LineSequenceNumber ItemStatusCode=item_status ItemScheduleQty:number ItemScheduleUOM=unit
    ItemScheduleQualifier=date ItemScheduleDate:date BuyerPartNumber VendorPartNumber ConsumerPackageCode EAN GTIN
    UPCCaseCode NatlDrugCode InternationalStandardBookNumber ProductID[] PurchasePriceType=price_type
    PurchasePrice:price PurchasePriceBasis=price_basis BuyersCurrency SellersCurrency ExchangeRate:number
    ExtendedItemTotal:money +Appearance Gender IndustryCode
Summary: TotalAmount:money TotalLineItemNumber:integer
"""

SHIPMENT = """
Shipment: Meta{} Header!{} (ContainerLevel[] OrderLevel[] PackLevel[] ItemLevel[]) Summary{}
Header: ShipmentHeader!{} Dates[] References[] Notes[] Contacts[] Address[] CarrierInformation[] QuantityAndWeight[]
    Commodity[] CarrierSpecialHandlingDetail[] Taxes[] ChargesAllowances[] FOBRelatedInstruction[] QuantityTotals[]
    RegulatoryCompliances[]
ShipmentHeader: TradingPartnerId!:text/15 ShipmentIdentification! ShipDate:date ShipmentTime:time
    TsetPurposeCode=purpose TsetTypeCode ShipNoticeDate:date ShipNoticeTime:time ASNStructureCode=structure
    BuyersCurrency SellersCurrency ExchangeRate:number StatusReasonCode BillOfLadingNumber CarrierProNumber
    AppointmentNumber PickupNumber RequestedPickupDate:date RequestedPickupTime:time ScheduledShipDate:date
    ScheduledShipTime:time CurrentScheduledDeliveryDate:date CurrentScheduledDeliveryTime:time
    CurrentScheduledShipDate:date CurrentScheduledShipTime:time DocumentVersion DocumentRevision
ContainerLevel: Container{} Dates[] References[] Notes[] QuantityAndWeight[] CarrierInformation[] Address[]
    RegulatoryCompliances[] (OrderLevel[] PackLevel[] ItemLevel[])
OrderLevel: OrderHeader{} QuantityAndWeight[] CarrierInformation[] Dates[] References[] Notes[] Address[] Taxes[]
    ChargesAllowances[] Commodity[] RegulatoryCompliances[] (PackLevel[] ItemLevel[] ContainerLevel[])
OrderHeader: InternalOrderNumber InternalOrderDate:date InvoiceNumber InvoiceDate:date PurchaseOrderNumber
    ReleaseNumber PurchaseOrderDate:date Department DepartmentDescription Vendor JobNumber Division
    CustomerAccountNumber CustomerOrderNumber DeliveryDate:date DeliveryTime:time
PackLevel: Pack{} PhysicalDetails[] MarksAndNumbersCollection[] PalletInformation[] Dates[] References[] Notes[]
    Address[] Taxes[] ChargesAllowances[] CarrierInformation[] Packaging[] RegulatoryCompliances[]
    (ItemLevel[] PackLevel[])
Pack: PackLevelType=pack_level ShippingSerialID CarrierPackageID
ItemLevel: ShipmentLine{} PhysicalDetails[] CarrierSpecialHandlingDetail[] CarrierInformation[] Measurements[]
    PriceInformation[] ProductOrItemDescription[] MasterItemAttribute[] Dates[] References[] Notes[] Commodity[]
    Address[] Subline[] Taxes[] ChargesAllowances[] ItemLoadInfo[] RegulatoryCompliances[]
ShipmentLine: +Item OrderQty:number OrderQtyUOM=unit PurchasePriceType=price_type PurchasePrice:price
    PurchasePriceBasis=price_basis ItemStatusCode=item_status ShipQty:number ShipQtyUOM=unit CumulativeQty:number
    CumulativeQtyUOM ShipDate:date ExtendedItemTotal:money +Appearance SellerDateCode NRFStandardColorAndSize{}
Summary: TotalOrders:integer TotalLineItemNumber:integer
"""

DOCUMENTS = {"Invoice": INVOICE, "Order": ORDER, "OrderAck": ORDER_ACKNOWLEDGEMENT, "Shipment": SHIPMENT}


@cache
def table(document: str) -> Group:
    """The table of `document`: Invoice, Order, OrderAck or Shipment."""
    return groups(SHARED, DOCUMENTS[document])[document]
