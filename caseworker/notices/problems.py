"""Why a notice did not arrive, as a code and nothing else: what a server answers may repeat the address."""

from caseworker.enums import NoticeProblem


class NoticeFailed(Exception):
    """The notice did not arrive."""

    def __init__(self, problem: NoticeProblem) -> None:
        """Keep the code."""
        self.problem = problem
        super().__init__(problem.value)
