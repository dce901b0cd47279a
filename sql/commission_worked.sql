-- Commissions by hand. Each case has sales of a type of its own, rules for
-- that type, and what every line must pay, with the derivation beside it.
SET client_min_messages = warning;
SET datestyle = ISO;
CREATE SCHEMA cwk;
CREATE TABLE cwk.sale (doc text, line integer, day date, kind text, rep text, unit text, item text, qty numeric, gross numeric, net numeric, cost numeric, fee numeric,
    attr jsonb, PRIMARY KEY (doc, line));
CREATE INDEX ON cwk.sale (rep);
CREATE INDEX ON cwk.sale (item);
CREATE TABLE cwk.team (doc text, rep text, PRIMARY KEY (doc, rep));
SELECT salesperf.attach_source('cwk', 'cwk.sale', document => 'l.doc', line => 'l.line', sold_on => 'l.day', sale_type => 'l.kind', seller => 'l.rep',
    unit => 'l.unit', product => 'l.item', quantity => 'l.qty', gross => 'l.gross', net => 'l.net', cost => 'l.cost', revenue => 'l.fee', attributes => 'l.attr',
    splits => 'cwk.team', split_on => 's.doc = l.doc', split_seller => 's.rep');
CREATE TABLE cwk.expected (doc text, line integer, payee text, component text, amount numeric, why text);

CREATE PROCEDURE cwk.rule(kind text, tiers text, payee text DEFAULT 'seller', priority integer DEFAULT 0, tier_by text DEFAULT 'sale', every text DEFAULT 'month',
    base text DEFAULT 'net', kpi text DEFAULT NULL, kpi_of text DEFAULT 'payee', cap numeric DEFAULT NULL, floor numeric DEFAULT NULL, min_amount numeric DEFAULT NULL,
    positive_only boolean DEFAULT false, credit text DEFAULT 'revenue', component text DEFAULT NULL, valid_to date DEFAULT NULL, products text[] DEFAULT NULL,
    partner_types text[] DEFAULT NULL, company_flags text[] DEFAULT NULL, exclude_company_flags text[] DEFAULT NULL, condition text DEFAULT NULL)
LANGUAGE sql AS $$
    INSERT INTO salesperf.commission_rule (component, payee, priority, valid_from, valid_to, every, base, positive_only, tiers, tier_by, kpi, kpi_of, cap, floor,
        min_amount, credit, sale_types, products, partner_types, company_flags, exclude_company_flags, condition)
    VALUES (coalesce($15, $1), $3, $4, '2030-01-01', $16, $6, $7, $13, $2, $5, $8, $9, $10, $11, $12, $14, ARRAY[$1], $17, $18, $19, $20, $21)
$$;
-- A sale, and what its line pays whom.
CREATE PROCEDURE cwk.sold(kind text, doc text, day date, net numeric, pays numeric DEFAULT NULL, why text DEFAULT NULL, line integer DEFAULT 1, rep text DEFAULT NULL,
    payee text DEFAULT NULL, item text DEFAULT NULL, qty numeric DEFAULT 1, gross numeric DEFAULT NULL, cost numeric DEFAULT NULL, fee numeric DEFAULT NULL,
    unit text DEFAULT NULL, attr jsonb DEFAULT NULL)
LANGUAGE sql AS $$
    INSERT INTO cwk.sale VALUES (doc, line, day, kind, coalesce(rep, kind), unit, item, qty, gross, net, cost, fee, attr);
    INSERT INTO cwk.expected SELECT doc, line, coalesce(payee, rep, kind), kind, pays, why WHERE pays IS NOT NULL
$$;

-- Slab, borders: reached at the value; >5000 only above; half a cent is rounded away from zero.
CALL cwk.rule('slab', '0: 5%, 1000: 8%, >5000: 10%');
CALL cwk.sold('slab', 'A1', '2036-01-05', 999.99, 50.00, '5 % = 49.9995');
CALL cwk.sold('slab', 'A2', '2036-01-05', 1000, 80.00, 'reached at its value: 8 %');
CALL cwk.sold('slab', 'A3', '2036-01-05', 5000, 400.00, '10 % only above 5000: 8 %');
CALL cwk.sold('slab', 'A4', '2036-01-05', 5000.01, 500.00, '10 % = 500.001');
CALL cwk.sold('slab', 'A5', '2036-01-06', -1000, -80.00, 'a return mirrors its sale');
CALL cwk.sold('slab', 'A6', '2036-01-06', -999.90, -50.00, '5 % = -49.995, half away from zero');
CALL cwk.sold('slab', 'A7', '2036-01-06', 0, 0.00, 'nothing is 0, and posted');
CALL cwk.rule('low', '1000: 5%');
CALL cwk.sold('low', 'A8', '2036-01-06', 100, 0.00, 'below the first tier: a rule that pays 0 posts 0');

-- Slab by month: all sales at the rate of the total, and back with a return.
CALL cwk.rule('rerate', '0: 5%, 1000: 8%', tier_by => 'period');
CALL cwk.sold('rerate', 'B1', '2036-01-05', 600, 48.00, 'total 1100: 8 % of 600', rep => 'b1');
CALL cwk.sold('rerate', 'B2', '2036-01-31', 500, 40.00, '8 % of 500', rep => 'b1');
CALL cwk.sold('rerate', 'B3', '2036-02-01', 600, 30.00, 'another month: 5 % of 600', rep => 'b1');
CALL cwk.sold('rerate', 'B4', '2036-01-05', 600, 30.00, 'total 600 + 500 - 200 = 900: 5 %', rep => 'b2');
CALL cwk.sold('rerate', 'B5', '2036-01-20', 500, 25.00, '5 %', rep => 'b2');
CALL cwk.sold('rerate', 'B6', '2036-01-25', -200, -10.00, 'the return brings the tier back: 5 %', rep => 'b2');
CALL cwk.sold('rerate', 'B7', '2036-01-25', -1000, -80.00, 'returns alone: total -1000 mirrors 1000, 8 %', rep => 'b3');

-- Graduated by month: round(payout after) - round(payout before).
CALL cwk.rule('grad', 'graduated; 0: 1%, 1000: 2%', tier_by => 'period');
CALL cwk.sold('grad', 'C1', '2036-01-05', 600, 6.00, '1 % of 600');
CALL cwk.sold('grad', 'C2', '2036-01-06', 500, 6.00, 'at 1100: 10 + 2 = 12, less 6');
CALL cwk.sold('grad', 'C3', '2036-01-07', 400, 8.00, 'at 1500: 10 + 10 = 20, less 12');
CALL cwk.sold('grad', 'C4', '2036-01-08', -700, -12.00, 'at 800: 8, less 20: the return brings the tier back');
CALL cwk.sold('grad', 'C5', '2036-01-09', 0.40, 0.00, 'at 800.40: 8.004 → 8.00, less 8.00');
CALL cwk.sold('grad', 'C6', '2036-01-09', 0.40, 0.01, 'after C5 of the same day, in order of document: at 800.80 8.008 → 8.01, less 8.00');

-- Graduated on a document of two lines, in proportion to their bases.
CALL cwk.rule('graddoc', 'graduated; 0: 1%, 1000: 2%', tier_by => 'document');
CALL cwk.sold('graddoc', 'D1', '2036-01-05', 800, 10.67, '1500: 10 + 10 = 20; 800/1500 of it = 10.666..');
CALL cwk.sold('graddoc', 'D1', '2036-01-05', 700, 9.33, '700/1500 of 20 = 9.333..', line => 2);
CALL cwk.sold('graddoc', 'D2', '2036-01-05', 10, 0.10, '1 % of 10.10 = 0.101 → 0.10; × 10/10.10 = 0.0990: the larger remainder has the cent');
CALL cwk.sold('graddoc', 'D2', '2036-01-05', 0.10, 0.00, '0.10 × 0.10/10.10 = 0.00099: no cent', line => 2);
CALL cwk.sold('graddoc', 'D3', '2036-01-05', 33.40, 0.34, '1 % of 100.20 = 1.002 → 1.00; a third each, the missing cent to the first line');
CALL cwk.sold('graddoc', 'D3', '2036-01-05', 33.40, 0.33, 'a third of 1.00', line => 2);
CALL cwk.sold('graddoc', 'D3', '2036-01-05', 33.40, 0.33, 'a third of 1.00', line => 3);

-- Interpolated and excess.
CALL cwk.rule('inter', 'interpolated; 0: 2%, 1000: 4%');
CALL cwk.sold('inter', 'E1', '2036-01-05', 500, 15.00, 'half way: 3 %');
CALL cwk.sold('inter', 'E2', '2036-01-05', 250, 6.25, 'a quarter of the way: 2.5 %');
CALL cwk.sold('inter', 'E3', '2036-01-05', 1000, 40.00, 'the last point: 4 %');
CALL cwk.sold('inter', 'E4', '2036-01-05', 2000, 80.00, 'flat after it: 4 %');
CALL cwk.sold('inter', 'E5', '2036-01-05', -500, -15.00, 'mirrored');
CALL cwk.rule('intermonth', 'interpolated; 0: 2%, 1000: 4%', tier_by => 'period');
CALL cwk.sold('intermonth', 'E6', '2036-01-05', 500, 15.00, 'at 500 3 % = 15');
CALL cwk.sold('intermonth', 'E7', '2036-01-06', 500, 25.00, 'at 1000 4 % = 40, less 15');
CALL cwk.rule('excess', 'excess; 1000: 10%');
CALL cwk.sold('excess', 'F1', '2036-01-05', 900, 0.00, 'below');
CALL cwk.sold('excess', 'F2', '2036-01-05', 1000, 0.00, 'nothing above 1000');
CALL cwk.sold('excess', 'F3', '2036-01-05', 1500, 50.00, '10 % of 500');
CALL cwk.rule('excessmonth', 'excess; 1000: 10%', tier_by => 'period');
CALL cwk.sold('excessmonth', 'F4', '2036-01-05', 600, 0.00, 'at 600 nothing');
CALL cwk.sold('excessmonth', 'F5', '2036-01-06', 600, 20.00, 'at 1200: 10 % of 200');
CALL cwk.sold('excessmonth', 'F6', '2036-01-07', 300, 30.00, 'at 1500: 50, less 20');

-- A fee for each contract, on its lowest line.
CALL cwk.rule('fee', '0: 2500%', base => 'document');
CALL cwk.sold('fee', 'G1', '2036-01-05', 10, 25.00, '25 for the document');
CALL cwk.sold('fee', 'G1', '2036-01-05', 90, 0.00, 'not on its second line', line => 2);
CALL cwk.rule('feemonth', '0: 1000%, 3: 1500%', base => 'document', tier_by => 'period');
CALL cwk.sold('feemonth', 'G2', '2036-01-05', 1, 15.00, 'three documents in the month: 15 each');
CALL cwk.sold('feemonth', 'G3', '2036-01-05', 1, 15.00, '15');
CALL cwk.sold('feemonth', 'G4', '2036-01-06', 1, 15.00, '15');
CALL cwk.sold('feemonth', 'G4', '2036-01-06', 1, 0.00, 'its second line', line => 2);
CALL cwk.rule('prize', '0: 0, 1000: 100', tier_by => 'period');
CALL cwk.sold('prize', 'G5', '2036-01-05', 600, 50.00, 'the month reached 1200: 100, half of it for 600 of 1200');
CALL cwk.sold('prize', 'G6', '2036-01-06', 600, 50.00, 'half of 100');

-- Caps and floors act on magnitude; a floor lifts no return.
CALL cwk.rule('cap', '0: 10%', cap => 30);
CALL cwk.sold('cap', 'H1', '2036-01-05', 400, 30.00, '40, at most 30');
CALL cwk.sold('cap', 'H2', '2036-01-05', -400, -30.00, '-40, the cap keeps the sign');
CALL cwk.sold('cap', 'H3', '2036-01-05', 200, 20.00, 'under the cap');
CALL cwk.rule('floor', '0: 10%', floor => 5);
CALL cwk.sold('floor', 'H4', '2036-01-05', 20, 5.00, '2, at least 5');
CALL cwk.sold('floor', 'H5', '2036-01-05', 100, 10.00, 'over the floor');
CALL cwk.sold('floor', 'H6', '2036-01-05', -20, -2.00, 'a floor lifts no return');
CALL cwk.rule('capdoc', '0: 10%', tier_by => 'document', cap => 10);
CALL cwk.sold('capdoc', 'H7', '2036-01-05', 150, 7.50, '20 for the document, at most 10: 150/200 of it');
CALL cwk.sold('capdoc', 'H7', '2036-01-05', 50, 2.50, '50/200 of 10', line => 2);
CALL cwk.rule('capmonth', '0: 10%', tier_by => 'period', cap => 50);
CALL cwk.sold('capmonth', 'H8', '2036-01-05', 300, 25.00, '30 + 30 in the month, at most 50: half');
CALL cwk.sold('capmonth', 'H9', '2036-01-06', 300, 25.00, 'half of 50');
CALL cwk.rule('capgrad', 'graduated; 0: 10%', tier_by => 'period', cap => 50);
CALL cwk.sold('capgrad', 'H10', '2036-01-05', 300, 30.00, 'at 300: 30');
CALL cwk.sold('capgrad', 'H11', '2036-01-06', 300, 20.00, 'at 600: 60, at most 50, less 30');
CALL cwk.sold('capgrad', 'H12', '2036-01-07', -200, -10.00, 'at 400: 40, less 50');
CALL cwk.rule('floormonth', '0: 1%', tier_by => 'period', floor => 20);
CALL cwk.sold('floormonth', 'H13', '2036-01-05', 300, 6.00, '10 in the month, at least 20: 300/1000 of it');
CALL cwk.sold('floormonth', 'H14', '2036-01-06', 700, 14.00, '700/1000 of 20');

-- Splits: credits are not rounded, items are.
CALL cwk.rule('split', '0: 10%', credit => 'revenue');
CALL cwk.sold('split', 'I1', '2036-01-05', 10.10, 0.51, 'half of 10.10 = 5.05; 10 % = 0.505, half away from zero', rep => 'i1');
INSERT INTO cwk.expected VALUES ('I1', 1, 'i2', 'split', 0.51, 'the other half');
CALL cwk.sold('split', 'I2', '2036-01-05', -10.10, -0.51, 'a return is split as well: -0.505', rep => 'i1');
INSERT INTO cwk.expected VALUES ('I2', 1, 'i2', 'split', -0.51, 'the other half');
CALL cwk.sold('split', 'I3', '2036-01-05', 100, 7.00, '30 % went to i2: 70', rep => 'i1');
INSERT INTO cwk.expected VALUES ('I3', 1, 'i2', 'split', 3.00, '10 % of 30');
CALL cwk.sold('split', 'I4', '2036-01-05', 200, 17.50, '25 of 200 went to i2: 175', rep => 'i1');
INSERT INTO cwk.expected VALUES ('I4', 1, 'i2', 'split', 2.50, '10 % of 25');
-- Thirds: 15 % of a third of 0.10 is exactly half a cent; three thirds of 100 reach 100.
CALL cwk.rule('third', '0: 15%');
CALL cwk.sold('third', 'I5', '2036-01-05', 0.10, 0.01, 'a third of 0.10 × 15 % = 0.005 exactly, half away from zero', rep => 'i1');
INSERT INTO cwk.expected VALUES ('I5', 1, 'i2', 'third', 0.01, 'a third'), ('I5', 1, 'i3', 'third', 0.01, 'a third');
CALL cwk.rule('border', '0: 1%, 100: 10%', tier_by => 'period');
CALL cwk.sold('border', 'I6', '2036-01-05', 100, 3.33, 'a third of each of three documents: 100 in all → 10 % of 33.333..', rep => 'i1');
CALL cwk.sold('border', 'I7', '2036-01-05', 100, 3.33, '10 %', rep => 'i1');
CALL cwk.sold('border', 'I8', '2036-01-05', 100, 3.33, '10 %', rep => 'i1');
INSERT INTO cwk.expected SELECT d, 1, r, 'border', 3.33, 'a third' FROM unnest('{I6,I7,I8}'::text[]) d, unnest('{i2,i3}'::text[]) r;
INSERT INTO cwk.team SELECT d, r FROM unnest('{I5,I6,I7,I8}'::text[]) d, unnest('{i1,i2,i3}'::text[]) r;
CALL cwk.rule('overlay', '0: 1%', credit => 'overlay');
CALL cwk.sold('overlay', 'I9', '2036-01-05', 500, NULL, rep => 'i1');
INSERT INTO cwk.expected VALUES ('I9', 1, 'i2', 'overlay', 1.00, '1 % of the overlay of 20 % of 500; nothing for the seller');
CALL cwk.rule('any', '0: 1%', credit => 'any');
CALL cwk.sold('any', 'I10', '2036-01-05', 500, 5.00, '1 % of 500', rep => 'i1');
INSERT INTO cwk.expected VALUES ('I10', 1, 'i2', 'any', 1.00, '1 % of the overlay of 100');
INSERT INTO salesperf.order_split (source, document, seller, percent, amount, overlay) VALUES
    ('cwk', 'I1', 'i1', 50, NULL, false), ('cwk', 'I1', 'i2', 50, NULL, false), ('cwk', 'I2', 'i1', 50, NULL, false), ('cwk', 'I2', 'i2', 50, NULL, false),
    ('cwk', 'I3', 'i2', 30, NULL, false), ('cwk', 'I4', 'i2', NULL, 25, false),
    ('cwk', 'I9', 'i2', 20, NULL, true), ('cwk', 'I10', 'i2', 20, NULL, true);

-- Indicators over whole months ending with that of the sale, over a year's end.
INSERT INTO salesperf.kpi (kpi, metric, months, scale, sale_types) VALUES
    ('cwk net 3', 'net', 3, 'amount', '{kpi3}'), ('cwk net 36', 'net', 36, 'amount', '{kpi36}'), ('cwk documents 2', 'documents', 2, 'amount', '{kpidoc}'),
    ('cwk attained', 'net', 1, 'attainment', '{attained}'), ('cwk margin', 'margin_percent', 1, 'amount', '{marginpc}'), ('cwk outlet', 'net', 1, 'amount', '{kpiout}'),
    ('cwk pieces', 'documents', 1, 'amount', '{kpifee}'), ('cwk fallen', 'net', 1, 'amount', '{kpineg}');
CALL cwk.rule('kpi3', '0: 1%, 2500: 2%, 3000: 3%', tier_by => 'kpi', kpi => 'cwk net 3');
CALL cwk.sold('kpi3', 'J1', '2035-11-10', 1000);
CALL cwk.sold('kpi3', 'J2', '2035-12-31', 1000);
CALL cwk.sold('kpi3', 'J3', '2036-01-01', 1000, 30.00, 'November to January: 3000 → 3 %');
CALL cwk.sold('kpi3', 'J4', '2036-02-29', 100, 1.00, 'December to February: 2100 → 1 %');
CALL cwk.rule('kpi36', '0: 1%, 5000: 5%', tier_by => 'kpi', kpi => 'cwk net 36');
CALL cwk.sold('kpi36', 'J5', '2033-02-01', 5000);
CALL cwk.sold('kpi36', 'J6', '2036-01-10', 100, 5.00, 'February 2033 to January 2036: 5100 → 5 %');
CALL cwk.sold('kpi36', 'J7', '2036-02-10', 100, 1.00, 'March 2033 to February 2036: 200 → 1 %');
CALL cwk.rule('kpidoc', '0: 1%, 2: 2%', tier_by => 'kpi', kpi => 'cwk documents 2');
CALL cwk.sold('kpidoc', 'J8', '2036-01-10', 100, 1.00, 'one document, of two lines: 1 % of 200 = 2, halved');
CALL cwk.sold('kpidoc', 'J8', '2036-01-10', 100, 1.00, 'halved', line => 2);
CALL cwk.sold('kpidoc', 'J9', '2036-02-10', 100, 2.00, 'January and February: two documents → 2 %');

-- Attainment against the part of the targets in the window.
CALL cwk.rule('attained', '0: 1%, 100: 2%, 120: 3%', tier_by => 'kpi', kpi => 'cwk attained');
INSERT INTO salesperf.target (name, metric, starts_on, ends_on, amount, kpi, sellers) VALUES
    ('cwk January', 'net', '2036-01-01', '2036-01-31', 1000, 'cwk attained', '{k1}'), ('cwk quarter', 'net', '2036-01-01', '2036-03-31', 9100, 'cwk attained', '{k2}'),
    ('cwk none', 'net', '2036-01-01', '2036-01-31', 0, 'cwk attained', '{k3}'), ('cwk joint', 'net', '2036-01-01', '2036-01-31', 10, 'cwk attained', '{k4,k5}'),
    ('cwk half', 'net', '2036-01-01', '2036-01-31', 600, 'cwk attained', '{k6}'), ('cwk other half', 'net', '2036-01-01', '2036-01-31', 400, 'cwk attained', '{k6}');
CALL cwk.sold('attained', 'K1', '2036-01-10', 1200, 36.00, '1200 / 1000 = 120 % → 3 %', rep => 'k1');
CALL cwk.sold('attained', 'K2', '2036-01-10', 3100, 62.00, '31 of 91 days of 9100 = 3100: 100 % → 2 %', rep => 'k2');
CALL cwk.sold('attained', 'K3', '2036-02-10', 2900, 58.00, '29 of 91 days of 9100 = 2900: 100 % → 2 %', rep => 'k2');
CALL cwk.sold('attained', 'K4', '2036-01-10', 100, NULL, 'a target of 0: an exception', rep => 'k3');
CALL cwk.sold('attained', 'K5', '2036-01-10', 100, NULL, 'only a joint target: an exception', rep => 'k4');
CALL cwk.sold('attained', 'K6', '2036-01-10', 999.99, 10.00, '999.99 / (600 + 400) = 99.999 % → 1 % = 9.9999', rep => 'k6');

CALL cwk.rule('marginpc', '0: 1%, 25: 2%', tier_by => 'kpi', kpi => 'cwk margin', base => 'margin');
CALL cwk.sold('marginpc', 'L1', '2036-01-10', 200, 1.00, 'margin 50 of 200 = 25 % → 2 % of 50', rep => 'l1', cost => 150);
CALL cwk.sold('marginpc', 'L2', '2036-01-10', 0, NULL, 'net 0: an exception', rep => 'l2', cost => -10);
CALL cwk.sold('marginpc', 'L3', '2036-01-10', 300, 0.74, 'margin 74 of 300 = 24.666 % → 1 % of 74', rep => 'l3', cost => 226);
CALL cwk.sold('marginpc', 'L4', '2036-01-11', 100, NULL, 'margin not known: an exception; it counts in net', rep => 'l4');

-- Plain amounts by an indicator: a return gives the amount back. Below 0 no tier is reached.
CALL cwk.rule('kpifee', '0: 5, 3: 8', tier_by => 'kpi', kpi => 'cwk pieces');
CALL cwk.sold('kpifee', 'M1', '2036-01-10', 100, 8.00, 'three documents: 8 each');
CALL cwk.sold('kpifee', 'M2', '2036-01-10', 100, 8.00, '8');
CALL cwk.sold('kpifee', 'M3', '2036-01-11', -100, -8.00, 'a return: -8');
CALL cwk.rule('kpineg', '0: 5%', tier_by => 'kpi', kpi => 'cwk fallen');
CALL cwk.sold('kpineg', 'M4', '2036-01-10', -100, 0.00, 'the indicator is -50, below the tier of 0');
CALL cwk.sold('kpineg', 'M5', '2036-01-10', 50, 0.00, 'the same');

-- Outlets, their managers, and a move in mid-month.
INSERT INTO salesperf.unit (code, kind, partner_type, past_commissions) VALUES ('cwk c1', 'company', 'dealer', 'stay'), ('cwk c2', 'company', 'agent', 'stay'),
    ('cwk o1', 'outlet', NULL, 'stay'), ('cwk o2', 'outlet', NULL, 'follow');
INSERT INTO salesperf.unit_parent VALUES ('cwk o1', 'cwk c1', '2020-01-01', '2026-01-14'), ('cwk o1', 'cwk c2', '2026-01-15', NULL),
    ('cwk o2', 'cwk c1', '2020-01-01', '2026-01-14'), ('cwk o2', 'cwk c2', '2026-01-15', NULL);
INSERT INTO salesperf.seller_unit VALUES ('n1', 'cwk o1', '2020-01-01', NULL), ('n2', 'cwk o1', '2020-01-01', NULL), ('n3', 'cwk o2', '2020-01-01', NULL);
INSERT INTO salesperf.unit_manager VALUES ('cwk o1', 'm1', '2020-01-01', NULL), ('cwk o1', 'm2', '2036-01-10', NULL);
CALL cwk.rule('kpiout', '0: 1%, 1000: 2%', tier_by => 'kpi', kpi => 'cwk outlet', kpi_of => 'outlet');
CALL cwk.sold('kpiout', 'N1', '2036-01-10', 600, 12.00, 'the outlet has 1100 → 2 %', rep => 'n1');
CALL cwk.sold('kpiout', 'N2', '2036-01-20', 500, 10.00, '2 %', rep => 'n2');
CALL cwk.sold('kpiout', 'N3', '2036-01-20', 500, NULL, 'no outlet: an exception', rep => 'n9');
CALL cwk.rule('override', '0: 1%', payee => 'manager:outlet');
CALL cwk.sold('override', 'N4', '2036-01-09', 100, 1.00, 'one manager on the day', rep => 'n1', payee => 'm1');
CALL cwk.sold('override', 'N5', '2036-01-10', 100, 1.00, 'two managers: each', rep => 'n1', payee => 'm1');
INSERT INTO cwk.expected VALUES ('N5', 1, 'm2', 'override', 1.00, 'two managers: each');
CALL cwk.rule('moved', '0: 1%', payee => 'company');
CALL cwk.sold('moved', 'N6', '2026-01-14', 100, 1.00, 'with the old company on the day', rep => 'n1', payee => 'cwk c1');
CALL cwk.sold('moved', 'N7', '2026-01-15', 100, 1.00, 'with the new one from the day on', rep => 'n1', payee => 'cwk c2');
CALL cwk.sold('moved', 'N8', '2026-01-14', 100, 1.00, 'its past commissions follow to the new company', rep => 'n3', payee => 'cwk c2');
CALL cwk.sold('moved', 'N9', '2026-01-10', 100, 1.00, 'the unit on the sale, not the seller''s', rep => 'n3', unit => 'cwk o1', payee => 'cwk c1');
UPDATE salesperf.commission_rule SET valid_from = '2026-01-01' WHERE component = 'moved';

-- Partner types of the payee, flags of the company as of the day.
INSERT INTO salesperf.seller (code, partner_type) VALUES ('o1', 'adviser'), ('o2', 'employee');
INSERT INTO salesperf.unit (code, kind) VALUES ('cwk v', 'company'), ('cwk t', 'company');
INSERT INTO salesperf.unit_flag VALUES ('cwk v', 'vip', '2036-01-10', NULL), ('cwk t', 'test', '2036-01-01', NULL);
CALL cwk.rule('partner', '0: 4%', partner_types => '{adviser}', priority => 1);
CALL cwk.rule('partner', '0: 2%');
CALL cwk.sold('partner', 'O1', '2036-01-10', 100, 4.00, 'an adviser', rep => 'o1');
CALL cwk.sold('partner', 'O2', '2036-01-10', 100, 2.00, 'an employee', rep => 'o2');
CALL cwk.sold('partner', 'O6', '2036-01-19', 100, 2.00, 'an employee, that day', rep => 'o3');
CALL cwk.sold('partner', 'O7', '2036-01-20', 100, 4.00, 'an adviser from that day on', rep => 'o3');
INSERT INTO salesperf.seller_partner_type VALUES ('o3', 'employee', '2030-01-01', '2036-01-19'), ('o3', 'adviser', '2036-01-20', NULL);
CALL cwk.rule('partnerunit', '0: 1%', payee => 'company', partner_types => '{dealer}');
CALL cwk.sold('partnerunit', 'O8', '2036-01-10', 100, 1.00, 'a dealer on the day', unit => 'cwk v', payee => 'cwk v');
CALL cwk.sold('partnerunit', 'O9', '2036-01-11', 100, NULL, 'no dealer any more', unit => 'cwk v');
INSERT INTO salesperf.unit_partner_type VALUES ('cwk v', 'dealer', '2036-01-01', '2036-01-10');
CALL cwk.rule('flag', '0: 8%', company_flags => '{vip}', priority => 1);
CALL cwk.rule('flag', '0: 5%', exclude_company_flags => '{test}');
CALL cwk.sold('flag', 'O3', '2036-01-09', 100, 5.00, 'not yet a VIP', unit => 'cwk v');
CALL cwk.sold('flag', 'O4', '2036-01-10', 100, 8.00, 'a VIP', unit => 'cwk v');
CALL cwk.sold('flag', 'O5', '2036-01-10', 100, NULL, 'a test company: no rule, no item', unit => 'cwk t');

-- Priorities, amounts, validity, conditions.
CALL cwk.rule('prio', '0: 5%');
CALL cwk.rule('prio', '0: 10%', products => '{cwk p}', priority => 10);
CALL cwk.rule('prio', '0: 12%', min_amount => 1000, priority => 20);
CALL cwk.sold('prio', 'P1', '2036-01-10', 100, 5.00, 'the general rule');
CALL cwk.sold('prio', 'P2', '2036-01-10', 100, 10.00, 'the product''s goes before', item => 'cwk p');
CALL cwk.sold('prio', 'P3', '2036-01-10', 600, 72.00, 'the document has 1000: 12 %');
CALL cwk.sold('prio', 'P3', '2036-01-10', 400, 48.00, '12 %', line => 2, item => 'cwk p');
CALL cwk.sold('prio', 'P4', '2036-01-10', 999.99, 50.00, 'under 1000: 5 % = 49.9995');
CALL cwk.sold('prio', 'P5', '2036-01-10', -1000, -120.00, 'magnitude 1000: 12 %');
CALL cwk.rule('until', '0: 5%', valid_to => '2036-01-15');
CALL cwk.sold('until', 'P6', '2036-01-15', 100, 5.00, 'the last day');
CALL cwk.sold('until', 'P7', '2036-01-16', 100, NULL, 'not valid any more');
CALL cwk.rule('cond', '0: 6%', condition => '$.attributes.months >= 24', priority => 2);
CALL cwk.rule('cond', '0: 3%', condition => 'strict $.attributes.signed', priority => 1);
CALL cwk.sold('cond', 'P8', '2036-01-10', 100, 6.00, '24 months', attr => '{"months": 24}');
CALL cwk.sold('cond', 'P9', '2036-01-10', 100, 3.00, '12 months, signed', attr => '{"months": 12, "signed": true}');
CALL cwk.sold('cond', 'P10', '2036-01-10', 100, NULL, 'a strict path that leads nowhere: an exception', attr => '{}');

-- Other bases; losses; two components on one sale; a term.
CALL cwk.rule('gross', '0: 1%', base => 'gross');
CALL cwk.sold('gross', 'Q1', '2036-01-10', 90, 1.20, '1 % of 120', gross => 120);
CALL cwk.rule('piece', '0: 200%', base => 'quantity');
CALL cwk.sold('piece', 'Q2', '2036-01-10', 90, 14.00, '2 for each of 7', qty => 7);
CALL cwk.rule('operator', '0: 50%', base => 'revenue');
CALL cwk.sold('operator', 'Q3', '2036-01-10', 90, 15.00, 'half of 30', fee => 30);
CALL cwk.sold('operator', 'Q4', '2036-01-10', 90, NULL, 'revenue not known: an exception');
CALL cwk.rule('gain', '0: 10%', base => 'margin', positive_only => true);
CALL cwk.sold('gain', 'Q5', '2036-01-10', 100, 2.00, '10 % of 20', cost => 80);
CALL cwk.sold('gain', 'Q6', '2036-01-10', 100, 0.00, 'a loss of 20 pays 0', cost => 120);
CALL cwk.sold('gain', 'Q7', '2036-01-10', -100, -2.00, 'the return of Q5', cost => -80);
CALL cwk.sold('gain', 'Q8', '2036-01-10', -100, 0.00, 'the return of Q6', cost => -120);
CALL cwk.rule('loss', '0: 10%', base => 'margin');
CALL cwk.sold('loss', 'Q9', '2036-01-10', 100, -2.00, 'a loss costs the seller', cost => 120);
CALL cwk.rule('stack', '0: 5%');
CALL cwk.rule('stack', '0: 1%', component => 'spiff');
CALL cwk.sold('stack', 'R1', '2036-01-10', 100, 5.00, 'one component');
INSERT INTO cwk.expected VALUES ('R1', 1, 'stack', 'spiff', 1.00, 'the other, on top');
CALL cwk.rule('term', '0: 5%', cap => 1);
CALL cwk.sold('term', 'S1', '2036-01-10', 60, 9.00, 'its term: 20 % of 100, at most 15; 60/100 of it');
CALL cwk.sold('term', 'S1', '2036-01-10', 40, 6.00, '40/100 of 15', line => 2);
CALL cwk.sold('term', 'S2', '2036-01-10', 10, 0.50, 'another document has none: 5 %');
CALL cwk.sold('noterm', 'S3', '2036-01-10', 10, 1.00, 'a term where no rule matches: 10 %');
INSERT INTO salesperf.contract_term (source, document, component, tiers, cap) VALUES ('cwk', 'S1', 'term', '0: 20%', 15), ('cwk', 'S3', 'noterm', '0: 10%', NULL);

-- Over a quarter and a year.
CALL cwk.rule('quarter', '0: 1%, 1000: 2%', tier_by => 'period', every => 'quarter');
CALL cwk.sold('quarter', 'T1', '2036-01-10', 600, 12.00, 'the quarter has 1200: 2 %');
CALL cwk.sold('quarter', 'T2', '2036-02-10', 600, 12.00, '2 %');
CALL cwk.rule('year', 'graduated; 0: 1%, 1000: 2%', tier_by => 'period', every => 'year');
CALL cwk.sold('year', 'T3', '2036-01-10', 600, 6.00, 'at 600: 6');
CALL cwk.sold('year', 'T4', '2036-02-10', 600, 8.00, 'at 1200: 10 + 4, less 6');

CALL salesperf.calculate_commissions('2036-01-01', '2036-02-29');
CALL salesperf.calculate_commissions('2026-01-01', '2026-01-31');

-- What is not as derived: no rows.
CREATE VIEW cwk.wrong AS
SELECT doc, e.line, e.payee, component, e.amount AS derived, i.amount AS computed, e.why
FROM cwk.expected e
FULL JOIN (SELECT i.document AS doc, i.line::integer AS line, i.payee, i.component, i.amount FROM salesperf.commission_item i WHERE i.source = 'cwk') i USING (doc, line, payee, component)
WHERE e.amount IS DISTINCT FROM i.amount;
SELECT * FROM cwk.wrong ORDER BY 1, 2, 3, 4;
SELECT count(*) AS cases, count(DISTINCT component) AS kinds FROM cwk.expected;
SELECT document, payee, reason FROM salesperf.commission_exception WHERE source = 'cwk' ORDER BY document COLLATE "C";

-- Late data: another sale of January re-rates those that were paid.
CALL cwk.sold('rerate', 'B8', '2036-01-28', 150, 12.00, '900 + 150 = 1050: 8 %', rep => 'b2');
UPDATE cwk.expected SET amount = amount / 5 * 8, why = 'after B8: 8 %' WHERE doc IN ('B4', 'B5', 'B6');
CREATE TEMP TABLE before AS SELECT * FROM salesperf.commission_item WHERE source = 'cwk';
CALL salesperf.calculate_commissions('2036-01-15', '2036-01-15');
SELECT * FROM cwk.wrong ORDER BY 1, 2, 3, 4;
SELECT count(*) AS written FROM (SELECT * FROM salesperf.commission_item WHERE source = 'cwk' EXCEPT SELECT * FROM before) n;
-- A sale of February re-rates January's of the same quarter, which was computed before.
CALL cwk.sold('quarter', 'T5', '2036-02-11', -300, -3.00, 'the quarter has 900: 1 %');
UPDATE cwk.expected SET amount = 6.00, why = 'after T5: 1 %' WHERE doc IN ('T1', 'T2');
CALL salesperf.calculate_commissions('2036-02-01', '2036-02-29');
SELECT * FROM cwk.wrong ORDER BY 1, 2, 3, 4;
-- The same items from runs in parts, in another order, and with the rows elsewhere.
CREATE TEMP TABLE whole AS SELECT document, line, payee, component, period_start, rule_id, base, tier_value, level, rate, amount, seller, outlet, company FROM salesperf.commission_item WHERE source = 'cwk';
CREATE TEMP TABLE moved AS SELECT * FROM cwk.sale;
TRUNCATE cwk.sale;
INSERT INTO cwk.sale SELECT * FROM moved ORDER BY md5(doc || line);
DELETE FROM salesperf.commission_item WHERE source = 'cwk';
CALL salesperf.calculate_commissions('2036-02-01', '2036-02-29');
CALL salesperf.calculate_commissions('2026-01-01', '2026-01-31');
CALL salesperf.calculate_commissions('2036-01-01', '2036-01-31');
SELECT count(*) AS differ FROM (
    (TABLE whole EXCEPT ALL SELECT document, line, payee, component, period_start, rule_id, base, tier_value, level, rate, amount, seller, outlet, company FROM salesperf.commission_item WHERE source = 'cwk')
    UNION ALL
    (SELECT document, line, payee, component, period_start, rule_id, base, tier_value, level, rate, amount, seller, outlet, company FROM salesperf.commission_item WHERE source = 'cwk' EXCEPT ALL TABLE whole)) d;
-- Explained and previewed by the same code.
SELECT count(*) AS differ
FROM (SELECT DISTINCT document FROM salesperf.commission_item WHERE source = 'cwk') d
CROSS JOIN LATERAL (
    SELECT count(*) FILTER (WHERE e.matched AND e.amount IS NOT NULL) AS items, sum(e.amount) AS amount
    FROM salesperf.commission_explain('cwk', d.document) e) e
JOIN (SELECT document, count(*) AS items, sum(amount) AS amount FROM salesperf.commission_item WHERE source = 'cwk' GROUP BY document) i USING (document)
WHERE (e.items, e.amount) IS DISTINCT FROM (i.items, i.amount);

DELETE FROM salesperf.commission_rule WHERE sale_types <@ ARRAY(SELECT kind FROM cwk.sale);
DELETE FROM salesperf.contract_term WHERE source = 'cwk';
DELETE FROM salesperf.kpi WHERE kpi LIKE 'cwk%';
DELETE FROM salesperf.target WHERE name LIKE 'cwk%';
DELETE FROM salesperf.order_split WHERE source = 'cwk';
DELETE FROM salesperf.unit_flag WHERE unit LIKE 'cwk%';
DELETE FROM salesperf.unit_manager WHERE unit LIKE 'cwk%';
DELETE FROM salesperf.unit_parent WHERE unit LIKE 'cwk%';
DELETE FROM salesperf.seller_unit WHERE unit LIKE 'cwk%';
DELETE FROM salesperf.unit WHERE code LIKE 'cwk%';
DELETE FROM salesperf.seller WHERE code IN ('o1', 'o2');
DELETE FROM salesperf.seller_partner_type WHERE seller = 'o3';
DELETE FROM salesperf.unit_partner_type WHERE unit = 'cwk v';
SELECT salesperf.detach_source('cwk');
DROP SCHEMA cwk CASCADE;
CALL salesperf.calculate_commissions('2036-01-01', '2036-02-29');
CALL salesperf.calculate_commissions('2026-01-01', '2026-01-31');
SELECT count(*) FROM salesperf.commission_item;
DELETE FROM salesperf.commission_period;
CALL salesperf.refresh_measures();
