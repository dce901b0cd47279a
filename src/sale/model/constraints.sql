SELECT salesperf.ensure_constraint('salesperf.source', 'source_name_check',
    $$CHECK (name ~ '^[a-z_][a-z0-9_]{0,39}$')$$);
