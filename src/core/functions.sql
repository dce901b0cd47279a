CREATE FUNCTION salesperf.setup(currency text DEFAULT NULL, time_zone text DEFAULT NULL)
RETURNS void
LANGUAGE C VOLATILE PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS 'MODULE_PATHNAME', 'spm_setup';
COMMENT ON FUNCTION salesperf.setup(text, text) IS
'create, or restore, the tables, views and roles of salesperf as ordinary objects of the caller; repeatable; NULL keeps a setting (new: EUR, the server''s time zone)';
REVOKE ALL ON FUNCTION salesperf.setup(text, text) FROM PUBLIC;

CREATE FUNCTION salesperf.ensure_constraint(relation text, name text, definition text)
RETURNS void
LANGUAGE plpgsql VOLATILE STRICT PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $function$
BEGIN
    IF NOT EXISTS (
        SELECT FROM pg_catalog.pg_constraint c
        WHERE c.conrelid = relation::regclass AND c.conname = name)
    THEN
        EXECUTE format('ALTER TABLE %s ADD CONSTRAINT %I %s', relation::regclass, name, definition);
    END IF;
END
$function$;
COMMENT ON FUNCTION salesperf.ensure_constraint(text, text, text) IS
'add a table constraint unless one of that name is there; for setup()';
REVOKE ALL ON FUNCTION salesperf.ensure_constraint(text, text, text) FROM PUBLIC;

CREATE FUNCTION salesperf.setting(name text)
RETURNS text
LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $function$
BEGIN
    RETURN (SELECT s.value FROM salesperf.setting s WHERE s.name = setting.name);
END
$function$;
COMMENT ON FUNCTION salesperf.setting(text) IS
'value of a setting: currency, time_zone; NULL for any other name';

CREATE FUNCTION salesperf.today()
RETURNS date
LANGUAGE plpgsql STABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $function$
BEGIN
    RETURN (now() AT TIME ZONE salesperf.setting('time_zone'))::date;
END
$function$;
COMMENT ON FUNCTION salesperf.today() IS
'the current day in the time zone of setting time_zone, the same for all sessions';

CREATE FUNCTION salesperf.shown(value numeric, integer_digits integer)
RETURNS numeric
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT CASE WHEN abs(round(value, 2)) < power(10::numeric, integer_digits::numeric) THEN value END;
END;
COMMENT ON FUNCTION salesperf.shown(numeric, integer) IS
'the value if it has at most so many digits before the point, when rounded to two decimals or more, else NULL: a view of fixed precision must not fail for one row';

CREATE FUNCTION salesperf.progress_bar(share numeric)
RETURNS text
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'spm_progress_bar';
COMMENT ON FUNCTION salesperf.progress_bar(numeric) IS
'ten characters for a share of 0…1, full from 1 on; NULL for NULL';
