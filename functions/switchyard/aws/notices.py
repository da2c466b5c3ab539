"""SNS: one topic for whoever wants to know how runs end."""

from typing import TYPE_CHECKING

from aws_lambda_powertools import Logger
from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from mypy_boto3_sns import SNSClient

# "Subject ... must be ASCII text ... must be less than 100 characters long" (SNS Publish).
LONGEST_SUBJECT = 99

# A plain logger under our own name would be silent: powertools keeps such records off the root's handlers.
logger = Logger(child=True)


class SnsNotices:
    """Fulfils ports.Notices. A topic that cannot be reached is logged: telling must not keep a run from ending."""

    def __init__(self, client: "SNSClient", topic_arn: str) -> None:
        self._client = client
        self._topic = topic_arn

    def tell(self, subject: str, text: str) -> None:
        plain = subject.encode("ascii", "replace").decode().replace("\n", " ")[:LONGEST_SUBJECT]
        try:
            self._client.publish(TopicArn=self._topic, Subject=plain, Message=text)
        except ClientError:
            logger.exception(f"nobody was told of '{plain}'; look at {self._topic}")
