CREATE TABLE salesperf.org_version (
    change bigint NOT NULL,
    part smallint NOT NULL
);
COMMENT ON TABLE salesperf.org_version IS 'changes of what all sources share, one row for each transaction and part until later ones clear it: two snapshots that show the same rows of a part show the same of it; and what is known of lines without a header; derived, never dumped';
COMMENT ON COLUMN salesperf.org_version.change IS 'random number; of parts 3 and 4 the oid of a source''s view, 0 for all sources';
COMMENT ON COLUMN salesperf.org_version.part IS '0: assignments of units, sellers and families; 1: attributes of customers and products; 2: somebody entered a row of order_split, once and for all; 3: all lines of a source had a header when refresh_measures() looked; 4: since then some may have lost it, or come without';
