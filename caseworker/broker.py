"""The queue's gate: nothing runs that is not on the list, and nothing runs for ever.

The library's ORM broker hands out signed pickles and counts attempts only after a job has come back, so a job that kills its worker is
delivered without end, and whoever can forge a row runs code. This broker reads each row with an unpickler that builds plain values only,
checks function and arguments against the allow-list **before** the row goes to a worker, and parks a row after three deliveries.
"""

import contextlib
import datetime as dt
import io
import pickle
import re
from typing import Any

from django.db import DatabaseError, transaction
from django.db.models import F
from django.utils import timezone
from django_q import core_signing
from django_q.brokers.orm import ORM
from django_q.conf import Conf
from django_q.models import OrmQ
from django_q.signals import pre_execute

from caseworker.jobs import JobRefused, check_job
from caseworker.models.jobs import JobDelivery

MOST_DELIVERIES = 3
LABEL = re.compile(r"[A-Za-z0-9_-]{1,60}")
NEVER = dt.datetime(9999, 1, 1, tzinfo=dt.UTC)
_KEYS = frozenset({"id", "name", "func", "args", "kwargs", "started", "group", "cluster"})
_PLAIN = frozenset({("datetime", "datetime"), ("datetime", "timedelta"), ("datetime", "timezone")})


class _PlainUnpickler(pickle.Unpickler):
    """Build nothing but plain values and times."""

    def find_class(self, module_name: str, global_name: str) -> Any:
        """Refuse every other class."""
        if (module_name, global_name) not in _PLAIN:
            raise JobRefused
        return super().find_class(module_name, global_name)


class _PlainSerializer:
    """The library's serializer with the plain unpickler."""

    @staticmethod
    def dumps(value: Any) -> bytes:
        """Serialise a value."""
        return pickle.dumps(value, protocol=pickle.HIGHEST_PROTOCOL)

    @staticmethod
    def loads(data: bytes) -> Any:
        """Read a value."""
        return _PlainUnpickler(io.BytesIO(data)).load()


def _is_label(value: object) -> bool:
    return value is None or (isinstance(value, (str, int)) and LABEL.fullmatch(str(value)) is not None)


def readable_job(payload: str) -> str:
    """Return the function of a queue row.

    Raises ``JobRefused`` for a bad signature, a class, function or argument that is not allowed, and for every option of the library (hooks,
    chains, cached results, longer times) that this application does not use.
    """
    try:
        task = core_signing.loads(payload, key=Conf.SECRET_KEY, salt=Conf.PREFIX, serializer=_PlainSerializer)
        function, arguments = task["func"], tuple(task["args"])
        labels = [task["id"], task["name"], task.get("group"), task.get("cluster")]
        is_plain = set(task) <= _KEYS and task["kwargs"] == {} and isinstance(task["started"], dt.datetime)
    except Exception:  # a forged row may break the reader in any way, and must not break the queue
        raise JobRefused from None
    if not is_plain or not all(map(_is_label, labels)):
        raise JobRefused
    check_job(function, arguments)
    return str(function)


def _count_delivery(queue_id: int, function: str) -> int:
    JobDelivery.objects.get_or_create(queue_id=queue_id, defaults={"function": function})
    JobDelivery.objects.filter(queue_id=queue_id).update(
        deliveries=F("deliveries") + 1, function=function, delivered_at=timezone.now(), started_at=None
    )
    return JobDelivery.objects.values_list("deliveries", flat=True).get(queue_id=queue_id)


def mark_started(sender: object, task: dict[str, Any], **_kwargs: Any) -> None:
    """Write down that a worker has taken the row, so that the supervisor can tell a busy cluster from a wedged one."""
    with contextlib.suppress(DatabaseError):  # outside the library's own guard: an error here would kill the worker
        JobDelivery.objects.filter(queue_id=task["ack_id"]).update(started_at=timezone.now())


pre_execute.connect(mark_started, dispatch_uid="caseworker.broker.mark_started")


class GuardedBroker(ORM):  # type: ignore[misc]
    """The ORM broker behind the gate."""

    def dequeue(self) -> list[tuple[int, str]]:
        """Return rows that may run; every other row is parked."""
        return [(key, payload) for key, payload in super().dequeue() or [] if self._admits(key, payload)]

    def _admits(self, key: int, payload: str) -> bool:
        try:
            function = readable_job(payload)
        except JobRefused:
            self.refuse(key)
            return False
        if _count_delivery(key, function) > MOST_DELIVERIES:
            self.park(key)
            return False
        return True

    @transaction.atomic
    def refuse(self, key: int) -> None:
        """Delete a row that may never run and leave a line about it, without its payload."""
        JobDelivery.objects.update_or_create(queue_id=key, defaults={"function": "", "parked_at": timezone.now()})
        self.delete(key)

    @transaction.atomic
    def park(self, key: int) -> None:
        """Put an allowed row aside until somebody looks: it stays, and is never due."""
        JobDelivery.objects.filter(queue_id=key).update(parked_at=timezone.now())
        OrmQ.objects.filter(id=key).update(lock=NEVER)

    def acknowledge(self, task_id: int) -> None:
        """Forget a row that is done."""
        super().acknowledge(task_id)
        JobDelivery.objects.filter(queue_id=task_id).delete()


@transaction.atomic
def retry_parked(key: int) -> bool:
    """Make a parked row due again, with all its deliveries before it; tell whether there was one."""
    if not OrmQ.objects.filter(id=key, lock=NEVER).update(lock=timezone.now()):
        return False
    JobDelivery.objects.filter(queue_id=key).delete()
    return True
