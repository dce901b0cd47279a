-- Views source_<name>, split_<name>, sale and credit, and the triggers of each
-- attached table.
SELECT salesperf.restore_sources();

-- The starter tables are the first two sources.
DO $starter$
BEGIN
    IF NOT EXISTS (SELECT FROM salesperf.source WHERE name = 'order') THEN
        PERFORM salesperf.attach_source('order',
            lines => 'salesperf.order_line', header => 'salesperf.sales_order', join_on => 'l.order_no = h.order_no',
            joins => ARRAY['salesperf.sale_status t ON t.status = h.status'],
            document => 'h.order_no', line => 'l.line_no', sold_on => 'h.ordered_on', customer => 'h.customer',
            seller => 'h.seller', unit => 'h.unit', product => 'l.product', branch => 'h.branch',
            sale_type => 'h.sale_type', quantity => 'coalesce(l.quantity, 1)', gross => 'coalesce(l.gross, l.net)', net => 'l.net', cost => 'l.cost',
            currency => 'h.currency', counts => 't.counts', attributes => 'h.attributes');
    END IF;
    IF NOT EXISTS (SELECT FROM salesperf.source WHERE name = 'contract') THEN
        PERFORM salesperf.attach_source('contract',
            lines => 'salesperf.contract_line', header => 'salesperf.contract', join_on => 'l.contract_no = h.contract_no',
            joins => ARRAY['salesperf.sale_status t ON t.status = h.status'],
            document => 'h.contract_no', line => 'l.line_no', sold_on => 'h.signed_on', customer => 'h.customer',
            seller => 'h.seller', unit => 'h.unit', product => 'l.product', sale_type => 'h.sale_type',
            quantity => 'coalesce(l.quantity, 1)', gross => 'coalesce(l.gross, l.net)', net => 'l.net', cost => 'l.cost', revenue => 'l.revenue',
            currency => 'h.currency', counts => 't.counts',
            attributes => 'coalesce(h.attributes || l.attributes, h.attributes, l.attributes)');
    END IF;
END
$starter$;
