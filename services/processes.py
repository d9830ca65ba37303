"""The server's processes: one that dies is replaced at once."""

from uvicorn.supervisors import multiprocess


class Watched(multiprocess.Process):
    """A server process whose death is seen while its answer is waited for.

    The parent holds the child's end of the pipe as well. Unless it lets go of it, the pipe outlives the child, and a
    process killed between question and answer is missed only when the patience for slow ones has run out.
    """

    def start(self) -> None:
        """Start it, which gives it an end of its own, and let go of ours."""
        super().start()
        self.child_conn.close()


def watch() -> None:
    """Let the server's supervisor use such processes."""
    multiprocess.Process = Watched  # type: ignore[misc]
