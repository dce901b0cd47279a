-- What an agreement cannot be.
SET client_min_messages = warning;
SET datestyle = ISO;
CREATE SCHEMA arl;
CREATE FUNCTION arl.try(statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    name text;
    detail text;
BEGIN
    EXECUTE statement;
    RETURN 'accepted';
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS name = CONSTRAINT_NAME, detail = PG_EXCEPTION_DETAIL;
    RETURN sqlstate || ' ' || coalesce(nullif(name, ''), sqlerrm || coalesce(' / ' || nullif(detail, ''), ''));
END
$$;
CREATE FUNCTION arl.enter(change text) RETURNS text LANGUAGE sql AS $$
    SELECT arl.try('UPDATE salesperf.agreement SET ' || change || ' WHERE agreement_id = 980101')
$$;
INSERT INTO salesperf.agreement (agreement_id, description, metric, starts_on, ends_on, tiers) VALUES (980101, 'rules', 'net', '2021-01-01', '2021-12-31', '0: 5%');
SELECT base, tier_on, objective, pooled, state FROM salesperf.agreement WHERE agreement_id = 980101;
SELECT tiers, arl.enter('tiers = ' || quote_nullable(tiers))
FROM unnest(ARRAY['', '5%', '0: 5%,', '0: 5%, 0: 6%', '10: 5%, 5: 6%', '0: x', 'steep; 0: 1%', '0: 1%; 5: 2%', '1,000: 5%', 'NaN: 5%', NULL, '0: 5%, 10: 6%']) WITH ORDINALITY t (tiers, n) ORDER BY n;
SELECT change, arl.enter(change) FROM unnest(ARRAY['metric = ''sales''', 'metric = NULL', 'metric = ''documents''', 'base = ''sales''', 'base = ''documents''', 'base = NULL', 'description = NULL',
    'starts_on = ''2022-01-01''', 'starts_on = ''-infinity''', 'ends_on = ''infinity''', 'ends_on = NULL', 'objective = ''NaN''', 'objective = 1e15', 'objective = -1e15', 'objective = -1',
    'tier_on = ''percent''', 'tier_on = NULL', 'tier_on = ''objective_percent''', 'objective = 0', 'tier_on = ''objective_percent''', 'objective = NULL', 'tier_on = ''objective_percent''', 'objective = 1, tier_on = ''objective_percent''',
    'objective = NULL', 'objective = 0', 'objective = -1', 'pooled = NULL', 'state = ''closed''', 'state = NULL', 'state = ''draft''', 'agreement_id = NULL']) WITH ORDINALITY u (change, n) ORDER BY n;
SELECT filter, arl.enter(filter || ' = ''{a,NULL}''') AS with_null, arl.enter(filter || ' = ''{{a,b},{c,d}}''') AS of_two_dimensions, arl.enter(filter || ' = ''{}''') AS empty, arl.enter(filter || ' = NULL') AS none
FROM unnest('{sellers,units,sectors,regions,segments,products,brands,families,branches,sale_types,sources,exclude_customers,exclude_products,exclude_brands,exclude_families,exclude_branches}'::text[]) WITH ORDINALITY u (filter, n) ORDER BY n;
SELECT arl.try('INSERT INTO salesperf.agreement_customer VALUES (980102, ''c'')') AS of_no_agreement, arl.try('INSERT INTO salesperf.agreement_customer VALUES (980101, NULL)') AS nobody,
    arl.try('INSERT INTO salesperf.agreement_customer VALUES (980101, ''c''), (980101, ''c'')') AS twice, arl.try('INSERT INTO salesperf.agreement_customer VALUES (980101, ''c''), (980101, '''')') AS empty;
UPDATE salesperf.agreement SET agreement_id = 980102 WHERE agreement_id = 980101;
SELECT customer FROM salesperf.agreement_customer WHERE agreement_id = 980102 ORDER BY 1;
DELETE FROM salesperf.agreement WHERE agreement_id = 980102;
SELECT count(*) FROM salesperf.agreement_customer WHERE agreement_id = 980102;
DROP SCHEMA arl CASCADE;
