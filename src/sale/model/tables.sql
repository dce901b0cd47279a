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

CREATE TABLE IF NOT EXISTS salesperf.sales_order (
    order_no text PRIMARY KEY,
    ordered_on date,
    customer text,
    seller text,
    unit text,
    branch text,
    sale_type text,
    status text NOT NULL DEFAULT 'confirmed',
    currency text,
    attributes jsonb
);
CREATE INDEX IF NOT EXISTS sales_order_customer_idx ON salesperf.sales_order (customer);
CREATE INDEX IF NOT EXISTS sales_order_seller_idx ON salesperf.sales_order (seller);
CREATE INDEX IF NOT EXISTS sales_order_ordered_on_idx ON salesperf.sales_order (ordered_on);
CREATE INDEX IF NOT EXISTS sales_order_status_idx ON salesperf.sales_order (status);
COMMENT ON TABLE salesperf.sales_order IS 'orders, where no ERP''s own tables are attached; a return is an order with negative lines';
COMMENT ON COLUMN salesperf.sales_order.order_no IS 'number of the order';
COMMENT ON COLUMN salesperf.sales_order.ordered_on IS 'day of the sale; without one the order does not count';
COMMENT ON COLUMN salesperf.sales_order.customer IS 'code of the customer';
COMMENT ON COLUMN salesperf.sales_order.seller IS 'code of the seller, who has what order_split leaves over';
COMMENT ON COLUMN salesperf.sales_order.unit IS 'code of the unit that the order belongs to; NULL: that of its seller';
COMMENT ON COLUMN salesperf.sales_order.branch IS 'code of the branch';
COMMENT ON COLUMN salesperf.sales_order.sale_type IS 'new, existing, renewal, other, or a word of one''s own';
COMMENT ON COLUMN salesperf.sales_order.status IS 'state of the order; sale_status says which count';
COMMENT ON COLUMN salesperf.sales_order.currency IS 'currency of the lines'' amounts, ISO 4217; NULL: the reporting currency';
COMMENT ON COLUMN salesperf.sales_order.attributes IS 'anything else';

CREATE TABLE IF NOT EXISTS salesperf.order_line (
    order_no text NOT NULL,
    line_no integer NOT NULL,
    product text,
    quantity numeric,
    gross numeric,
    net numeric,
    cost numeric,
    PRIMARY KEY (order_no, line_no)
);
CREATE INDEX IF NOT EXISTS order_line_product_idx ON salesperf.order_line (product);
COMMENT ON TABLE salesperf.order_line IS 'lines of orders; amounts are of the line, not per unit';
COMMENT ON COLUMN salesperf.order_line.order_no IS 'the order, of table sales_order';
COMMENT ON COLUMN salesperf.order_line.line_no IS 'number of the line within its order';
COMMENT ON COLUMN salesperf.order_line.product IS 'code of the product';
COMMENT ON COLUMN salesperf.order_line.quantity IS 'quantity; negative for a return';
COMMENT ON COLUMN salesperf.order_line.gross IS 'before discounts, without tax';
COMMENT ON COLUMN salesperf.order_line.net IS 'after discounts, without tax';
COMMENT ON COLUMN salesperf.order_line.cost IS 'cost; NULL: not known, and so is the margin';

CREATE TABLE IF NOT EXISTS salesperf.contract (
    contract_no text PRIMARY KEY,
    signed_on date,
    customer text,
    seller text,
    unit text,
    sale_type text,
    status text NOT NULL DEFAULT 'confirmed',
    currency text,
    attributes jsonb
);
CREATE INDEX IF NOT EXISTS contract_customer_idx ON salesperf.contract (customer);
CREATE INDEX IF NOT EXISTS contract_seller_idx ON salesperf.contract (seller);
CREATE INDEX IF NOT EXISTS contract_signed_on_idx ON salesperf.contract (signed_on);
CREATE INDEX IF NOT EXISTS contract_status_idx ON salesperf.contract (status);
COMMENT ON TABLE salesperf.contract IS 'contracts, where no ERP''s own tables are attached; a return is a contract with negative lines';
COMMENT ON COLUMN salesperf.contract.contract_no IS 'number of the contract';
COMMENT ON COLUMN salesperf.contract.signed_on IS 'day of the sale; without one the contract does not count';
COMMENT ON COLUMN salesperf.contract.customer IS 'code of the customer';
COMMENT ON COLUMN salesperf.contract.seller IS 'code of the seller, who has what order_split leaves over';
COMMENT ON COLUMN salesperf.contract.unit IS 'code of the unit that the contract belongs to; NULL: that of its seller';
COMMENT ON COLUMN salesperf.contract.sale_type IS 'new, existing, renewal or other; NULL: not known';
COMMENT ON COLUMN salesperf.contract.status IS 'state of the contract; sale_status says which count';
COMMENT ON COLUMN salesperf.contract.currency IS 'currency of the lines'' amounts, ISO 4217; NULL: the reporting currency';
COMMENT ON COLUMN salesperf.contract.attributes IS 'anything else';

CREATE TABLE IF NOT EXISTS salesperf.contract_line (
    contract_no text NOT NULL,
    line_no integer NOT NULL,
    product text,
    quantity numeric,
    gross numeric,
    net numeric,
    cost numeric,
    revenue numeric,
    attributes jsonb,
    PRIMARY KEY (contract_no, line_no)
);
CREATE INDEX IF NOT EXISTS contract_line_product_idx ON salesperf.contract_line (product);
COMMENT ON TABLE salesperf.contract_line IS 'lines of contracts; amounts are of the line, not per unit';
COMMENT ON COLUMN salesperf.contract_line.contract_no IS 'the contract, of table contract';
COMMENT ON COLUMN salesperf.contract_line.line_no IS 'number of the line within its contract';
COMMENT ON COLUMN salesperf.contract_line.product IS 'code of the product';
COMMENT ON COLUMN salesperf.contract_line.quantity IS 'quantity; negative for a return';
COMMENT ON COLUMN salesperf.contract_line.gross IS 'before discounts, without tax';
COMMENT ON COLUMN salesperf.contract_line.net IS 'after discounts, without tax';
COMMENT ON COLUMN salesperf.contract_line.cost IS 'cost; NULL: not known, and so is the margin';
COMMENT ON COLUMN salesperf.contract_line.revenue IS 'what the operator pays';
COMMENT ON COLUMN salesperf.contract_line.attributes IS 'anything else';

CREATE TABLE IF NOT EXISTS salesperf.order_split (
    split_id bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    source text NOT NULL,
    document text NOT NULL,
    seller text NOT NULL,
    percent numeric,
    amount numeric,
    overlay boolean NOT NULL DEFAULT false
);
CREATE INDEX IF NOT EXISTS order_split_document_idx ON salesperf.order_split (source, document);
CREATE INDEX IF NOT EXISTS order_split_seller_idx ON salesperf.order_split (seller);
COMMENT ON TABLE salesperf.order_split IS 'who shares in a document of any source; percents of a document''s rows that are no overlay are 100 at most';
COMMENT ON COLUMN salesperf.order_split.split_id IS 'key';
COMMENT ON COLUMN salesperf.order_split.source IS 'name of the source, as in sale.source';
COMMENT ON COLUMN salesperf.order_split.document IS 'the order, invoice or contract, as in sale.document';
COMMENT ON COLUMN salesperf.order_split.seller IS 'code of the seller; several rows of one are added up';
COMMENT ON COLUMN salesperf.order_split.percent IS 'percent of every line; either this or amount';
COMMENT ON COLUMN salesperf.order_split.amount IS 'fixed part of the document''s net, in the reporting currency; positive for a return too';
COMMENT ON COLUMN salesperf.order_split.overlay IS 'on top of the whole, for a supporting role';

DO $sale_status$
BEGIN
    IF to_regclass('salesperf.sale_status') IS NULL THEN
        CREATE TABLE salesperf.sale_status (
            status text PRIMARY KEY,
            counts boolean NOT NULL
        );
    END IF;
    IF NOT EXISTS (SELECT FROM salesperf.sale_status) THEN
        INSERT INTO salesperf.sale_status (status, counts) VALUES
            ('confirmed', true),
            ('invoiced', true),
            ('done', true),
            ('draft', false),
            ('quotation', false),
            ('cancelled', false);
    END IF;
END
$sale_status$;
COMMENT ON TABLE salesperf.sale_status IS 'which states of orders and contracts count; more may be added, one that is not listed does not count';
COMMENT ON COLUMN salesperf.sale_status.status IS 'the state, as in sales_order.status and contract.status';
COMMENT ON COLUMN salesperf.sale_status.counts IS 'whether figures count what is in this state';
