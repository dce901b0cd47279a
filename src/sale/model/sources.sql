-- Views source_<name> and sale, and the triggers of each attached table.
SELECT salesperf.restore_sources();
