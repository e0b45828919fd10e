"""The trade's rules as pure decisions: values in, values out; a refusal that the trade expects is a value.

    catalog        what a publisher sells and under which figures: the values
    catalogfile    the catalog's file and its signed form: reading, writing, and which edits may follow
      tables         typed members of one table, every problem collected
      catalogtables  each table of the file into its values
      catalogrules   what has to agree between tables
      succession     which edits keep every promise that was issued
    agreements     an agreement's days, program and level, and which products it gives keys for
    issuing        which keys may be issued
    keys           which keys may be installed where
    allowance      how many activations a key has, and counting them
    thresholds     how many computers a host has counted, and whether that is enough
    hosting        which machine may be a host, what it serves, its slots
    states         what a computer's license is worth today
    advice/        which keys a customer may use for a product, by which method, and how many

Knows no bytes, no signatures, no clock and no disk. Products are data: no product's name stands in this room.
"""
