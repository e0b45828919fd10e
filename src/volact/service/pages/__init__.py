"""The pages: a customer's portal, the activation center, the publisher's back office.

    settings       Django's settings of the pages, and the tables of accounts
    mount          the ASGI door: whole requests in, a thread of the pages' own each, problems never
    visit          who looks at a page, in which organization, with which rights; how a page reads and writes
    look           the templates, in the member's language
    accounts       signing in, invitations, the second factor
    portal         what customers see; center, the activation center; office, the back office

Pages decide nothing: each asks use cases, and shows what those gave.
"""
