"""SDK and agent: what a computer keeps, how it asks, and what its license is worth.

files          a file that notices damage: checksum, atomic write, lock
records        what each file of a home says
home           the files of one home, and the publisher's documents in it
machine        what names this computer: declared, machine id, or a random id
vault          the device key and the proof keys
transport      HTTP by httpx, every failure of it as one error
conversation   drives the flows of protocol over a transport
computer       one computer and its seams to the world
installation   init, remove, set-host, generalize
keyring        install-key
requests       the signed requests, on disk before they are sent
activation     activate: by a host or by a key, online
answerfile     activate: by request and answer files
telephone      installation-id, confirm: by telephone
confirmed      what a kept confirmation is worth
agent          run: renews, retries, fetches
snapshot       the bytes that a verdict rests on
verdict        from bytes to what a license is worth; cached by the bytes
overview       status: the verdicts, with what stands behind them
status         what a product is told
check          the SDK's `check`
"""
