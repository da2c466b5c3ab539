"""How every row begins: upload an example, drop its first dataset, and wait for the end of its run."""

from cli.records.ledger import Line
from cli.rows.player import Player
from cli.rows.row import Ending
from cli.stack.errors import StackError


def play(player: Player) -> Ending:
    """All that most rows do."""
    player.upload()
    line = player.train_on("first.csv")
    return Ending(line.state, line.reason)


def first_model(player: Player) -> Line:
    """The champion that the row's later datasets are compared with; StackError where there is none."""
    player.upload()
    line = player.train_on("first.csv")
    if line.state != "PROMOTED":
        raise StackError(f"The first model ended {line.state}: {line.reason}.", "Look at `switchyard runs`.")
    return line
