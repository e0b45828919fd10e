"""The accounts of a service as a backup keeps them: one line of JSON for each row that stays, whichever the database.

Sessions are not among them: after a restore everybody signs in again.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from itertools import chain
from pathlib import Path

from volact.errors import Damaged, say
from volact.service.backing import Accounts
from volact.service.config import Folder
from volact.service.ledger import accountschema
from volact.service.ledger.accountschema import SCHEMA, STAGED
from volact.service.opening import database_of
from volact.service.pages.mailing import Mail
from volact.service.pages.settings import settle
from volact.service.ports import Service

KEPT = ("auth.user", "account.emailaddress", "mfa.authenticator", "socialaccount.socialaccount")
_SUBJECT = "accounts"  # what they are sealed as
_LINES = "accounts.jsonl"


def accounts_of(folder: Folder, service: Service) -> Accounts:
    """The accounts of a service whose pages do not run in this process; none where its pages never ran."""
    there = folder.accounts.exists() if database_of(folder) is None else accountschema.exists(service.ledger, SCHEMA)
    if not there:
        return Accounts()
    with _told():
        settle(folder, service, mail=Mail())
    return running_accounts(service)


def running_accounts(service: Service) -> Accounts:
    """The accounts as they are now, of the pages that were set up in this process."""
    from django.apps import apps
    from django.core import serializers
    from django.db import connection, transaction

    try:
        with _told(), transaction.atomic():
            if connection.vendor == "postgresql":
                with connection.cursor() as cursor:
                    accountschema.hold(cursor)
            models = [apps.get_model(name) for name in KEPT]
            rows = chain.from_iterable(model.objects.order_by("pk").iterator() for model in models)
            lines = serializers.serialize("jsonl", rows)
            people = models[0].objects.count()
    finally:
        connection.close()  # this thread's
    return Accounts(people, service.vault.envelope.seal(lines.encode(), _SUBJECT))


def lay_accounts(folder: Folder, service: Service, *, sealed: bytes, known: Collection[str]) -> None:
    """Lays accounts of a backup in a folder that is staged, or in the staged schema of the database that it names.

    Those are left out whose member is not `known` to the record. Raises Damaged for accounts that cannot be read.
    """
    lines = service.vault.envelope.open(sealed, _SUBJECT)
    with _told():
        settle(folder, service, mail=Mail(), schema=STAGED)
    from django.core.serializers.base import DeserializationError
    from django.db import IntegrityError, connection

    file = folder.path / _LINES  # gone with the folder
    file.touch(mode=0o600)
    file.write_bytes(lines)
    try:
        with _told():
            _load(file, known)
    except (DeserializationError, IntegrityError) as err:
        raise Damaged(say("the accounts of the backup are none that this program knows: {err}", err=str(err))) from err
    finally:
        connection.close()


@contextmanager
def _told() -> Iterator[None]:
    from django.db import IntegrityError
    from django.db.utils import DatabaseError

    try:
        yield
    except IntegrityError:
        raise
    except DatabaseError as err:
        raise accountschema.told(err) from err


def _load(file: Path, known: Collection[str]) -> None:
    from django.contrib.auth import get_user_model
    from django.core.management import call_command

    call_command("loaddata", str(file), verbosity=0, ignorenonexistent=True)
    users = get_user_model().objects
    for number, member_id in list(users.values_list("pk", "username")):
        if member_id not in known:
            users.get(pk=number).delete()
