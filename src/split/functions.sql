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
