"""Write the diagram of the route from the stage table."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from requests_app.stages import STAGES, Phase

BEGIN, END = "<!-- diagram: begin -->", "<!-- diagram: end -->"
PAGE = "docs/routing.md"


def diagram() -> str:
    """Return the route as a mermaid flowchart: phases as boxes, the table's next stages as arrows, closing left out."""
    lines = ["```mermaid", "flowchart TD"]
    for phase in Phase:
        stages = [stage for stage, row in STAGES.items() if row.phase is phase]
        lines.append(f"  subgraph {phase.name.lower()}_phase[{phase.name.title()}]")
        lines += [f"    {stage.value}" for stage in stages]
        lines.append("  end")
    for stage, row in STAGES.items():
        lines += [f"  {stage.value} --> {following.value}" for following in row.next if following.value != "closed"]
    return "\n".join([*lines, "```"])


def with_diagram(page: str) -> str:
    """Return the text of the page with the present diagram between its marks."""
    before, rest = page.split(BEGIN)
    after = rest.split(END)[1]
    return f"{before}{BEGIN}\n{diagram()}\n{END}{after}"


class Command(BaseCommand):
    """Rewrite the part between the marks in docs/routing.md."""

    help = "Write the diagram of the route into docs/routing.md."

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Write the page."""
        path = settings.BASE_DIR / PAGE
        path.write_text(with_diagram(path.read_text(encoding="utf-8")), encoding="utf-8")
