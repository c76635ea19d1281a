"""Memory: tables, transactions, migrations. The database is the only truth.

`database` opens it and runs transactions; `tables/` says what is kept and which states cannot be; every other file
holds the functions of one noun. Such a function is plain and synchronous, takes the transaction first, reads or writes
and decides nothing. What it gives are the frozen values of `records`, or the heart's own.

Whatever tells who somebody is or what befell them is sealed on its way in and opened on its way out (`sealing`), so
that the tables name nobody: `classification.toml` says of every column how it is kept.

The same code and the same tests run on SQLite, the embedded default, and on PostgreSQL.
"""
