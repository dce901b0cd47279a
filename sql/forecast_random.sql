-- 20,000 random series; test/forecast/million.sh runs more of them.
\getenv abs_srcdir PG_ABS_SRCDIR
\set script :abs_srcdir '/test/forecast/random.sql'
\set series 20000
\i :script
