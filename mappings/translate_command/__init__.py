"""`manage.py translate`: every format of ours on files and pipes, without a database (docs/translation.md)."""
