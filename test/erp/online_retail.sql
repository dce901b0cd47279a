-- The sample of Online Retail: invoice lines without any key.  Variable data is
-- the folder of the file.

CREATE SCHEMA retail;
SET search_path = retail;

CREATE TABLE line (
    invoiceno text NOT NULL,
    stockcode text NOT NULL,
    description text,
    quantity int NOT NULL,
    invoicedate timestamp NOT NULL,
    unitprice numeric NOT NULL,
    customerid text,
    country text NOT NULL
);
CREATE INDEX ON line (invoiceno);

\set here `pwd`
\cd :data
\copy line FROM PROGRAM 'gzip -dc online_retail.csv.gz' (FORMAT csv, HEADER)
\cd :here

ANALYZE line;
