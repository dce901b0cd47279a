CREATE TABLE salesperf.commission_run (
    run_id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    starts_on date NOT NULL,
    ends_on date NOT NULL,
    started_at timestamptz NOT NULL,
    finished_at timestamptz,
    sales bigint,
    items bigint,
    written bigint,
    removed bigint,
    exceptions bigint
);
COMMENT ON TABLE salesperf.commission_run IS 'runs of calculate_commissions(); derived, never dumped';
COMMENT ON COLUMN salesperf.commission_run.run_id IS 'key';
COMMENT ON COLUMN salesperf.commission_run.starts_on IS 'first day asked for';
COMMENT ON COLUMN salesperf.commission_run.ends_on IS 'last day asked for';
COMMENT ON COLUMN salesperf.commission_run.started_at IS 'when it began';
COMMENT ON COLUMN salesperf.commission_run.finished_at IS 'when it was done; NULL: it is running, or was interrupted';
COMMENT ON COLUMN salesperf.commission_run.sales IS 'sales that were read';
COMMENT ON COLUMN salesperf.commission_run.items IS 'items of the periods';
COMMENT ON COLUMN salesperf.commission_run.written IS 'items that were new or different';
COMMENT ON COLUMN salesperf.commission_run.removed IS 'items that were taken away';
COMMENT ON COLUMN salesperf.commission_run.exceptions IS 'credits that could not be computed';

CREATE TABLE salesperf.commission_exception (
    exception_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    period_start date NOT NULL,
    source text NOT NULL,
    document text NOT NULL,
    line text,
    seller text,
    component text NOT NULL,
    payee_kind text NOT NULL,
    payee text NOT NULL,
    rule_id bigint,
    reason text NOT NULL
);
CREATE INDEX commission_exception_period_idx ON salesperf.commission_exception (period_start);
COMMENT ON TABLE salesperf.commission_exception IS 'credits that a rule would pay, if it did not fail on them; of the last run for each period; derived, never dumped';
COMMENT ON COLUMN salesperf.commission_exception.exception_id IS 'key';
COMMENT ON COLUMN salesperf.commission_exception.period_start IS 'first day of the period';
COMMENT ON COLUMN salesperf.commission_exception.source IS 'name of the source, as in sale.source';
COMMENT ON COLUMN salesperf.commission_exception.document IS 'the order, invoice or contract';
COMMENT ON COLUMN salesperf.commission_exception.line IS 'the line';
COMMENT ON COLUMN salesperf.commission_exception.seller IS 'code of the seller who is credited with the sale';
COMMENT ON COLUMN salesperf.commission_exception.component IS 'kind of earning';
COMMENT ON COLUMN salesperf.commission_exception.payee_kind IS 'seller, or the kind of unit that would earn';
COMMENT ON COLUMN salesperf.commission_exception.payee IS 'code of the seller or unit that would earn';
COMMENT ON COLUMN salesperf.commission_exception.rule_id IS 'the rule that failed; NULL: a contract term';
COMMENT ON COLUMN salesperf.commission_exception.reason IS 'why';

CREATE TABLE salesperf.commission_rule_use (
    rule_id bigint NOT NULL,
    period_start date NOT NULL,
    sales bigint NOT NULL,
    PRIMARY KEY (rule_id, period_start)
);
COMMENT ON TABLE salesperf.commission_rule_use IS 'how often rules paid in the last run for each period; derived, never dumped';
COMMENT ON COLUMN salesperf.commission_rule_use.rule_id IS 'the rule, if it was valid in the period';
COMMENT ON COLUMN salesperf.commission_rule_use.period_start IS 'first day of the period';
COMMENT ON COLUMN salesperf.commission_rule_use.sales IS 'credits of sales that it paid, a fee of 0 included';
