-- check_agreement(): every finding, and what is none.
SET client_min_messages = warning;
SET datestyle = ISO;
CREATE SCHEMA chk;
CREATE TABLE chk.sale (doc text PRIMARY KEY, day date, cust text, item text, net numeric);
SELECT salesperf.attach_source('chk', 'chk.sale', document => 'l.doc', sold_on => 'l.day', customer => 'l.cust', product => 'l.item', net => 'l.net');
INSERT INTO chk.sale VALUES ('A', '2020-05-05', 'chk1', 'chkp1', 700), ('B', '2021-05-05', 'chk1', 'chkp1', 800), ('C', '2021-06-06', 'chk3', 'chkp9', 10);
INSERT INTO salesperf.customer (code, sector) VALUES ('chk1', 'food'), ('chk2', NULL);
INSERT INTO salesperf.product (code, brand, family) VALUES ('chkp1', 'acme', 'saw'), ('chkp2', 'bolt', 'drill');
CREATE FUNCTION chk.enter(id bigint, tiers text, customers text[] DEFAULT '{chk1}', ends_on date DEFAULT '2021-12-31')
RETURNS void LANGUAGE sql AS $$
    INSERT INTO salesperf.agreement (agreement_id, description, metric, starts_on, ends_on, tiers) VALUES (id, 'no ' || id, 'net', '2021-01-01', ends_on, tiers);
    INSERT INTO salesperf.agreement_customer SELECT id, unnest(customers);
$$;
CREATE FUNCTION chk.look(id bigint) RETURNS SETOF text LANGUAGE sql AS $$
    SELECT severity || ': ' || finding || ' / ' || hint FROM salesperf.check_agreement(id)
    WHERE finding <> 'its period is over' ORDER BY severity DESC, finding COLLATE "C"
$$;
SELECT FROM chk.enter(970001, '0: 5%, 5000: 8%');
-- Nothing but that it is over.
SELECT * FROM salesperf.check_agreement(970001);

-- Nobody, nothing, nowhere.
SELECT FROM chk.enter(970002, '0: 5%', '{}');
UPDATE salesperf.agreement SET brands = '{}' WHERE agreement_id = 970002;
SELECT chk.look(970002);
UPDATE salesperf.agreement SET brands = '{acme,bolt}', exclude_brands = '{bolt,acme,x}' WHERE agreement_id = 970002;
INSERT INTO salesperf.agreement_customer VALUES (970002, 'chk2');
SELECT chk.look(970002);
-- Something is left, and overlaps 970001 no more than this customer does.
UPDATE salesperf.agreement SET exclude_brands = '{bolt}', exclude_customers = '{chk1,chk2}' WHERE agreement_id = 970002;
SELECT chk.look(970002);

-- Codes that no table lists: one was sold to, one was not.
SELECT FROM chk.enter(970003, '0: 5%', '{chk1,chk3,chk4}');
UPDATE salesperf.agreement SET products = '{chkp1,chkp8,chkp9}', sectors = '{food,fod}', families = '{saw,sow}', sources = '{chk,order,ordre}', starts_on = '2021-02-01', ends_on = '2021-11-30' WHERE agreement_id = 970003;
SELECT chk.look(970003);
DELETE FROM salesperf.agreement WHERE agreement_id = 970003;

-- Tiers.
SELECT FROM chk.enter(970004, '0: 5%, 1000: 100, 2000: 6%, 3000: 4%', '{chk2}');
SELECT chk.look(970004);
UPDATE salesperf.agreement SET tiers = 'graduated; 0: 5%, 1000: 1%' WHERE agreement_id = 970004;
SELECT chk.look(970004);
UPDATE salesperf.agreement SET tiers = 'interpolated; 0: 5%, 1000: 1%' WHERE agreement_id = 970004;
SELECT chk.look(970004);
UPDATE salesperf.agreement SET tiers = '0: 0%, 1000: 0' WHERE agreement_id = 970004;
SELECT chk.look(970004);
UPDATE salesperf.agreement SET tiers = '5000: 5%', objective = 4000 WHERE agreement_id = 970004;
SELECT chk.look(970004);
UPDATE salesperf.agreement SET tiers = '1000: 5%, 5000: 6%', tier_on = 'objective_percent' WHERE agreement_id = 970004;
SELECT chk.look(970004);
UPDATE salesperf.agreement SET tiers = '90: 5%, 100: 6%, >120: 5%' WHERE agreement_id = 970004;
SELECT chk.look(970004);
-- Percents and amounts compare by what the objective is worth: 100 % is 4000.
UPDATE salesperf.agreement SET tiers = '80: 150, 100: 5%' WHERE agreement_id = 970004;
SELECT chk.look(970004);
UPDATE salesperf.agreement SET tiers = '80: 201, 100: 5%' WHERE agreement_id = 970004;
SELECT chk.look(970004);
UPDATE salesperf.agreement SET metric = 'quantity', tiers = '5: 5%', tier_on = 'amount', objective = NULL WHERE agreement_id = 970004;
SELECT chk.look(970004);
UPDATE salesperf.agreement SET base = 'net' WHERE agreement_id = 970004;
SELECT chk.look(970004);
UPDATE salesperf.agreement SET base = NULL, tiers = '5: 50' WHERE agreement_id = 970004;
SELECT chk.look(970004);
-- Out of reach: 700 were sold in the year before.
SELECT FROM chk.enter(970005, '0: 5%, 7000: 8%');
UPDATE salesperf.agreement SET state = 'draft' WHERE agreement_id IN (970001, 970004);
SELECT chk.look(970005);
UPDATE salesperf.agreement SET tiers = '0: 5%, 7000.01: 8%' WHERE agreement_id = 970005;
SELECT chk.look(970005);

-- Overlaps: with an active one, the same customer, days and metric in common.
SELECT chk.look(970001);
UPDATE salesperf.agreement SET metric = 'gross' WHERE agreement_id = 970005;
SELECT chk.look(970001);
UPDATE salesperf.agreement SET metric = 'net', starts_on = '2021-12-31' WHERE agreement_id = 970005;
SELECT chk.look(970001);
UPDATE salesperf.agreement SET starts_on = '2022-01-01', ends_on = '2022-01-01' WHERE agreement_id = 970005;
SELECT chk.look(970001);
UPDATE salesperf.agreement SET starts_on = '2021-01-01', brands = '{acme}' WHERE agreement_id = 970005;
UPDATE salesperf.agreement SET brands = '{bolt}' WHERE agreement_id = 970001;
SELECT chk.look(970001) AS other_brands;
UPDATE salesperf.agreement SET brands = '{bolt,acme}' WHERE agreement_id = 970001;
SELECT chk.look(970001) AS a_brand_in_common;
UPDATE salesperf.agreement SET brands = NULL, exclude_brands = '{acme}' WHERE agreement_id = 970001;
SELECT chk.look(970001) AS excluded;
UPDATE salesperf.agreement SET exclude_brands = NULL, families = '{saw}' WHERE agreement_id = 970001;
UPDATE salesperf.agreement SET families = '{drill}' WHERE agreement_id = 970005;
SELECT chk.look(970001) AS families_may_be_below_each_other;
-- A draft is no rival.
UPDATE salesperf.agreement SET state = 'draft' WHERE agreement_id = 970005;
SELECT chk.look(970001);

SELECT salesperf.check_agreement(970099);
\echo :LAST_ERROR_SQLSTATE
SELECT count(*) FROM salesperf.check_agreement(NULL);

DELETE FROM salesperf.agreement WHERE agreement_id BETWEEN 970001 AND 970099;
DELETE FROM salesperf.customer WHERE code LIKE 'chk%';
DELETE FROM salesperf.product WHERE code LIKE 'chk%';
SELECT salesperf.detach_source('chk');
DROP SCHEMA chk CASCADE;
CALL salesperf.refresh_measures();
