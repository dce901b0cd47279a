CREATE TABLE salesperf.org_version (
    change bigint NOT NULL
);
COMMENT ON TABLE salesperf.org_version IS 'changes of unit_parent and seller_unit, one row for each transaction until later ones clear it: two snapshots that show the same rows show the same assignments; derived, never dumped';
COMMENT ON COLUMN salesperf.org_version.change IS 'random number';
