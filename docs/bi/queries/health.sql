-- What somebody should look at: no rows when all is well.
SELECT severity, object, finding, hint
FROM salesperf.health
ORDER BY severity DESC, object, finding;
