#!/usr/bin/env bash
#
# Mixed traffic in each isolation level, on flat tables and on headers with lines
# and splits, while measures are built, folded, entered, changed and turned live,
# and customers and sellers move.  Every read compares all figures with plain
# SQL in one statement, and so one snapshot.  Not part of the tests: it takes
# as long as it is told to.
#
#   test/stress.sh [seconds [level]...]     default: 30, all three levels
#
# Levels: "read committed", "repeatable read", serializable.  Prints what was
# done and how much of it failed; ends with 1 if any figure was wrong.

# shellcheck source=../scripts/cluster.sh
source "$(dirname "${BASH_SOURCE[0]}")/../scripts/cluster.sh"

readonly writers=8 readers=2
tmp=
seconds=30
bad=0

clean_up() {
    trap - EXIT
    cd /
    [ -z "$tmp" ] || { touch "$tmp/stop" && wait && cluster_remove "$tmp"; }
}

sql() {
    cluster_run "$tmp" psql -X -q -A -t -v ON_ERROR_STOP=1 -d stress "$@"
}

# What writers, readers, builder and folder repeat.
write_scripts() {
    as_server tee "$tmp/write.sql" >/dev/null <<'SQL'
\set i random(1, 40)
\set j random(1, 40)
\set k random(1, 6)
\set n random(1, 1000)
\set own 1000 + :client_id
\set op random(1, 24)
\set doc random(1, 40)
\if :op = 1
BEGIN;
INSERT INTO orders (document, seller, net, cost) VALUES (:i, 's' || :k, :n, :k);
INSERT INTO orders (document, seller, net) VALUES (:j, 's' || :k, :n / 7.0);
COMMIT;
\elif :op = 2
UPDATE orders SET seller = 's' || :k WHERE document = :i;
\elif :op = 3
UPDATE orders SET document = :j, net = net + 1 WHERE ctid = ANY (ARRAY(SELECT ctid FROM orders WHERE document = :i LIMIT 2));
\elif :op = 4
DELETE FROM orders WHERE ctid = ANY (ARRAY(SELECT ctid FROM orders WHERE document = :i LIMIT 3));
\elif :op = 5
BEGIN;
INSERT INTO orders (document, seller, net) VALUES (:i, 's' || :k, :n);
SAVEPOINT s;
UPDATE orders SET valid = NOT valid WHERE document = :i;
DELETE FROM invoice WHERE document = :j;
ROLLBACK TO s;
UPDATE orders SET seller = NULL WHERE document = :j;
COMMIT;
\elif :op = 6
DELETE FROM customer WHERE id = :own;
INSERT INTO customer VALUES (:own) ON CONFLICT DO NOTHING;
INSERT INTO orders (id, document, customer, seller, net) VALUES (-:own, :i, :own, 's' || :k, :n)
ON CONFLICT (id) DO UPDATE SET seller = excluded.seller, net = orders.net + 1;
INSERT INTO invoice (document, order_id, seller, net) VALUES (:j, -:own, 's' || :k, :n);
\elif :op = 7
SELECT count(*) AS prepared FROM pg_prepared_xacts WHERE gid = 'spm:client_id' \gset
\if :prepared
COMMIT PREPARED 'spm:client_id';
\else
BEGIN;
INSERT INTO orders (document, seller, net) VALUES (:i, 's' || :k, :n);
INSERT INTO invoice (document, seller, net) VALUES (:i, 's' || :k, :n);
PREPARE TRANSACTION 'spm:client_id';
\sleep 20 ms
COMMIT PREPARED 'spm:client_id';
\endif
\elif :op = 8
WITH x AS (UPDATE orders SET net = net * 1.01 WHERE document = :i RETURNING id),
     y AS (INSERT INTO invoice (document, seller, net) SELECT :j, 's' || :k, :n FROM x RETURNING 1)
DELETE FROM invoice WHERE document = :k;
\elif :op = 9
INSERT INTO invoice (document, seller, net) SELECT add_order(:i, :k, :n), 's' || :k, :n;
\elif :op = 10
MERGE INTO orders o USING (VALUES (:n, 's' || :k), (-:own, 's1')) v (id, seller) ON o.id = v.id
WHEN MATCHED AND o.net > 900 THEN DELETE
WHEN MATCHED THEN UPDATE SET seller = v.seller, net = o.net + 10;
\elif :op = 11
BEGIN;
UPDATE orders SET net = net + 1 WHERE id = :n;
UPDATE orders SET net = net - 1 WHERE id = :n;
SET TRANSACTION READ ONLY;
COMMIT;
\elif :op = 12
BEGIN;
INSERT INTO orders (document, seller, net) VALUES (:i, 's' || :k, :n);
\if :n < 200
INSERT INTO wrong SELECT 'own', c.* FROM checked c WHERE c.figure IS DISTINCT FROM c.plain;
\endif
DELETE FROM orders WHERE document = :i AND net = :n;
\if :n < 200
INSERT INTO wrong SELECT 'own', c.* FROM checked c WHERE c.figure IS DISTINCT FROM c.plain;
\endif
COMMIT;
\elif :op = 13
BEGIN;
SELECT count(*) FROM orders WHERE document = :i;
\sleep 20 ms
INSERT INTO orders (document, seller, net) VALUES (:i, 's' || :k, :n);
ROLLBACK;
\elif :op = 14
BEGIN;
SELECT count(*) FROM orders WHERE document = :i;
\sleep 30 ms
INSERT INTO orders (document, seller, net) VALUES (:j, 's' || :k, :n);
COMMIT;
\elif :op = 15
INSERT INTO orders (document, seller, net, cost) SELECT :i, 's' || g % 6, g, 1 FROM generate_series(1, 10) g;
\elif :op <= 17
BEGIN;
INSERT INTO sale_line (head, net, cost) SELECT id, :n, :k FROM sale WHERE id = :doc FOR KEY SHARE;
UPDATE sale SET total = total + :n WHERE id = :doc;
COMMIT;
\elif :op = 18
UPDATE sale SET seller = 's' || :k, customer = :i % 6 WHERE id = :doc;
\elif :op = 19
UPDATE sale SET sold = :n > 300, sold_on = date '2020-05-05' + :n WHERE id = :doc;
\elif :op = 20
BEGIN;
DELETE FROM sale WHERE id = :doc;
INSERT INTO sale (id, seller, customer) VALUES (:doc, 's' || :k, :j % 6) ON CONFLICT (id) DO UPDATE SET seller = excluded.seller;
INSERT INTO sale_line (head, net, cost) SELECT id, :n, NULLIF(:k, 3) FROM sale WHERE id = :doc FOR KEY SHARE;
COMMIT;
\elif :op = 21
\set doc 8 * random(1, 5) - :client_id
BEGIN;
DELETE FROM salesperf.order_split WHERE source = 'docs' AND document = (:doc)::text;
INSERT INTO salesperf.order_split (source, document, seller, percent) VALUES ('docs', (:doc)::text, 's' || :k, 25), ('docs', (:doc)::text, 's' || :j % 6 + 7, 50);
SAVEPOINT s;
DELETE FROM salesperf.order_split WHERE source = 'docs' AND document = (:doc)::text;
\if :n < 500
ROLLBACK TO s;
\endif
COMMIT;
\elif :op = 22
BEGIN;
INSERT INTO sale_line (head, net) SELECT id, :n FROM sale WHERE id = :doc FOR KEY SHARE;
DELETE FROM sale_line WHERE id = ANY (ARRAY(SELECT id FROM sale_line WHERE head = :i LIMIT 2));
\if :n < 200
INSERT INTO wrong SELECT 'own', c.* FROM checked c WHERE c.figure IS DISTINCT FROM c.plain;
\endif
COMMIT;
\elif :op = 23
DELETE FROM customer WHERE id = :own;
INSERT INTO customer VALUES (:own) ON CONFLICT DO NOTHING;
BEGIN;
INSERT INTO sale (id, owner, seller, customer) VALUES (:own, :own, 's' || :k, :i % 6)
ON CONFLICT (id) DO UPDATE SET seller = excluded.seller, owner = excluded.owner;
INSERT INTO sale_line (head, net, cost) SELECT id, net, 1 FROM sale, generate_series(1, 3) net WHERE id = :own;
UPDATE sale SET id = -id WHERE id = :own AND NOT EXISTS (SELECT FROM sale WHERE id = -:own);
COMMIT;
\else
WITH x AS (UPDATE sale_line SET net = net + 1 WHERE head = :doc RETURNING 1)
UPDATE sale SET seller = 's' || :k WHERE id = :doc;
\endif
SQL
    as_server tee "$tmp/read.sql" >/dev/null <<'SQL'
\set level random(1, 3)
\if :level = 1
WITH c AS MATERIALIZED (SELECT * FROM checked), s AS (INSERT INTO seen SELECT state FROM c)
INSERT INTO wrong SELECT 'one', c.* FROM c WHERE c.figure IS DISTINCT FROM c.plain;
\else
BEGIN ISOLATION LEVEL REPEATABLE READ;
WITH c AS MATERIALIZED (SELECT * FROM checked), s AS (INSERT INTO seen SELECT state FROM c)
INSERT INTO wrong SELECT 'first', c.* FROM c WHERE c.figure IS DISTINCT FROM c.plain;
\sleep 30 ms
INSERT INTO wrong SELECT 'second', c.* FROM checked c WHERE c.figure IS DISTINCT FROM c.plain;
INSERT INTO wrong SELECT 'verify', v.measure_id::text, 'built', v.kept, v.recomputed FROM salesperf.verify_totals() v;
COMMIT;
\endif
SQL
    as_server tee "$tmp/build.sql" >/dev/null <<'SQL'
INSERT INTO salesperf.target (name, metric, starts_on, ends_on, amount, sellers, sources)
SELECT 'more', (ARRAY['net', 'gross', 'margin', 'quantity'])[1 + (random() * 3)::int], '2020-01-01', '2020-12-31', 1,
    CASE WHEN random() < 0.7 THEN ARRAY['s' || (random() * 6)::int, 's1'] END,
    CASE WHEN random() < 0.4 THEN ARRAY['orders'] END;
CALL salesperf.refresh_measures('500 ms');
UPDATE salesperf.target SET sellers = ARRAY['s' || (random() * 6)::int]
WHERE target_id = (SELECT target_id FROM salesperf.target WHERE name = 'more' ORDER BY random() LIMIT 1);
CALL salesperf.refresh_measures('2 s');
DELETE FROM salesperf.target
WHERE target_id IN (SELECT target_id FROM salesperf.target WHERE name = 'more' ORDER BY random() OFFSET 12);
DO $$ BEGIN
    IF random() < 0.2 THEN
        UPDATE salesperf.source SET name = name WHERE name = 'orders';
    END IF;
END $$;
SQL
    as_server tee "$tmp/fold.sql" >/dev/null <<<'CALL salesperf.fold();'
    as_server tee "$tmp/dimension.sql" >/dev/null <<'SQL'
UPDATE salesperf.customer SET region = CASE region WHEN 'north' THEN 'south' ELSE 'north' END WHERE code = (random() * 6)::int::text;
UPDATE salesperf.seller_unit SET unit = CASE unit WHEN 'u1' THEN 'u2' ELSE 'u1' END WHERE seller = 's' || (random() * 6)::int;
DELETE FROM salesperf.customer WHERE code = '5';
SELECT pg_sleep(random() * 0.3);
INSERT INTO salesperf.customer (code, region) VALUES ('5', 'north');
SELECT pg_sleep(random() * 4);
SQL
}

prepare() {
    cluster_run "$tmp" psql -X -q -d postgres -c 'SET client_min_messages = error' -c 'DROP DATABASE IF EXISTS stress' -c 'CREATE DATABASE stress'
    sql <<'SQL'
SET client_min_messages = error;
CREATE EXTENSION salesperf CASCADE;
SELECT salesperf.setup() \g /dev/null
CREATE TABLE customer (id bigint PRIMARY KEY);
CREATE TABLE orders (
    id bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    document integer,
    customer bigint REFERENCES customer ON DELETE CASCADE,
    seller text,
    net numeric,
    cost numeric,
    valid boolean DEFAULT true,
    sold_on date DEFAULT '2020-05-05');
CREATE TABLE invoice (
    id bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    document integer,
    order_id bigint REFERENCES orders ON DELETE CASCADE,
    seller text,
    net numeric,
    sold_on date DEFAULT '2020-06-06');
CREATE TABLE sale (
    id bigint PRIMARY KEY,
    owner bigint REFERENCES customer ON DELETE CASCADE,
    customer int,
    seller text,
    sold_on date DEFAULT '2020-05-05',
    sold boolean DEFAULT true,
    total numeric DEFAULT 0);
CREATE TABLE sale_line (
    id bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    head bigint REFERENCES sale ON DELETE CASCADE ON UPDATE CASCADE,
    net numeric,
    cost numeric);
CREATE INDEX ON sale (owner);
CREATE INDEX ON sale (customer);
CREATE INDEX ON sale (seller);
CREATE INDEX ON sale_line (head);
CREATE INDEX ON orders (document);
CREATE INDEX ON orders (customer);
CREATE INDEX ON invoice (document);
CREATE INDEX ON invoice (order_id);
SELECT salesperf.attach_source('orders', lines => 'public.orders', document => 'l.document', sold_on => 'l.sold_on',
    seller => 'l.seller', net => 'l.net', cost => 'l.cost', counts => 'l.valid') \g /dev/null
SELECT salesperf.attach_source('invoice', lines => 'public.invoice', document => 'l.document', sold_on => 'l.sold_on',
    seller => 'l.seller', net => 'l.net') \g /dev/null
SELECT salesperf.attach_source('docs', lines => 'public.sale_line', header => 'public.sale', join_on => 'l.head = h.id', document => 'h.id',
    line => 'l.id', sold_on => 'h.sold_on', seller => 'h.seller', customer => 'h.customer', net => 'l.net', cost => 'l.cost',
    counts => 'h.sold') \g /dev/null
INSERT INTO salesperf.customer (code, region) SELECT i::text, CASE WHEN i % 2 = 0 THEN 'north' ELSE 'south' END FROM generate_series(0, 5) i;
INSERT INTO salesperf.unit (code, kind) VALUES ('u0', 'company'), ('u1', 'outlet'), ('u2', 'outlet');
INSERT INTO salesperf.unit_parent VALUES ('u1', 'u0', '2019-01-01');
INSERT INTO salesperf.seller_unit SELECT 's' || i, 'u' || 1 + i % 2, '2019-01-01' FROM generate_series(0, 6) i;
INSERT INTO sale (id, customer, seller) SELECT i, i % 6, 's' || i % 6 FROM generate_series(1, 40) i;
INSERT INTO sale_line (head, net, cost) SELECT 1 + i % 40, i, i / 2 FROM generate_series(1, 120) i;
INSERT INTO orders (document, seller, net, cost) SELECT i % 40, 's' || i % 6, i, i / 2 FROM generate_series(1, 1000) i;
INSERT INTO invoice (document, seller, net) SELECT i % 40, 's' || i % 6, i FROM generate_series(1, 200) i;
INSERT INTO salesperf.target (name, metric, starts_on, ends_on, amount, sellers)
SELECT 'seller', 'net', '2020-01-01', '2020-12-31', 1, ARRAY['s' || i] FROM generate_series(0, 5) i;
INSERT INTO salesperf.target (name, metric, starts_on, ends_on, amount) VALUES
    ('all', 'net', '2020-01-01', '2020-12-31', 1), ('margin', 'margin', '2020-01-01', '2020-12-31', 1),
    ('may', 'net', '2020-05-01', '2020-05-31', 1), ('pieces', 'quantity', '2020-01-01', '2020-12-31', 1);
CREATE FUNCTION add_order(document integer, k integer, n integer) RETURNS integer LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO orders (document, seller, net) VALUES (document, 's' || k, n);
    UPDATE orders o SET net = o.net + 1 WHERE o.document = add_order.document AND o.net = n;
    RETURN document;
END $$;
INSERT INTO salesperf.target (name, metric, starts_on, ends_on, amount, regions, units, sources) VALUES
    ('documents', 'documents', '2020-01-01', '2020-12-31', 1, NULL, NULL, '{docs}'),
    ('documents, unit', 'documents', '2020-01-01', '2020-12-31', 1, NULL, '{u0}', '{docs}'),
    ('north', 'net', '2020-01-01', '2020-12-31', 1, '{north}', NULL, NULL),
    ('unit', 'net', '2020-01-01', '2021-12-31', 1, NULL, '{u0}', NULL),
    ('unit north', 'margin', '2020-01-01', '2020-12-31', 1, '{north}', '{u2}', '{docs}');
CREATE VIEW sold AS
SELECT 'orders' AS source, document::text AS document, NULL::int AS customer, seller, net, net - cost AS margin, sold_on FROM orders WHERE valid
UNION ALL
SELECT 'invoice', document::text, NULL, seller, net, NULL, sold_on FROM invoice
UNION ALL
SELECT 'docs', h.id::text, h.customer, h.seller, l.net, l.net - l.cost, h.sold_on FROM sale_line l JOIN sale h ON h.id = l.head WHERE h.sold;
-- Whom a sale is credited to, with the share: the rows of order_split, and the
-- document's seller for what they leave over.
CREATE VIEW credited AS
SELECT s.*, coalesce(p.seller, s.seller) AS credited, coalesce(p.share, 1) AS share
FROM sold s
LEFT JOIN (
    SELECT document, seller, percent * 0.01 AS share FROM salesperf.order_split WHERE source = 'docs'
    UNION ALL
    SELECT document, NULL, 1 - sum(percent) * 0.01 FROM salesperf.order_split WHERE source = 'docs' GROUP BY document HAVING sum(percent) < 100
) p ON s.source = 'docs' AND p.document = s.document;
-- The shares of a sale add up to 1, so who filters neither on sellers nor on
-- units adds up all of them.
CREATE VIEW expected AS
WITH c AS MATERIALIZED (
    SELECT s.source, s.document, s.credited, s.sold_on, c.region, u.unit, a.parent,
        sum(s.share * s.net) AS net, sum(s.share * s.margin) AS margin, sum(s.share) AS quantity
    FROM credited s
    LEFT JOIN salesperf.customer c ON c.code = s.customer::text
    LEFT JOIN salesperf.seller_unit u ON u.seller = s.credited
    LEFT JOIN salesperf.unit_parent a ON a.unit = u.unit
    GROUP BY 1, 2, 3, 4, 5, 6, 7
)
SELECT t.target_id, CASE t.metric WHEN 'documents' THEN count(DISTINCT c.document)
    ELSE coalesce(sum(CASE t.metric WHEN 'quantity' THEN c.quantity WHEN 'margin' THEN c.margin ELSE c.net END), 0) END AS actual
FROM salesperf.target t
LEFT JOIN c ON c.sold_on BETWEEN t.starts_on AND t.ends_on AND (t.sources IS NULL OR c.source = ANY (t.sources))
    AND (t.sellers IS NULL OR c.credited = ANY (t.sellers)) AND (t.regions IS NULL OR c.region = ANY (t.regions))
    AND (t.units IS NULL OR c.unit = ANY (t.units) OR c.parent = ANY (t.units))
GROUP BY t.target_id;
CREATE VIEW checked AS
WITH e AS MATERIALIZED (SELECT * FROM expected)
SELECT t.name, s.state, salesperf.measure_figure(m.scope) AS figure, e.actual AS plain
FROM salesperf.target t
JOIN e USING (target_id)
JOIN salesperf.target_measure m ON m.target_id = t.target_id
JOIN salesperf.measure_state s ON s.target_id = t.target_id;
CREATE TABLE wrong (read text, name text, state text, figure numeric, plain numeric);
CREATE TABLE seen (state text);
SQL
    sql -c 'CALL salesperf.refresh_measures()'
}

# Repeats a script until the file "stop" is there; errors go to its log.
repeat() {
    local name=$1
    while [ ! -e "$tmp/stop" ]; do
        sql -v ON_ERROR_STOP=0 -v VERBOSITY=sqlstate -f "$tmp/$name.sql" 2>&1 || true
        echo round
        sleep 0.05
    done >"$tmp/$name.log"
}

# Usage: bench level script clients
bench() {
    cluster_run "$tmp" env PGOPTIONS="-c default_transaction_isolation=${1// /\\ }" pgbench --no-vacuum \
        --failures-detailed --time="$seconds" --client="$3" --jobs=2 --file="$tmp/$2.sql" stress \
        >"$tmp/$2.log" 2>&1 || true
}

# Usage: number "label" file
number() {
    sed -n "s/^number of $1: \([0-9]*\).*/\1/p" "$tmp/$2.log"
}

count() {
    if [ -e "$tmp/$2.log" ]; then
        grep -c "$1" "$tmp/$2.log" || true
    else
        echo 0
    fi
}

run_level() {
    local level=$1 wrong aborted unexpected
    prepare
    rm -f "$tmp/stop"
    repeat build &
    repeat fold &
    [ ! -e "$tmp/dimension.sql" ] || repeat dimension &
    bench "$level" read "$readers" &
    local reading=$!
    bench "$level" write "$writers"
    wait "$reading"
    touch "$tmp/stop"
    wait
    sql -c "SELECT format('COMMIT PREPARED %L;', gid) FROM pg_prepared_xacts WHERE database = current_database()" | sql
    sql -c "CALL salesperf.refresh_measures()"
    sql -c "CALL salesperf.fold()"
    sql -c "INSERT INTO wrong SELECT 'end', c.* FROM checked c WHERE c.figure IS DISTINCT FROM c.plain OR c.state <> 'built'" \
        -c "INSERT INTO wrong SELECT 'end', measure_id::text, 'built', kept, recomputed FROM salesperf.verify_totals()"
    wrong=$(sql -c 'SELECT count(*) FROM wrong')
    aborted=$(($(count 'aborted in command' write) + $(count 'aborted in command' read)))
    unexpected=$(cat "$tmp"/{build,fold,dimension}.log 2>/dev/null | grep ERROR | grep -cvE '55P03$' || true)
    printf '%s, %s s: %s transactions, %s serialization failures (40001), %s deadlocks (40P01); %s reads (%s failed); ' "$level" "$seconds" \
        "$(number 'transactions actually processed' write)" "$(number 'serialization failures' write)" \
        "$(number 'deadlock failures' write)" "$(number 'transactions actually processed' read)" \
        "$(number 'failed transactions' read)"
    printf '%s rounds of building, %s builds gave up (55P03), %s folds, %s changes of dimensions; ' \
        "$(count '^round' build)" "$(count 55P03 build)" "$(count '^round' fold)" "$(count '^round' dimension)"
    printf '%s figures read, %s%% kept; ' "$(sql -c 'SELECT count(*) FROM seen')" \
        "$(sql -c "SELECT round(100.0 * count(*) FILTER (WHERE state = 'built') / greatest(1, count(*))) FROM seen")"
    printf '%s clients aborted, %s other errors; %s wrong\n' "$aborted" "$unexpected" "$wrong"
    if [ "$wrong" -ne 0 ]; then
        sql -c 'SELECT * FROM wrong LIMIT 20'
    fi
    if [ "$((aborted + unexpected))" -ne 0 ]; then
        grep -hE 'ERROR|aborted' "$tmp"/{write,read,build,fold,dimension}.log 2>/dev/null | sort | uniq -c | sort -rn | head -10
    fi
    bad=$((bad + wrong + aborted + unexpected))
}

main() {
    local level
    seconds=${1:-30}
    [ $# -eq 0 ] || shift
    [ $# -gt 0 ] || set -- 'read committed' 'repeatable read' serializable
    use_postgres
    "$root/scripts/build.sh"
    trap clean_up EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM HUP
    tmp=$(cluster_dir)
    # A prepared transaction keeps the predicate locks of all that follow it.
    cluster_init "$tmp" fsync=off jit=off max_connections=60 deadlock_timeout=50ms max_pred_locks_per_transaction=1024
    cluster_start "$tmp"
    write_scripts
    for level; do
        run_level "$level"
    done
    [ "$bad" -eq 0 ]
}

[ "${BASH_SOURCE[0]}" != "$0" ] || main "$@"
