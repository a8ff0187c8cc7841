-- Earlier imports kept a country behind a language ("es-MX"), which no text, no tip and no pattern has a name for:
-- the language alone says what there is. What there is no text in stays as it is, and gets the default.
UPDATE contact SET locale = LOWER(SUBSTR(locale, 1, 2))
WHERE LENGTH(locale) > 2 AND SUBSTR(locale, 3, 1) IN ('-', '_') AND LOWER(SUBSTR(locale, 1, 2)) IN ('en', 'es', 'fr', 'ne');
UPDATE account SET locale = LOWER(SUBSTR(locale, 1, 2))
WHERE LENGTH(locale) > 2 AND SUBSTR(locale, 3, 1) IN ('-', '_') AND LOWER(SUBSTR(locale, 1, 2)) IN ('en', 'es', 'fr', 'ne');
