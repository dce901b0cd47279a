-- Tables of ERPNext (on PostgreSQL), as far as sales need them: a table's name
-- has capitals and spaces, keys are names, a child table serves several kinds
-- of documents and is linked by (parenttype, parent) without a foreign key.

CREATE SCHEMA erpnext;
SET search_path = erpnext;

CREATE TABLE "tabSales Order" (
    name varchar(140) PRIMARY KEY,
    creation timestamp(6),
    modified timestamp(6),
    docstatus smallint NOT NULL DEFAULT 0,
    customer varchar(140),
    transaction_date date,
    currency varchar(140),
    conversion_rate numeric(21,9),
    base_net_total numeric(21,9),
    net_total numeric(21,9),
    status varchar(140),
    amended_from varchar(140),
    territory varchar(140),
    sales_partner varchar(140)
);

CREATE TABLE "tabSales Order Item" (
    name varchar(140) PRIMARY KEY,
    parent varchar(140),
    parenttype varchar(140),
    idx bigint NOT NULL DEFAULT 0,
    docstatus smallint NOT NULL DEFAULT 0,
    item_code varchar(140),
    qty numeric(21,9),
    amount numeric(21,9),
    net_amount numeric(21,9),
    base_net_amount numeric(21,9),
    valuation_rate numeric(21,9)
);
CREATE INDEX ON "tabSales Order Item" (parent);

CREATE TABLE "tabSales Team" (
    name varchar(140) PRIMARY KEY,
    parent varchar(140),
    parenttype varchar(140),
    idx bigint NOT NULL DEFAULT 0,
    sales_person varchar(140),
    allocated_percentage numeric(21,9),
    allocated_amount numeric(21,9)
);
CREATE INDEX ON "tabSales Team" (parent);

CREATE TABLE "tabSales Invoice" (
    name varchar(140) PRIMARY KEY,
    docstatus smallint NOT NULL DEFAULT 0,
    is_return smallint NOT NULL DEFAULT 0,
    customer varchar(140),
    posting_date date
);

CREATE TABLE "tabSales Invoice Item" (
    name varchar(140) PRIMARY KEY,
    parent varchar(140),
    item_code varchar(140),
    qty numeric(21,9),
    base_net_amount numeric(21,9),
    sales_order varchar(140)
);
CREATE INDEX ON "tabSales Invoice Item" (parent);

INSERT INTO "tabSales Order" VALUES
    ('SAL-ORD-2026-00001', '2026-02-01', '2026-02-01', 1, 'Cust', '2026-02-01', 'USD', 0.92, 920, 1000, 'To Deliver and Bill', NULL, 'EU', 'Partner'),
    ('SAL-ORD-2026-00002', '2026-02-02', '2026-02-03', 2, 'Cust', '2026-02-02', 'USD', 0.92, 92, 100, 'Cancelled', NULL, 'EU', NULL),
    ('SAL-ORD-2026-00002-1', '2026-02-03', '2026-02-03', 1, 'Cust', '2026-02-02', 'USD', 0.92, 184, 200, 'To Bill', 'SAL-ORD-2026-00002', 'EU', NULL),
    ('SAL-ORD-2026-00003', '2026-02-04', '2026-02-04', 1, 'O''Neill & "Sons"', '2026-02-28', 'EUR', 1, 333.333333333, 333.333333333, 'Completed', NULL, NULL, NULL),
    ('SAL-ORD-2026-00004', '2026-02-05', '2026-02-05', 0, 'Cust', '2026-03-01', 'EUR', 1, 50, 50, 'Draft', NULL, 'EU', NULL),
    ('SAL-ORD-2026-00005', '2026-02-06', '2026-02-06', 1, 'Cust', '2026-02-06', 'JPY', 0.005912345, 591.2345, 100000, 'Closed', NULL, 'APAC', NULL),
    ('SAL-ORD-2026-00006', '2026-02-07', '2026-02-07', 1, 'Cust', '2026-02-07', 'EUR', 1, 600, 600, NULL, NULL, 'EU', 'Partner');
INSERT INTO "tabSales Order Item" VALUES
    ('i1', 'SAL-ORD-2026-00001', 'Sales Order', 1, 1, 'Desk', 8, 800, 800, 736, 55.5),
    ('i2', 'SAL-ORD-2026-00001', 'Sales Order', 2, 1, 'Lamp', 2, 210, 200, 184, 41.123456789),
    ('i3', 'SAL-ORD-2026-00002', 'Sales Order', 1, 2, 'Desk', 1, 100, 100, 92, 55.5),
    ('i4', 'SAL-ORD-2026-00002-1', 'Sales Order', 1, 1, 'Desk', 2, 200, 200, 184, 55.5),
    ('i5', 'SAL-ORD-2026-00003', 'Sales Order', 1, 1, 'Lamp', 3.333333333, 350, 333.333333333, 333.333333333, NULL),
    ('i6', 'SAL-ORD-2026-00004', 'Sales Order', 1, 0, 'Lamp', 1, 50, 50, 50, 41),
    ('i7', 'SAL-ORD-2026-00005', 'Sales Order', 1, 1, 'Desk', 1, 100000, 100000, 591.2345, 55.5),
    ('i8', 'SAL-ORD-2026-00006', 'Sales Order', 1, 1, 'Desk', 6, 600, 600, 600, 0);
INSERT INTO "tabSales Team" VALUES
    ('x1', 'SAL-ORD-2026-00001', 'Sales Order', 1, 'Ann', 60, 552),
    ('x2', 'SAL-ORD-2026-00001', 'Sales Order', 2, 'Bob', 40, 368),
    ('x3', 'SAL-ORD-2026-00001', 'Sales Invoice', 1, 'Cyd', 100, 920),
    ('x4', 'SAL-ORD-2026-00002', 'Sales Order', 1, 'Ann', 100, 92),
    ('x5', 'SAL-ORD-2026-00002-1', 'Sales Order', 1, 'Ann', 100, 184),
    ('x6', 'SAL-ORD-2026-00003', 'Sales Order', 1, 'Ann', 33.333333333, 111.111111110),
    ('x7', 'SAL-ORD-2026-00003', 'Sales Order', 2, 'Bob', 56.666666667, 188.888888890),
    ('x8', 'SAL-ORD-2026-00004', 'Sales Order', 1, 'Bob', 100, 50),
    ('x9', 'SAL-ORD-2026-00006', 'Sales Order', 1, 'Ann', 80, 480),
    ('x10', 'SAL-ORD-2026-00006', 'Sales Order', 2, 'Bob', 40, 240),
    ('x11', 'DN-2026-00001', 'Delivery Note', 1, 'Bob', 100, 5000);
INSERT INTO "tabSales Invoice" VALUES ('ACC-SINV-2026-00001', 1, 0, 'Cust', '2026-02-15'), ('ACC-SINV-2026-00002', 0, 1, 'Cust', '2026-02-20');
INSERT INTO "tabSales Invoice Item" VALUES ('v1', 'ACC-SINV-2026-00001', 'Desk', 8, 736, 'SAL-ORD-2026-00001'), ('v2', 'ACC-SINV-2026-00002', 'Desk', -1, -92, 'SAL-ORD-2026-00001');

ANALYZE "tabSales Order", "tabSales Order Item", "tabSales Team", "tabSales Invoice", "tabSales Invoice Item";
