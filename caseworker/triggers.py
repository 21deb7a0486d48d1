"""Row rules that only a trigger can state, written once for SQLite and once for PostgreSQL, as a reversible migration operation."""

from collections.abc import Iterable

from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState

_POSTGRES_FUNCTION = """
CREATE OR REPLACE FUNCTION casework_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'refused by an append-only rule' USING ERRCODE = 'check_violation'; END $$
"""


class RefuseWhen(Operation):
    """Refuse *events* (``UPDATE``, ``DELETE``) on the table of a model, always or when the SQL *condition* on OLD and NEW holds."""

    reduces_to_sql = True
    reversible = True

    def __init__(self, model_name: str, events: tuple[str, ...], *, condition: str = "") -> None:
        """Keep what to refuse; *condition* must read the same in both databases."""
        self.model_name = model_name
        self.events = events
        self.condition = condition

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """Change nothing in the state: triggers are the database's own."""

    def database_forwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        """Create the triggers."""
        model = to_state.apps.get_model(app_label, self.model_name)
        if self.allow_migrate_model(schema_editor.connection.alias, model):
            self._execute(schema_editor, self._creations(schema_editor.connection.vendor, model._meta.db_table))

    def database_backwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        """Drop the triggers."""
        model = to_state.apps.get_model(app_label, self.model_name)
        if self.allow_migrate_model(schema_editor.connection.alias, model):
            on = f' ON "{model._meta.db_table}"' if schema_editor.connection.vendor == "postgresql" else ""
            self._execute(
                schema_editor,
                [f'DROP TRIGGER "{self._name(model._meta.db_table, event)}"{on}' for event in self.events],
            )

    def _name(self, table: str, event: str) -> str:
        return f"{table}_refuses_{event.lower()}"

    def _creations(self, vendor: str, table: str) -> Iterable[str]:
        when = f" WHEN ({self.condition})" if self.condition else ""
        if vendor == "postgresql":
            yield _POSTGRES_FUNCTION
        for event in self.events:
            head = f'CREATE TRIGGER "{self._name(table, event)}" BEFORE {event} ON "{table}" FOR EACH ROW{when} '
            if vendor == "postgresql":
                yield head + "EXECUTE FUNCTION casework_refuse()"
            else:
                yield head + "BEGIN SELECT RAISE(ABORT, 'refused by an append-only rule'); END"

    def _execute(self, schema_editor: BaseDatabaseSchemaEditor, statements: Iterable[str]) -> None:
        for statement in statements:
            schema_editor.execute(statement)

    def describe(self) -> str:
        """Say what the operation does."""
        return f"Refuse {' and '.join(self.events)} on {self.model_name}"
