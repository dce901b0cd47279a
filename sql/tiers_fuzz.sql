-- Random and mutated input of type tiers: refused in good order or accepted
-- and given back, never worse.
SET search_path = salesperf, public;
SET client_min_messages = notice;
SELECT setseed(0.125) IS NOT NULL AS seeded;

-- A mutation: some characters replaced, removed, doubled or moved.
CREATE FUNCTION pg_temp.mutated(input text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    alphabet text := E'0123456789.,:;%>+- \t\nEe+xsladgritpo\u20ac\u0301"\\';
    place int;
BEGIN
    FOR i IN 1 .. 1 + floor(random() * 3)::int LOOP
        place := 1 + floor(random() * (length(input) + 1))::int;
        input := CASE floor(random() * 4)::int
            WHEN 0 THEN overlay(input PLACING substr(alphabet, 1 + floor(random() * length(alphabet))::int, 1) FROM place FOR 1)
            WHEN 1 THEN overlay(input PLACING substr(alphabet, 1 + floor(random() * length(alphabet))::int, 1) FROM place FOR 0)
            WHEN 2 THEN overlay(input PLACING '' FROM place FOR 1 + floor(random() * 3)::int)
            ELSE overlay(input PLACING substr(input, 1 + floor(random() * length(input))::int, 4) FROM place FOR 0)
        END;
    END LOOP;
    RETURN input;
END $$;
-- A text of pieces in any order.
CREATE FUNCTION pg_temp.random_pieces() RETURNS text LANGUAGE sql AS $$
    SELECT string_agg((ARRAY['0', '5', '1000', '.5', '-7', ':', ':', ':', '%', '%', ',', ',', '>', ' ', ';', 'slab', 'excess;',
                             'graduated; ', 'interpolated;', '10: 5%', ', 2000: 8%', 'NaN', repeat('9', 120), ''])
                      [1 + floor(random() * 24)::int], '')
    FROM generate_series(1, 1 + floor(random() * 12)::int)
$$;

DO $fuzz$
DECLARE
    seeds text[] := ARRAY['0: 5%, 5000: 8%, 10000: 12%', 'graduated; 0: 1%, >1000: 2.50%', 'interpolated; -5: 1, 0.5: 30, 77: 100',
                          'excess; 1000: 5%, 2000: -7.125%, 3000: 4', '>0: 1000000000000%'];
    input text;
    schedule salesperf.tiers;
    accepted int := 0;
    refused int := 0;
BEGIN
    FOR i IN 1 .. 100000 LOOP
        input := CASE WHEN i % 4 = 0 THEN pg_temp.random_pieces() ELSE pg_temp.mutated(seeds[1 + i % 5]) END;
        BEGIN
            schedule := input::salesperf.tiers;
            IF schedule::text::salesperf.tiers <> schedule
               OR (i % 8 = 1 AND schedule::jsonb::salesperf.tiers <> schedule)
               OR salesperf.tier_payout(schedule, 2500) <> (SELECT sum(amount) FROM salesperf.tier_explain(schedule, 2500)) THEN
                RAISE WARNING 'accepted but not given back: %', input;
            END IF;
            accepted := accepted + 1;
        EXCEPTION WHEN invalid_text_representation OR invalid_parameter_value OR numeric_value_out_of_range OR program_limit_exceeded THEN
            refused := refused + 1;
        END;
    END LOOP;
    RAISE NOTICE '% texts, some accepted: %, some refused: %', accepted + refused, accepted > 5000, refused > 5000;
END $fuzz$;

-- Binary input comes in by COPY.  A bytea goes out as its bytes, so what is
-- written as one can be read as the other.
CREATE TABLE fuzz_schedule (tiers salesperf.tiers);
CREATE FUNCTION pg_temp.random_byte() RETURNS int LANGUAGE sql AS $$
    SELECT CASE WHEN random() < 0.5 THEN 48 + floor(random() * 12)::int ELSE floor(random() * 256)::int END
$$;
CREATE FUNCTION pg_temp.mutated(input bytea) RETURNS bytea LANGUAGE plpgsql AS $$
BEGIN
    FOR i IN 1 .. 1 + floor(random() * 3)::int LOOP
        CASE floor(random() * 3)::int
            WHEN 0 THEN input := set_byte(input, floor(random() * length(input))::int, pg_temp.random_byte());
            WHEN 1 THEN input := substr(input, 1, 1 + floor(random() * length(input))::int);
            ELSE input := input || set_byte('\x00', 0, pg_temp.random_byte());
        END CASE;
    END LOOP;
    RETURN input;
END $$;

DO $fuzz$
DECLARE
    file text := current_setting('data_directory') || '/tiers_fuzz.copy';
    seeds bytea[] := ARRAY[salesperf.tiers_send('0: 5%, 5000: 8%'), salesperf.tiers_send('graduated; 0: 1%, >1000: 2.5%'), salesperf.tiers_send('0: 50, 1000: 125.5'),
                           '\x', '\x01'];
    input bytea;
    accepted int := 0;
    refused int := 0;
BEGIN
    FOR i IN 1 .. 20000 LOOP
        input := seeds[1 + i % 5];
        IF length(input) > 0 AND i > 50 THEN
            input := pg_temp.mutated(input);
        END IF;
        EXECUTE format('COPY (SELECT %L::bytea) TO %L WITH (FORMAT binary)', input, file);
        BEGIN
            EXECUTE format('COPY fuzz_schedule FROM %L WITH (FORMAT binary)', file);
            accepted := accepted + 1;
        EXCEPTION WHEN invalid_text_representation OR invalid_parameter_value OR numeric_value_out_of_range OR program_limit_exceeded
                OR invalid_binary_representation OR character_not_in_repertoire OR protocol_violation THEN
            refused := refused + 1;
        END;
    END LOOP;
    RAISE NOTICE '% binary inputs, some accepted: %, some refused: %', accepted + refused, accepted > 500, refused > 500;
    EXECUTE format('COPY (SELECT 1) TO PROGRAM %L', format('rm "%s"', file));
END $fuzz$;
SELECT count(*) > 500 AS accepted, count(*) FILTER (WHERE tiers::text::tiers <> tiers OR tiers_send(tiers) <> '\x01'::bytea || convert_to(tiers::text, 'UTF8')) AS not_given_back
FROM fuzz_schedule;
DROP TABLE fuzz_schedule;
