-- Tables of Tryton 5 to 7 (sale, commission), as far as sales need them: a line
-- has no stored amount, its quantity is double precision, the header's amounts
-- are caches that are empty until the sale is confirmed.

CREATE SCHEMA tryton;
SET search_path = tryton;

CREATE TABLE currency_currency (
    id serial PRIMARY KEY,
    code varchar NOT NULL UNIQUE,
    digits int NOT NULL
);

CREATE TABLE company_company (
    id serial PRIMARY KEY,
    currency int NOT NULL REFERENCES currency_currency,
    timezone varchar
);

CREATE TABLE party_party (
    id serial PRIMARY KEY,
    name varchar,
    active boolean DEFAULT true
);

CREATE TABLE company_employee (
    id serial PRIMARY KEY,
    party int NOT NULL REFERENCES party_party
);

CREATE TABLE commission_agent (
    id serial PRIMARY KEY,
    party int NOT NULL REFERENCES party_party,
    type_ varchar NOT NULL
);

CREATE TABLE sale_sale (
    id serial PRIMARY KEY,
    company int NOT NULL REFERENCES company_company,
    number varchar,
    sale_date date,
    party int NOT NULL REFERENCES party_party,
    currency int NOT NULL REFERENCES currency_currency,
    state varchar NOT NULL,
    untaxed_amount_cache numeric,
    total_amount_cache numeric,
    agent int REFERENCES commission_agent,
    confirmed_by int REFERENCES company_employee
);

CREATE TABLE sale_line (
    id serial PRIMARY KEY,
    sale int NOT NULL REFERENCES sale_sale ON DELETE CASCADE,
    sequence int,
    type varchar NOT NULL,
    quantity double precision,
    unit_price numeric,
    base_price numeric,
    product int,
    description text
);
CREATE INDEX ON sale_line (sale);

CREATE TABLE commission (
    id serial PRIMARY KEY,
    origin varchar,
    date date,
    agent int NOT NULL REFERENCES commission_agent,
    amount numeric NOT NULL
);
CREATE INDEX ON commission (split_part(origin, ',', 2));

INSERT INTO currency_currency VALUES (1, 'EUR', 2), (2, 'USD', 2);
INSERT INTO company_company VALUES (1, 1, 'Europe/Brussels');
INSERT INTO party_party VALUES (1, 'Company'), (2, 'Cust'), (3, 'Agent'), (4, 'Employee'), (5, 'Other');
INSERT INTO company_employee VALUES (1, 4);
INSERT INTO commission_agent VALUES (1, 3, 'agent');

INSERT INTO sale_sale VALUES
    (1, 1, '2026-0001', '2026-02-10', 2, 1, 'processing', 250.00, 302.50, 1, 1),
    (2, 1, NULL, NULL, 2, 1, 'draft', NULL, NULL, 1, NULL),
    (3, 1, '2026-0002', '2026-02-11', 5, 1, 'done', 12.92, 15.63, NULL, 1),
    (4, 1, '2026-0003', '2026-02-12', 5, 1, 'quotation', NULL, NULL, 1, NULL),
    (5, 1, '2026-0004', '2026-02-13', 2, 1, 'confirmed', -50.00, -60.50, 1, NULL),
    (6, 1, '2026-0005', '2026-02-14', 2, 1, 'cancelled', 70.00, 84.70, 1, NULL);
INSERT INTO sale_line VALUES
    (1, 1, 1, 'title', NULL, NULL, NULL, NULL, 'Block'),
    (2, 1, 2, 'line', 2.5, 100.0000, 110, 7, 'Oak'),
    (3, 1, 3, 'subtotal', NULL, NULL, NULL, NULL, 'sub'),
    (4, 2, 1, 'line', 1, 100.0000, 100, 7, 'Oak'),
    (5, 3, 1, 'line', 0.1, 33.3500, NULL, 8, 'Nails'),
    (6, 3, 2, 'line', 0.3, 31.8333, NULL, 8, 'Nails'),
    (7, 3, 3, 'line', 0.005, 5, NULL, NULL, 'Freight'),
    (8, 3, 4, 'comment', 99, 99, NULL, 7, 'a comment that was a line once'),
    (9, 4, 1, 'line', 3, 10, 10, 8, 'Nails'),
    (10, 5, 1, 'line', -0.5, 100, 100, 7, 'Oak, returned'),
    (11, 6, 1, 'line', 7, 10, 10, 8, 'Nails');
SELECT setval('sale_sale_id_seq', 100), setval('sale_line_id_seq', 100) \g /dev/null
INSERT INTO commission VALUES
    (1, 'account.invoice.line,12', '2026-02-28', 1, 25.00),
    (2, 'account.invoice.line,13', NULL, 1, 3.3333),
    (3, 'sale.sale,12', '2026-02-28', 1, 1000);

ANALYZE currency_currency, company_company, party_party, company_employee, commission_agent, sale_sale, sale_line, commission;
