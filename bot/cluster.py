"""The bot on Ray Serve: each replica is the whole application of `bot/running.py`, with LiteRT inside.

Ray imports this module on every node, and nobody else does: Ray is the extra `cluster`. `serve.yaml` says how many
replicas there are.
"""

from ray import serve
from starlette.applications import Starlette


def replica() -> Starlette:
    """Build the application on the replica's node, from the settings there.

    Serve runs its lifespan and its requests in one event loop, which is not that of the process's main thread. The
    lifespan ends in good order when the replica is stopped, after the requests that were under way.
    """
    # Here, not above: Serve also imports this module where it only looks what there is to deploy.
    from bot.learning.cluster import ClusterTrainer  # noqa: PLC0415
    from bot.running import webhook_app  # noqa: PLC0415

    return webhook_app(trainer=ClusterTrainer)


app = serve.deployment(name="bot")(serve.ingress(replica)()).bind()
