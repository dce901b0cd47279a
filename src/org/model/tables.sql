CREATE TABLE IF NOT EXISTS salesperf.customer (
    code text PRIMARY KEY,
    name text,
    sector text,
    region text,
    segment text
);
COMMENT ON TABLE salesperf.customer IS 'customers; one that is not listed counts by its code and has no attributes';
COMMENT ON COLUMN salesperf.customer.code IS 'key in the ERP, as text';
COMMENT ON COLUMN salesperf.customer.name IS 'what people call it';
COMMENT ON COLUMN salesperf.customer.sector IS 'line of business, for filter sectors';
COMMENT ON COLUMN salesperf.customer.region IS 'where it is, for filter regions';
COMMENT ON COLUMN salesperf.customer.segment IS 'class of customer, for filter segments';

CREATE TABLE IF NOT EXISTS salesperf.product_family (
    code text PRIMARY KEY,
    parent text
);
COMMENT ON TABLE salesperf.product_family IS 'tree of product families, optional: a filter by family takes in all below; no family is below itself';
COMMENT ON COLUMN salesperf.product_family.code IS 'the family, as in product.family';
COMMENT ON COLUMN salesperf.product_family.parent IS 'the family above; NULL: none';

CREATE TABLE IF NOT EXISTS salesperf.product (
    code text PRIMARY KEY,
    name text,
    brand text,
    family text
);
COMMENT ON TABLE salesperf.product IS 'products; one that is not listed counts by its code and has no attributes';
COMMENT ON COLUMN salesperf.product.code IS 'key in the ERP, as text';
COMMENT ON COLUMN salesperf.product.name IS 'what people call it';
COMMENT ON COLUMN salesperf.product.brand IS 'brand, for filter brands';
COMMENT ON COLUMN salesperf.product.family IS 'family, for filter families; may be one that product_family does not list';

CREATE TABLE IF NOT EXISTS salesperf.branch (
    code text PRIMARY KEY,
    name text
);
COMMENT ON TABLE salesperf.branch IS 'branches, warehouses or shops that sales are made from';
COMMENT ON COLUMN salesperf.branch.code IS 'key in the ERP, as text';
COMMENT ON COLUMN salesperf.branch.name IS 'what people call it';

DO $unit_kind$
BEGIN
    IF to_regclass('salesperf.unit_kind') IS NULL THEN
        CREATE TABLE salesperf.unit_kind (
            kind text PRIMARY KEY,
            description text
        );
    END IF;
    IF NOT EXISTS (SELECT FROM salesperf.unit_kind) THEN
        INSERT INTO salesperf.unit_kind (kind, description) VALUES
            ('company', 'a company of one''s own or a partner''s'),
            ('outlet', 'a point of sale'),
            ('office', 'an office for business customers'),
            ('team', 'a group of sellers'),
            ('region', 'units of an area');
    END IF;
END
$unit_kind$;
COMMENT ON TABLE salesperf.unit_kind IS 'kinds of units; more may be added';
COMMENT ON COLUMN salesperf.unit_kind.kind IS 'the kind, as in unit.kind';
COMMENT ON COLUMN salesperf.unit_kind.description IS 'what it stands for';

CREATE TABLE IF NOT EXISTS salesperf.unit (
    code text PRIMARY KEY,
    kind text NOT NULL,
    name text,
    short_name text,
    partner_type text,
    status text,
    active_from date,
    active_to date
);
ALTER TABLE salesperf.unit ADD COLUMN IF NOT EXISTS past_commissions text NOT NULL DEFAULT 'stay';
COMMENT ON TABLE salesperf.unit IS 'companies, outlets, offices, teams, regions';
COMMENT ON COLUMN salesperf.unit.code IS 'key in the ERP, as text';
COMMENT ON COLUMN salesperf.unit.kind IS 'kind of unit, of table unit_kind';
COMMENT ON COLUMN salesperf.unit.name IS 'full name';
COMMENT ON COLUMN salesperf.unit.short_name IS 'name for reports';
COMMENT ON COLUMN salesperf.unit.partner_type IS 'kind of partner, for filter partner_types of rules';
COMMENT ON COLUMN salesperf.unit.status IS 'state of the business, in one''s own words';
COMMENT ON COLUMN salesperf.unit.active_from IS 'first day of activity; NULL: open';
COMMENT ON COLUMN salesperf.unit.active_to IS 'last day of activity; NULL: open';
COMMENT ON COLUMN salesperf.unit.past_commissions IS 'of an outlet that moved to another company: stay, with the company as of the day of the contract; follow, go with it to the new one';

CREATE TABLE IF NOT EXISTS salesperf.unit_flag (
    unit text NOT NULL,
    flag text NOT NULL,
    valid_from date NOT NULL,
    valid_to date,
    PRIMARY KEY (unit, flag, valid_from)
);
COMMENT ON TABLE salesperf.unit_flag IS 'marks that a unit carries for a time; one flag''s times do not overlap';
COMMENT ON COLUMN salesperf.unit_flag.unit IS 'the unit';
COMMENT ON COLUMN salesperf.unit_flag.flag IS 'vip, test, at_risk or any other word';
COMMENT ON COLUMN salesperf.unit_flag.valid_from IS 'first day';
COMMENT ON COLUMN salesperf.unit_flag.valid_to IS 'last day; NULL: open';

CREATE TABLE IF NOT EXISTS salesperf.unit_parent (
    unit text NOT NULL,
    parent text NOT NULL,
    valid_from date NOT NULL,
    valid_to date,
    PRIMARY KEY (unit, valid_from)
);
COMMENT ON TABLE salesperf.unit_parent IS 'which unit is directly above a unit, and when: at most one a day, and no unit is below itself on any day';
COMMENT ON COLUMN salesperf.unit_parent.unit IS 'the unit below';
COMMENT ON COLUMN salesperf.unit_parent.parent IS 'the unit above';
COMMENT ON COLUMN salesperf.unit_parent.valid_from IS 'first day';
COMMENT ON COLUMN salesperf.unit_parent.valid_to IS 'last day; NULL: open';

CREATE TABLE IF NOT EXISTS salesperf.seller (
    code text PRIMARY KEY,
    name text,
    kind text,
    partner_type text,
    authorised_from date,
    authorised_to date,
    login text
);
COMMENT ON TABLE salesperf.seller IS 'people, or partners, who sell; one that is not listed counts by its code and has no attributes';
COMMENT ON COLUMN salesperf.seller.code IS 'key in the ERP, as text';
COMMENT ON COLUMN salesperf.seller.name IS 'what people call them';
COMMENT ON COLUMN salesperf.seller.kind IS 'kind of seller, in one''s own words: employee, adviser';
COMMENT ON COLUMN salesperf.seller.partner_type IS 'kind of partner, for filter partner_types of rules';
COMMENT ON COLUMN salesperf.seller.authorised_from IS 'first day of authorisation; NULL: open';
COMMENT ON COLUMN salesperf.seller.authorised_to IS 'last day of authorisation; NULL: open';
COMMENT ON COLUMN salesperf.seller.login IS 'database role that the seller logs in as; NULL: none';

CREATE TABLE IF NOT EXISTS salesperf.unit_partner_type (
    unit text NOT NULL,
    partner_type text NOT NULL,
    valid_from date NOT NULL,
    valid_to date,
    PRIMARY KEY (unit, valid_from)
);
COMMENT ON TABLE salesperf.unit_partner_type IS 'which kind of partner a unit was, and when; on other days it is that of table unit';
COMMENT ON COLUMN salesperf.unit_partner_type.unit IS 'the unit';
COMMENT ON COLUMN salesperf.unit_partner_type.partner_type IS 'kind of partner';
COMMENT ON COLUMN salesperf.unit_partner_type.valid_from IS 'first day';
COMMENT ON COLUMN salesperf.unit_partner_type.valid_to IS 'last day; NULL: open';

CREATE TABLE IF NOT EXISTS salesperf.seller_partner_type (
    seller text NOT NULL,
    partner_type text NOT NULL,
    valid_from date NOT NULL,
    valid_to date,
    PRIMARY KEY (seller, valid_from)
);
COMMENT ON TABLE salesperf.seller_partner_type IS 'which kind of partner a seller was, and when; on other days it is that of table seller';
COMMENT ON COLUMN salesperf.seller_partner_type.seller IS 'the seller';
COMMENT ON COLUMN salesperf.seller_partner_type.partner_type IS 'kind of partner';
COMMENT ON COLUMN salesperf.seller_partner_type.valid_from IS 'first day';
COMMENT ON COLUMN salesperf.seller_partner_type.valid_to IS 'last day; NULL: open';

CREATE TABLE IF NOT EXISTS salesperf.seller_unit (
    seller text NOT NULL,
    unit text NOT NULL,
    valid_from date NOT NULL,
    valid_to date,
    PRIMARY KEY (seller, valid_from)
);
COMMENT ON TABLE salesperf.seller_unit IS 'which unit a seller belongs to, and when: at most one a day';
COMMENT ON COLUMN salesperf.seller_unit.seller IS 'the seller';
COMMENT ON COLUMN salesperf.seller_unit.unit IS 'the unit';
COMMENT ON COLUMN salesperf.seller_unit.valid_from IS 'first day';
COMMENT ON COLUMN salesperf.seller_unit.valid_to IS 'last day; NULL: open';

CREATE TABLE IF NOT EXISTS salesperf.unit_manager (
    unit text NOT NULL,
    seller text NOT NULL,
    valid_from date NOT NULL,
    valid_to date,
    PRIMARY KEY (unit, seller, valid_from)
);
COMMENT ON TABLE salesperf.unit_manager IS 'who manages a unit, and when; a unit may have several managers';
COMMENT ON COLUMN salesperf.unit_manager.unit IS 'the unit';
COMMENT ON COLUMN salesperf.unit_manager.seller IS 'the manager, a seller';
COMMENT ON COLUMN salesperf.unit_manager.valid_from IS 'first day';
COMMENT ON COLUMN salesperf.unit_manager.valid_to IS 'last day; NULL: open';

-- ISO 4217, as far as a currency's minor unit is in use.
DO $currency$
BEGIN
    IF to_regclass('salesperf.currency') IS NULL THEN
        CREATE TABLE salesperf.currency (
            code text PRIMARY KEY,
            minor_unit integer NOT NULL
        );
    END IF;
    IF NOT EXISTS (SELECT FROM salesperf.currency) THEN
        INSERT INTO salesperf.currency (code, minor_unit)
        SELECT c.code, 2
        FROM unnest(string_to_array(
            'AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CNY '
            'COP CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR '
            'ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK '
            'MXN MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP '
            'SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD UYU UZS VES WST XCD YER ZAR ZMW',
            ' ')) AS c (code);
        INSERT INTO salesperf.currency (code, minor_unit) VALUES
            ('BIF', 0), ('CLP', 0), ('DJF', 0), ('GNF', 0), ('ISK', 0), ('JPY', 0), ('KMF', 0), ('KRW', 0),
            ('PYG', 0), ('RWF', 0), ('UGX', 0), ('VND', 0), ('VUV', 0), ('XAF', 0), ('XOF', 0), ('XPF', 0),
            ('BHD', 3), ('IQD', 3), ('JOD', 3), ('KWD', 3), ('LYD', 3), ('OMR', 3), ('TND', 3);
    END IF;
END
$currency$;
COMMENT ON TABLE salesperf.currency IS 'currencies and the decimals that money in them is posted with';
COMMENT ON COLUMN salesperf.currency.code IS 'ISO 4217 code';
COMMENT ON COLUMN salesperf.currency.minor_unit IS 'decimals of a posted amount: JPY 0, EUR 2, TND 3';

CREATE TABLE IF NOT EXISTS salesperf.exchange_rate (
    currency text NOT NULL,
    valid_from date NOT NULL,
    rate numeric NOT NULL,
    PRIMARY KEY (currency, valid_from)
);
COMMENT ON TABLE salesperf.exchange_rate IS 'what a currency is worth, from a day to the next rate''s day';
COMMENT ON COLUMN salesperf.exchange_rate.currency IS 'the currency, of table currency';
COMMENT ON COLUMN salesperf.exchange_rate.valid_from IS 'first day';
COMMENT ON COLUMN salesperf.exchange_rate.rate IS 'units of the reporting currency for one unit of this currency';

CREATE TABLE IF NOT EXISTS salesperf.closed_day (
    closed_on date NOT NULL,
    region text NOT NULL DEFAULT '',
    reason text,
    PRIMARY KEY (closed_on, region)
);
COMMENT ON TABLE salesperf.closed_day IS 'days on which nothing is sold, past and to come: holidays, week-ends; projections leave them out';
COMMENT ON COLUMN salesperf.closed_day.closed_on IS 'the day';
COMMENT ON COLUMN salesperf.closed_day.region IS 'where: as in customer.region; empty: everywhere';
COMMENT ON COLUMN salesperf.closed_day.reason IS 'what people call it';
