"""What the publisher does, one function a deed: values and ports in, a value out, `Refused` where the trade says no.

    founding       a new publisher: root, first catalog, empty revocation list
    roots          the next root version with fresh issuing keys
    catalogs       publishing a catalog, the publisher file
    customers      organizations and their agreements
    keys           issuing keys, changing and blocking them
    center         what the activation center does for whoever calls it
    granting       grants for media and downloads
    restoring      what a record says after it was restored, and what it lost
    retiring       activations returned, and credited after the cool-down
    showing        what a key and an agreement are worth today
    revocations    the signed list of what ended early
    telling        what webhooks are told, in the transaction in which it happened
    webhooks       who is told, and what came of it
    delivering     claiming what is due, settling what it came to
    settling       the clock vouched for, the address of the service
    names          ids that are drawn, texts that people give

Every deed is one transaction, its audit row included; what is signed is on record before it is signed.
"""
