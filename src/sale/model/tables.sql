CREATE TABLE IF NOT EXISTS salesperf.source (
    name text COLLATE "C" PRIMARY KEY,
    lines text NOT NULL,
    header text,
    join_on text,
    joins text[],
    document text NOT NULL,
    line text,
    sold_on text NOT NULL,
    customer text,
    seller text,
    unit text,
    product text,
    branch text,
    sale_type text,
    quantity text,
    gross text,
    net text NOT NULL,
    cost text,
    revenue text,
    currency text,
    rate text,
    counts text,
    attributes text,
    part_of text COLLATE "C",
    splits text,
    split_on text,
    split_seller text,
    split_percent text,
    split_amount text
);
COMMENT ON TABLE salesperf.source IS 'tables whose rows are sales, written by attach_source() and detach_source()';
COMMENT ON COLUMN salesperf.source.name IS 'name of the source, as in sale.source';
COMMENT ON COLUMN salesperf.source.lines IS 'the table, qualified; alias l in the expressions';
COMMENT ON COLUMN salesperf.source.header IS 'the table with the documents, qualified, where lines are apart; alias h';
COMMENT ON COLUMN salesperf.source.join_on IS 'how they join: equalities of columns of l and h';
COMMENT ON COLUMN salesperf.source.joins IS 'rows looked up for a sale, at most one each: schema.table alias ON condition';
COMMENT ON COLUMN salesperf.source.document IS 'expression: key of the order, invoice or contract a row belongs to';
COMMENT ON COLUMN salesperf.source.line IS 'expression: key of the row within its document';
COMMENT ON COLUMN salesperf.source.sold_on IS 'expression of type date';
COMMENT ON COLUMN salesperf.source.customer IS 'expression: key of the customer';
COMMENT ON COLUMN salesperf.source.seller IS 'expression: key of the seller';
COMMENT ON COLUMN salesperf.source.unit IS 'expression: key of the unit, where the sale names one';
COMMENT ON COLUMN salesperf.source.product IS 'expression: key of the product';
COMMENT ON COLUMN salesperf.source.branch IS 'expression: key of the branch';
COMMENT ON COLUMN salesperf.source.sale_type IS 'expression: new, existing, renewal, other';
COMMENT ON COLUMN salesperf.source.quantity IS 'numeric expression, of the line; NULL: 1';
COMMENT ON COLUMN salesperf.source.gross IS 'numeric expression, of the line, before discounts, without tax; NULL: net';
COMMENT ON COLUMN salesperf.source.net IS 'numeric expression, of the line, after discounts, without tax';
COMMENT ON COLUMN salesperf.source.cost IS 'numeric expression, of the line; where it yields NULL the margin is not known';
COMMENT ON COLUMN salesperf.source.revenue IS 'numeric expression, of the line: paid by the operator';
COMMENT ON COLUMN salesperf.source.currency IS 'expression: code of the currency of the amounts; where it yields NULL the reporting currency';
COMMENT ON COLUMN salesperf.source.rate IS 'numeric expression: reporting units for one unit of the currency; where it yields NULL that of table exchange_rate';
COMMENT ON COLUMN salesperf.source.counts IS 'boolean expression: does the row count? NULL: every row';
COMMENT ON COLUMN salesperf.source.attributes IS 'jsonb expression: anything else';
COMMENT ON COLUMN salesperf.source.part_of IS 'the source whose documents the lines belong to; NULL: itself';
COMMENT ON COLUMN salesperf.source.splits IS 'the table by which documents are split between sellers, qualified; alias s';
COMMENT ON COLUMN salesperf.source.split_on IS 'how it is joined: equalities of columns of s and of the table with the documents; what else is said of s chooses among its rows';
COMMENT ON COLUMN salesperf.source.split_seller IS 'expression over s: key of the seller';
COMMENT ON COLUMN salesperf.source.split_percent IS 'numeric expression over s: percent of the document; NULL, as the amount: equal shares';
COMMENT ON COLUMN salesperf.source.split_amount IS 'numeric expression over s: fixed amount of the document''s net, in the reporting currency';
