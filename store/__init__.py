"""Memory: tables, transactions, migrations. The database is the only truth.

`database` opens it and runs transactions; `tables/` says what is kept and which states cannot be; every other file
holds the functions of one noun. Such a function is plain and synchronous, takes the transaction first, reads or writes
and decides nothing. What it gives are the frozen values of `records`, or the heart's own.

The same code and the same tests run on SQLite, the embedded default, and on PostgreSQL.
"""
