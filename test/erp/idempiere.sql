-- Tables of iDempiere (also ADempiere, metasfresh), as far as sales need them:
-- keys are numeric(10,0), flags char(1), states char(2); sales and purchases,
-- and all tenants, share a table.

CREATE SCHEMA adempiere;
SET search_path = adempiere;

CREATE TABLE c_doctype (
    c_doctype_id numeric(10,0) PRIMARY KEY,
    name varchar(60) NOT NULL,
    docbasetype char(3) NOT NULL,
    docsubtypeso char(2)
);

CREATE TABLE c_tax (
    c_tax_id numeric(10,0) PRIMARY KEY,
    name varchar(60) NOT NULL,
    rate numeric NOT NULL
);

CREATE TABLE c_order (
    c_order_id numeric(10,0) PRIMARY KEY,
    ad_client_id numeric(10,0) NOT NULL,
    ad_org_id numeric(10,0) NOT NULL,
    isactive char(1) NOT NULL DEFAULT 'Y',
    updated timestamp NOT NULL,
    issotrx char(1) NOT NULL DEFAULT 'Y',
    documentno varchar(30) NOT NULL,
    docstatus char(2) NOT NULL,
    c_doctypetarget_id numeric(10,0) NOT NULL,
    salesrep_id numeric(10,0),
    dateordered timestamp NOT NULL,
    c_bpartner_id numeric(10,0) NOT NULL,
    paymentrule char(2) NOT NULL DEFAULT 'P',
    istaxincluded char(1) NOT NULL DEFAULT 'N',
    totallines numeric NOT NULL DEFAULT 0,
    grandtotal numeric NOT NULL DEFAULT 0,
    freightamt numeric DEFAULT 0
);

CREATE TABLE c_orderline (
    c_orderline_id numeric(10,0) PRIMARY KEY,
    ad_client_id numeric(10,0) NOT NULL,
    c_order_id numeric(10,0) NOT NULL REFERENCES c_order,
    line numeric(10,0) NOT NULL,
    m_product_id numeric(10,0),
    c_charge_id numeric(10,0),
    isdescription char(1) NOT NULL DEFAULT 'N',
    qtyordered numeric NOT NULL DEFAULT 0,
    pricelist numeric NOT NULL DEFAULT 0,
    pricecost numeric DEFAULT 0,
    linenetamt numeric NOT NULL DEFAULT 0,
    c_tax_id numeric(10,0)
);
CREATE INDEX ON c_orderline (c_order_id);

CREATE TABLE c_invoice (
    c_invoice_id numeric(10,0) PRIMARY KEY,
    ad_client_id numeric(10,0) NOT NULL,
    issotrx char(1) NOT NULL,
    documentno varchar(30) NOT NULL,
    docstatus char(2) NOT NULL,
    dateinvoiced timestamp NOT NULL,
    salesrep_id numeric(10,0),
    c_bpartner_id numeric(10,0) NOT NULL,
    c_order_id numeric(10,0) REFERENCES c_order,
    totallines numeric NOT NULL,
    grandtotal numeric NOT NULL,
    c_doctype_id numeric(10,0) NOT NULL,
    reversal_id numeric(10,0)
);

INSERT INTO c_doctype VALUES (126, 'Purchase Order', 'POO', NULL), (127, 'Binding offer', 'SOO', 'OB'), (128, 'Non binding offer', 'SOO', 'ON'),
    (132, 'Standard Order', 'SOO', 'SO'), (116, 'AR Invoice', 'ARI', NULL), (118, 'AR Credit Memo', 'ARC', NULL), (123, 'AP Invoice', 'API', NULL);
INSERT INTO c_tax VALUES (104, 'none', 0), (105, 'standard', 21), (106, 'reduced', 6);

INSERT INTO c_order VALUES
    (1000001, 11, 11, 'Y', '2026-01-15', 'Y', '80001', 'CO', 132, 101, '2026-01-15', 112, 'P', 'N', 1000, 1210, 10),
    (1000002, 11, 11, 'Y', '2026-01-16', 'Y', '80002', 'VO', 132, 101, '2026-01-16', 112, 'P', 'N', 0, 0, 0),
    (1000003, 11, 12, 'Y', '2026-01-17', 'N', '90001', 'CO', 126, 101, '2026-01-17', 113, 'P', 'N', 700, 700, 0),
    (1000004, 12, 21, 'Y', '2026-01-18', 'Y', '80001', 'DR', 132, 102, '2026-01-18', 112, 'P', 'N', 50, 50, 0),
    (1000005, 12, 21, 'Y', '2026-01-19', 'Y', '80004', 'CO', 132, 101, '2026-01-19', 112, 'P', 'N', 75, 75, 0),
    (1000006, 11, 11, 'Y', '2026-01-20', 'Y', '80005', 'CL', 132, 102, '2026-01-31', 112, 'B', 'Y', 333, 333, 0),
    (1000007, 11, 12, 'Y', '2026-01-20', 'Y', '80006', 'CO', 128, 102, '2026-01-20', 113, 'P', 'N', 4000, 4840, 0),
    (1000010, 11, 12, 'Y', '2026-01-21', 'Y', '80007', 'IP', 132, NULL, '2026-01-21', 113, 'K', 'N', 20, 24.20, 0);
INSERT INTO c_orderline VALUES
    (1, 11, 1000001, 10, 124, NULL, 'N', 10, 110, 60, 1000, 105),
    (2, 11, 1000002, 10, 124, NULL, 'N', 0, 110, 60, 0, 105),
    (3, 11, 1000003, 10, 125, NULL, 'N', 7, 100, 0, 700, 104),
    (4, 12, 1000004, 10, 124, NULL, 'N', 1, 50, 30, 50, 104),
    (5, 12, 1000005, 10, 124, NULL, 'N', 1, 75, 30, 75, 104),
    (6, 11, 1000006, 10, 124, NULL, 'N', 2, 121, 60, 242, 105),
    (7, 11, 1000006, 20, 130, NULL, 'N', 1, 53, 33.3333, 53, 106),
    (8, 11, 1000006, 30, NULL, 100, 'N', 1, 38, NULL, 38, 105),
    (9, 11, 1000006, 40, NULL, NULL, 'Y', 5, 1, 1, 5, 104),
    (10, 11, 1000007, 10, 124, NULL, 'N', 40, 110, 60, 4000, 105),
    (11, 11, 1000010, 10, 130, NULL, 'N', 1, 20, 10, 20, 105);
INSERT INTO c_invoice VALUES
    (2000001, 11, 'Y', '70001', 'CO', '2026-02-01', 101, 112, 1000001, 1000, 1210, 116, NULL),
    (2000002, 11, 'Y', '70002', 'CO', '2026-02-02', 101, 112, 1000001, 200, 242, 118, NULL),
    (2000003, 11, 'N', '60001', 'CO', '2026-02-03', 101, 113, 1000003, 700, 700, 123, NULL),
    (2000004, 11, 'Y', '70003', 'CL', '2026-02-28', 102, 112, 1000006, 333, 333, 116, NULL);

ANALYZE c_doctype, c_tax, c_order, c_orderline, c_invoice;
