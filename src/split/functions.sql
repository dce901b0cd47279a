CREATE FUNCTION salesperf.split_amount(amount numeric, percents numeric[], amounts numeric[], scale integer DEFAULT 2)
RETURNS numeric[]
LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'spm_split_amount';
COMMENT ON FUNCTION salesperf.split_amount(numeric, numeric[], numeric[], integer) IS
    'parts of an amount, rounded to scale (0 to 18) so that they add up to round(amount × Σ percents / 100 + Σ amounts): at each position either a percent of the whole amount or an amount of its sign, one of the arrays may be NULL; units left over by rounding go to the largest fractions, of equal ones to the lower position; parts of a return mirror those of its sale; NULL for a NULL amount or scale; error 22023 if the parts add up to more than the amount';

CREATE FUNCTION salesperf.split_by_weight(amount numeric, weights numeric[], scale integer DEFAULT 2)
RETURNS numeric[]
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'spm_split_by_weights';
COMMENT ON FUNCTION salesperf.split_by_weight(numeric, numeric[], integer) IS
    'parts of an amount in proportion to weights, rounded to scale (0 to 18) so that they add up to the rounded amount; units left over by rounding go to the largest fractions, of equal ones to the lower position; a weight may be negative; weights that add up to 0 count as equal; no weights, no parts; NULL for a NULL argument';

CREATE FUNCTION salesperf.document_shares(sellers text[], percents numeric[], amounts numeric[], overlays boolean[], document_net numeric, own_seller text)
RETURNS TABLE (seller text, part numeric, whole numeric, "overlay" boolean)
LANGUAGE c IMMUTABLE PARALLEL SAFE ROWS 2 AS 'MODULE_PATHNAME', 'spm_document_shares';
COMMENT ON FUNCTION salesperf.document_shares(text[], numeric[], numeric[], boolean[], numeric, text) IS
    'who has which share, part / whole, of a line, by the splits of its document: arrays of equal length with one row of splits at each position, seller and a percent or a fixed amount in the currency of document_net, overlay for one on top of the whole (NULL: false), and the document''s net (NULL or 0: amounts give nothing) and the line''s own seller (NULL: nobody), who has what is left over; rows without percents and amounts share equally, percents above 100 are scaled to 100, amounts are magnitudes and take what is left in order of seller; a row without seller, or with a NaN, infinite or negative percent or a NaN or infinite amount, gives nothing; a row for each seller and overlay, added up, in C collation, nobody last; error 22023 for a NULL array, 2202E for arrays of different length';

CREATE FUNCTION salesperf.share_of(amount numeric, part numeric, whole numeric)
RETURNS numeric
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'spm_share_of';
COMMENT ON FUNCTION salesperf.share_of(numeric, numeric, numeric) IS
    'amount × part / whole, multiplied first and divided once, to 20 decimals and 20 significant digits at least; 0 for a whole of 0; NULL for a NULL argument';
