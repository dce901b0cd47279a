-- No unit is below itself on any day, no product family at all.
SET search_path = salesperf, public;
INSERT INTO unit_parent VALUES
    ('team', 'outlet', '2026-01-01', NULL),
    ('outlet', 'company', '2026-01-01', NULL),
    ('company', 'group', '2026-01-01', '2026-05-31');

-- The message names the first day and the units.
INSERT INTO unit_parent VALUES ('group', 'team', '2026-05-31', NULL);
-- A day later there is no cycle.
INSERT INTO unit_parent VALUES ('group', 'team', '2026-06-01', NULL);
-- It is one as soon as an older assignment is prolonged by a day.
UPDATE unit_parent SET valid_to = '2026-06-01' WHERE unit = 'company';
-- Of itself, for a day.
INSERT INTO unit_parent VALUES ('solo', 'solo', '2026-02-03', '2026-02-03');
-- It exists for one day only, between others.
INSERT INTO unit_parent VALUES
    ('a', 'b', '2026-01-01', '2026-01-10'),
    ('b', 'c', '2026-01-05', '2026-01-31'),
    ('c', 'a', '2026-01-10', '2026-02-28');
-- One day less and all is well.
INSERT INTO unit_parent VALUES
    ('a', 'b', '2026-01-01', '2026-01-09'),
    ('b', 'c', '2026-01-05', '2026-01-31'),
    ('c', 'a', '2026-01-10', '2026-02-28');
-- A tail that leads into the cycle is not named.
INSERT INTO unit_parent VALUES ('tail', 'x', '2026-01-01', NULL), ('x', 'y', '2026-01-01', NULL), ('y', 'x', '2026-01-02', NULL);
-- In a long one not all are listed.
INSERT INTO unit_parent SELECT 'r' || lpad(i::text, 2, '0'), 'r' || lpad(((i + 1) % 30)::text, 2, '0'), '2026-01-01' FROM generate_series(0, 29) i;

-- Checked at commit: on the way there may be one.
BEGIN;
INSERT INTO unit_parent VALUES ('p', 'q', '2026-01-01', NULL);
INSERT INTO unit_parent VALUES ('q', 'p', '2026-01-01', NULL);
SELECT unit_path('p', '2026-01-01');
UPDATE unit_parent SET parent = 'r' WHERE unit = 'p';
COMMIT;
BEGIN;
DELETE FROM unit_parent WHERE unit = 'p';
INSERT INTO unit_parent VALUES ('p', 'q', '2026-01-01', NULL);
COMMIT;
SELECT unit, parent FROM unit_parent WHERE unit IN ('p', 'q') ORDER BY unit;

-- Or when asked for; again after each change, and after a rollback.
BEGIN;
SET CONSTRAINTS salesperf.unit_parent_no_cycle IMMEDIATE;
INSERT INTO unit_parent VALUES ('m', 'n', '2026-01-01', NULL);
SAVEPOINT s;
INSERT INTO unit_parent VALUES ('n', 'm', '2026-01-01', NULL);
ROLLBACK TO s;
DELETE FROM unit_parent WHERE unit = 'm';
INSERT INTO unit_parent VALUES ('n', 'm', '2026-01-01', NULL);
COMMIT;
SELECT unit, parent FROM unit_parent WHERE unit IN ('m', 'n') ORDER BY unit;
-- What a savepoint hid from the check comes back with the rollback.
BEGIN;
INSERT INTO unit_parent VALUES ('m', 'n', '2026-01-01', NULL);
SAVEPOINT s;
DELETE FROM unit_parent WHERE unit = 'm';
SET CONSTRAINTS salesperf.unit_parent_no_cycle IMMEDIATE;
ROLLBACK TO s;
COMMIT;
-- A snapshot from before does not hide what others have committed.
BEGIN ISOLATION LEVEL REPEATABLE READ;
SELECT count(*) > 0 AS some FROM unit_parent;
INSERT INTO unit_parent VALUES ('m', 'n', '2026-01-01', NULL);
COMMIT;

-- Whatever the date style.
SET datestyle = 'German';
INSERT INTO unit_parent VALUES ('solo', 'solo', '2026-02-03', '2026-02-03');
RESET datestyle;

-- Ten thousand in one statement, ten levels.
INSERT INTO unit_parent SELECT 'u' || i, 'u' || i / 3, '2026-01-01' FROM generate_series(1, 10000) i;
SELECT unit_path('u10000', '2026-01-01');
UPDATE unit_parent SET parent = 'u10000' WHERE unit = 'u1';

-- Product families.
INSERT INTO product_family VALUES ('drinks', 'food'), ('beer', 'drinks'), ('food', NULL);
UPDATE product_family SET parent = 'beer' WHERE code = 'food';
INSERT INTO product_family VALUES ('self', 'self');
BEGIN;
UPDATE product_family SET parent = 'beer' WHERE code = 'food';
UPDATE product_family SET parent = NULL WHERE code = 'drinks';
COMMIT;
SELECT code, parent FROM product_family ORDER BY code;

-- The function is for its triggers only.
CREATE TABLE public.org_cycles_wrong (a int);
CREATE TRIGGER wrong BEFORE INSERT ON public.org_cycles_wrong EXECUTE FUNCTION check_unit_parent();
INSERT INTO public.org_cycles_wrong VALUES (1);
DROP TABLE public.org_cycles_wrong;

DELETE FROM product_family;
DELETE FROM unit_parent;
