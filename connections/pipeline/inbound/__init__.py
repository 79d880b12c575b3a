"""From what partners send to records in FreshBooks: `take` decides, `booking` and `looking` prepare, `owed` answers."""
