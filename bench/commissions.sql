-- 1,000,000 contracts of a quarter, 200 rules over any mix of filters.
SELECT setseed(0.1) \g /dev/null
INSERT INTO salesperf.customer (code, region, segment)
SELECT 'c' || i, 'region ' || 1 + i % 5, 'segment ' || 1 + i % 7 FROM generate_series(1, 5000) i;
INSERT INTO salesperf.product (code, brand, family)
SELECT 'p' || i, 'brand ' || 1 + i % 50, 'family ' || 1 + i % 200 FROM generate_series(1, 2000) i;
INSERT INTO salesperf.unit (code, kind) SELECT 'company ' || i, 'company' FROM generate_series(1, 20) i;
INSERT INTO salesperf.unit (code, kind) SELECT 'outlet ' || i, 'outlet' FROM generate_series(1, 100) i;
INSERT INTO salesperf.unit_parent SELECT 'outlet ' || i, 'company ' || 1 + i % 20, '2020-01-01' FROM generate_series(1, 100) i;
INSERT INTO salesperf.seller_unit SELECT 's' || i, 'outlet ' || 1 + i % 100, '2020-01-01' FROM generate_series(1, 500) i;
-- Rules with more filters are stronger; one takes what is left.
INSERT INTO salesperf.commission_rule (priority, valid_from, tiers, regions, segments, brands, families, sellers)
SELECT row_number() OVER (ORDER BY (a < .5)::int + (b < .5)::int + (c < .4)::int + (d < .3)::int + (e < .2)::int, i), '2026-01-01',
    format('0: %s%%', 1 + 0.05 * i),
    CASE WHEN a < .5 THEN ARRAY['region ' || 1 + floor(random() * 5)] END,
    CASE WHEN b < .5 THEN ARRAY['segment ' || 1 + floor(random() * 7)] END,
    CASE WHEN c < .4 THEN ARRAY['brand ' || 1 + floor(random() * 50)] END,
    CASE WHEN d < .3 THEN ARRAY['family ' || 1 + floor(random() * 200)] END,
    CASE WHEN e < .2 THEN ARRAY['s' || 1 + floor(random() * 500)] END
FROM (SELECT i, random() a, random() b, random() c, random() d, random() e FROM generate_series(1, 199) i) r;
INSERT INTO salesperf.commission_rule (priority, valid_from, tiers) VALUES (0, '2026-01-01', '0: 0.5%');
INSERT INTO salesperf.contract (contract_no, signed_on, customer, seller, sale_type)
SELECT 'K' || i, date '2026-01-01' + (random() * 89)::int, 'c' || 1 + floor(random() * 5000), 's' || 1 + floor(random() * 500), 'new'
FROM generate_series(1, 1000000) i;
INSERT INTO salesperf.contract_line (contract_no, line_no, product, net)
SELECT 'K' || i, 1, 'p' || 1 + floor(random() * 2000), round((random() * 1000)::numeric, 2)
FROM generate_series(1, 1000000) i;
VACUUM ANALYZE salesperf.contract;
VACUUM ANALYZE salesperf.contract_line;
VACUUM ANALYZE salesperf.customer;
VACUUM ANALYZE salesperf.product;
