-- Tables of Odoo 17 and 18 (sale, account), as far as sales need them: integer
-- keys, a datetime is a timestamp without zone in UTC, translated texts and
-- costs by company are jsonb, a float without digits is double precision.

CREATE SCHEMA odoo;
SET search_path = odoo;

CREATE TABLE res_partner (
    id serial PRIMARY KEY,
    name varchar,
    tz varchar,
    active boolean DEFAULT true
);

CREATE TABLE res_currency (
    id serial PRIMARY KEY,
    name varchar NOT NULL UNIQUE,
    rounding numeric
);

CREATE TABLE res_company (
    id serial PRIMARY KEY,
    name varchar NOT NULL,
    partner_id int NOT NULL REFERENCES res_partner,
    currency_id int NOT NULL REFERENCES res_currency
);
CREATE INDEX ON res_company (partner_id);

CREATE TABLE res_users (
    id serial PRIMARY KEY,
    login varchar NOT NULL UNIQUE,
    active boolean DEFAULT true
);

CREATE TABLE crm_team (
    id serial PRIMARY KEY,
    name jsonb NOT NULL
);

CREATE TABLE uom_uom (
    id serial PRIMARY KEY,
    name jsonb NOT NULL,
    factor numeric NOT NULL
);

CREATE TABLE product_product (
    id serial PRIMARY KEY,
    default_code varchar,
    standard_price jsonb
);

CREATE TABLE sale_order (
    id serial PRIMARY KEY,
    name varchar NOT NULL,
    company_id int NOT NULL REFERENCES res_company,
    partner_id int NOT NULL REFERENCES res_partner,
    state varchar,
    date_order timestamp NOT NULL,
    currency_id int REFERENCES res_currency,
    currency_rate numeric,
    user_id int REFERENCES res_users,
    team_id int REFERENCES crm_team,
    amount_untaxed numeric,
    write_date timestamp
);

CREATE TABLE sale_order_line (
    id serial PRIMARY KEY,
    order_id int NOT NULL REFERENCES sale_order ON DELETE CASCADE,
    order_partner_id int,
    salesman_id int,
    state varchar,
    display_type varchar,
    is_downpayment boolean,
    product_id int REFERENCES product_product,
    name text NOT NULL,
    product_uom_qty numeric NOT NULL,
    product_uom int REFERENCES uom_uom,
    price_unit numeric NOT NULL,
    discount numeric,
    price_subtotal numeric,
    price_tax double precision,
    create_date timestamp
);
CREATE INDEX ON sale_order_line (order_id);
CREATE INDEX ON sale_order_line (product_id);
CREATE INDEX ON sale_order (company_id);

CREATE TABLE account_move (
    id serial PRIMARY KEY,
    name varchar,
    move_type varchar NOT NULL,
    state varchar NOT NULL,
    invoice_date date,
    date date NOT NULL,
    partner_id int,
    invoice_user_id int,
    invoice_origin varchar,
    amount_untaxed numeric,
    amount_untaxed_signed numeric,
    reversed_entry_id int REFERENCES account_move
);

CREATE TABLE account_move_line (
    id serial PRIMARY KEY,
    move_id int NOT NULL REFERENCES account_move ON DELETE CASCADE,
    display_type varchar NOT NULL,
    is_downpayment boolean,
    product_id int REFERENCES product_product,
    quantity numeric,
    price_subtotal numeric
);
CREATE INDEX ON account_move_line (move_id);

INSERT INTO res_partner (id, name, tz) VALUES (1, 'A BV', 'Europe/Brussels'), (2, 'B Inc', 'America/New_York'), (10, 'Cust', NULL), (11, 'Other', NULL);
INSERT INTO res_currency VALUES (1, 'EUR', 0.01), (2, 'USD', 0.01);
INSERT INTO res_company VALUES (1, 'A BV', 1, 1), (2, 'B Inc', 2, 2);
INSERT INTO res_users VALUES (2, 'ann', true), (5, 'bob', true);
INSERT INTO crm_team VALUES (1, '{"en_US": "Europe", "nl_BE": "Europa"}');
INSERT INTO uom_uom VALUES (1, '{"en_US": "Units"}', 1), (2, '{"en_US": "Dozens"}', 0.083333333333);
INSERT INTO product_product VALUES (1, 'DESK', '{"1": 60, "2": 70.25}'), (2, 'CHAIR', '{"1": 20.5}'), (3, 'DEPOSIT', NULL);

INSERT INTO sale_order (id, name, company_id, partner_id, state, date_order, currency_id, currency_rate, user_id, team_id, amount_untaxed) VALUES
    (1, 'S00001', 1, 10, 'sale', '2026-03-31 22:30:00', 1, 1, 2, 1, 180),
    (2, 'S00002', 1, 10, 'draft', '2026-03-20 09:00:00', 1, 1, 2, 1, 90),
    (3, 'S00003', 2, 10, 'cancel', '2026-04-03 09:00:00', 2, 1.08, 5, 1, 500),
    (4, 'S00004', 1, 11, 'done', '2026-03-31 21:59:59', 1, 1, 2, 1, 1060.10),
    (5, 'S00005', 1, 10, 'sale', '2026-12-31 23:30:00', 1, 1, 5, 1, 100.10),
    (6, 'S00006', 2, 11, 'sale', '2026-04-01 03:30:00', 2, 1.08, 5, 1, 540),
    (7, 'S00007', 1, 11, 'sent', '2026-04-05 09:00:00', 1, 1, 5, 1, 70),
    (8, 'S00008', 1, 10, 'sale', '2026-10-25 00:30:00', 1, 1, NULL, NULL, 99.99);
INSERT INTO sale_order_line (id, order_id, order_partner_id, salesman_id, state, display_type, is_downpayment, product_id, name, product_uom_qty, product_uom, price_unit, discount, price_subtotal, price_tax, create_date) VALUES
    (1, 1, 10, 2, 'sale', NULL, false, 1, 'Desk', 2, 1, 100, 10, 180, 37.8, '2026-03-31 22:20:00'),
    (2, 1, 10, 2, 'sale', 'line_note', false, NULL, 'note', 0, NULL, 0, 0, 0, 0, '2026-03-31 22:21:00'),
    (3, 2, 10, 2, 'draft', NULL, false, 1, 'Desk', 1, 1, 100, 10, 90, 18.9, '2026-03-20 09:00:00'),
    (4, 3, 10, 5, 'cancel', NULL, false, 1, 'Desk', 5, 1, 100, 0, 500, 0, '2026-04-03 09:00:00'),
    (5, 4, 11, 2, 'done', NULL, false, 2, 'Chairs', 2, 2, 480, 0, 960, 201.6, '2026-03-30 10:00:00'),
    (6, 4, 11, 2, 'done', NULL, false, 1, 'Desk', 1, 1, 100.10, NULL, 100.10, 21.021, '2026-03-30 10:00:01'),
    (7, 4, 11, 2, 'done', NULL, true, 3, 'Down payment', 0, NULL, 300, 0, 0, 0, '2026-03-30 10:00:02'),
    (8, 5, 10, 5, 'sale', NULL, false, 1, 'Desk', 1, 1, 100.10, 0, 100.10, 0.1, '2026-12-31 23:30:00'),
    (9, 6, 11, 5, 'sale', NULL, false, 1, 'Desk', 5, 1, 120, 10, 540, NULL, '2026-04-01 03:30:00'),
    (10, 7, 11, 5, 'sent', NULL, false, 1, 'Desk', 1, 1, 70, 0, 70, 14.7, '2026-04-05 09:00:00'),
    (11, 8, 10, NULL, 'sale', NULL, false, 2, 'Chairs', 3, 1, 33.33, 0, 99.99, 0.2, '2026-10-24 22:30:00'),
    (12, 8, 10, NULL, 'sale', 'line_section', false, NULL, 'section with an amount left by an import', 7, NULL, 5, 0, 35, 0.3, '2026-10-24 22:30:00');
SELECT setval('sale_order_id_seq', 100), setval('sale_order_line_id_seq', 100) \g /dev/null

-- A down payment of 300, its final invoice, where it is negative, and a refund.
INSERT INTO account_move VALUES
    (1, 'INV/2026/00001', 'out_invoice', 'posted', '2026-03-30', '2026-03-30', 11, 2, 'S00004', 300, 300, NULL),
    (2, 'INV/2026/00002', 'out_invoice', 'posted', '2026-04-10', '2026-04-10', 11, 2, 'S00004', 760.10, 760.10, NULL),
    (3, 'RINV/2026/00001', 'out_refund', 'posted', '2026-04-20', '2026-04-20', 11, 2, 'S00004', 480, -480, 2),
    (4, '/', 'out_refund', 'draft', NULL, '2026-04-21', 11, 2, 'S00004', 100.10, -100.10, 2),
    (5, '/', 'out_invoice', 'draft', NULL, '2026-04-22', 10, 2, 'S00001', 180, 180, NULL),
    (6, 'BILL/2026/00001', 'in_invoice', 'posted', '2026-04-22', '2026-04-22', 10, NULL, NULL, 1000, -1000, NULL);
INSERT INTO account_move_line VALUES
    (1, 1, 'product', true, 3, 1, 300), (2, 1, 'tax', false, NULL, NULL, 63), (3, 1, 'payment_term', false, NULL, NULL, NULL),
    (4, 2, 'product', false, 2, 2, 960), (5, 2, 'product', false, 1, 1, 100.10), (6, 2, 'product', true, 3, -1, -300), (7, 2, 'tax', false, NULL, NULL, 159.621),
    (8, 3, 'product', false, 2, 1, 480), (9, 4, 'product', false, 1, 1, 100.10), (10, 5, 'product', false, 1, 2, 180), (11, 6, 'product', false, 1, 10, 1000);

ANALYZE res_partner, res_currency, res_company, res_users, crm_team, uom_uom, product_product, sale_order, sale_order_line, account_move, account_move_line;
