"""Serverless: the second model is swapped in while clients ask, watched against the first one's history, and kept; the
third is a release that fails every request, and is taken back.
"""

import time

from cli.demo.data import BAD_RELEASE_IMAGE, IMAGE
from cli.rows.first_drop import first_model
from cli.rows.player import Player
from cli.rows.row import Ending, Row

HISTORY_SECONDS = 15  # of the champion alone, for the watch to compare with


def play(player: Player) -> Ending:
    first_model(player)
    with player.traffic(requests_per_second=40, json_share=1.0):  # the release with the bug fails all JSON
        time.sleep(HISTORY_SECONDS)
        second = player.train_on("second.csv")
        if second.state != "PROMOTED":
            return Ending(second.state, f"the second model was not promoted: {second.reason}")
        bad_release = (player.folder / "pipeline.yaml").read_text().replace(IMAGE, BAD_RELEASE_IMAGE)
        player.put_artifact("pipeline.yaml", bad_release.encode())
        third = player.train_on("third.csv")
    return Ending(third.state, third.reason)


ROW = Row(
    "serverless",
    "deploy",
    "serverless endpoint: swap, watch, keep or take back",
    play,
    expected="ROLLED_BACK",
)
