-- Loads demo/data into schema aw, which must not exist.
--
--   psql -v data=demo/data -f demo/load.sql
--
-- Variable data is the folder of the files.

\set ON_ERROR_STOP on

CREATE SCHEMA aw;
COMMENT ON SCHEMA aw IS 'a company that makes bicycles: AdventureWorks, reduced';

CREATE TABLE aw.salesterritory (
    territoryid integer PRIMARY KEY,
    name text NOT NULL,
    countryregioncode text NOT NULL,
    "group" text NOT NULL
);
COMMENT ON TABLE aw.salesterritory IS 'sales regions';

CREATE TABLE aw.salesperson (
    businessentityid integer PRIMARY KEY,
    salesytd numeric NOT NULL,
    commissionpct numeric NOT NULL,
    territoryid integer REFERENCES aw.salesterritory
);
COMMENT ON TABLE aw.salesperson IS 'sellers';
COMMENT ON COLUMN aw.salesperson.salesytd IS 'sum of the seller''s orders from 2013-05-01 on';
COMMENT ON COLUMN aw.salesperson.commissionpct IS 'share of the sales, 0.012 is 1.2 %';

CREATE TABLE aw.person (
    businessentityid integer PRIMARY KEY,
    firstname text NOT NULL,
    lastname text NOT NULL
);
COMMENT ON TABLE aw.person IS 'names of the sellers';

CREATE TABLE aw.salespersonquotahistory (
    businessentityid integer REFERENCES aw.salesperson,
    quotadate date,
    salesquota numeric NOT NULL,
    PRIMARY KEY (businessentityid, quotadate)
);
COMMENT ON TABLE aw.salespersonquotahistory IS 'quotas, each valid until the day before the seller''s next one';

CREATE TABLE aw.customer_name (
    customerid integer PRIMARY KEY,
    name text NOT NULL
);
COMMENT ON TABLE aw.customer_name IS 'names of the customers that are stores';

CREATE TABLE aw.salesorderheader (
    salesorderid integer PRIMARY KEY,
    orderdate date NOT NULL,
    status smallint NOT NULL,
    onlineorderflag boolean NOT NULL,
    customerid integer NOT NULL,
    salespersonid integer REFERENCES aw.salesperson,
    territoryid integer REFERENCES aw.salesterritory,
    subtotal numeric NOT NULL
);
COMMENT ON TABLE aw.salesorderheader IS 'orders; subtotal is without tax and freight, after discounts';

CREATE TABLE aw.salesorderdetail (
    salesorderid integer NOT NULL REFERENCES aw.salesorderheader ON DELETE CASCADE ON UPDATE CASCADE,
    salesorderdetailid integer,
    orderqty smallint NOT NULL,
    productid integer NOT NULL,
    unitprice numeric NOT NULL,
    unitpricediscount numeric NOT NULL,
    PRIMARY KEY (salesorderid, salesorderdetailid)
);
COMMENT ON TABLE aw.salesorderdetail IS 'lines of all online orders and of the sellers'' orders of 2011; 3,400 orders have none';
COMMENT ON COLUMN aw.salesorderdetail.unitpricediscount IS 'share of the price, 0.02 is 2 %';

CREATE VIEW aw.quota AS
SELECT businessentityid,
       quotadate AS starts_on,
       coalesce(lead(quotadate) OVER (PARTITION BY businessentityid ORDER BY quotadate) - 1,
                date '2014-06-30') AS ends_on,
       salesquota
FROM aw.salespersonquotahistory;
COMMENT ON VIEW aw.quota IS 'quotas with their last day; the last ones end with the data';

-- \copy does not know variables, but \cd does.
\set here `pwd`
\cd :data
\copy aw.salesterritory FROM PROGRAM 'gzip -dc salesterritory.csv.gz' (FORMAT csv, HEADER match)
\copy aw.salesperson FROM PROGRAM 'gzip -dc salesperson.csv.gz' (FORMAT csv, HEADER match)
\copy aw.person FROM PROGRAM 'gzip -dc person.csv.gz' (FORMAT csv, HEADER match)
\copy aw.salespersonquotahistory FROM PROGRAM 'gzip -dc salespersonquotahistory.csv.gz' (FORMAT csv, HEADER match)
\copy aw.customer_name FROM PROGRAM 'gzip -dc customer_name.csv.gz' (FORMAT csv, HEADER match)
\copy aw.salesorderheader FROM PROGRAM 'gzip -dc salesorderheader.csv.gz' (FORMAT csv, HEADER match)
\copy aw.salesorderdetail FROM PROGRAM 'gzip -dc salesorderdetail.csv.gz' (FORMAT csv, HEADER match)
\cd :here

ANALYZE aw.salesterritory, aw.salesperson, aw.person, aw.salespersonquotahistory, aw.customer_name, aw.salesorderheader, aw.salesorderdetail;
