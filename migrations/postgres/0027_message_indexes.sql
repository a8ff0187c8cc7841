-- Only SQLite gains by other indexes: here a text costs as much with one as with two, and a list would have to be sorted.
SELECT 1;
