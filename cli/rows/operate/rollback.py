"""Last known good: two promotions, then back to the first champion by command."""

from cli.demo.clients import LiveClients, Load, in_background
from cli.requests.rollback import champions, go_back
from cli.rows.first_drop import first_model
from cli.rows.player import Player
from cli.rows.row import Ending, Row
from cli.rows.samples import breast_cancer

REQUESTS_PER_SECOND = 100.0


def play(player: Player) -> Ending:
    first = first_model(player)
    rows = breast_cancer().requests(0, 200)
    load = Load(
        player.stack.plane_url,
        f"switchyard-{player.model}",
        rows,
        REQUESTS_PER_SECOND,
        keys=player.stack.keys,
    )
    with in_background(LiveClients(load)):
        second = player.train_on("second.csv")
        if champions(player.stack, player.model).now != second.run_id:
            return Ending(second.state, f"the second model was not promoted: {second.reason}")
        after = go_back(player.stack, player.model, "", "the row wants the first model back")
    state = "RESTORED" if after.now == first.run_id else "NOT_RESTORED"
    return Ending(state, f"{after.now} serves again after {second.run_id}")


ROW = Row("rollback", "operate", "back to the champion before by command", play, expected="RESTORED")
