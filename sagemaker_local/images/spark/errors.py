"""What the user can put right."""


class SubmitError(Exception):
    """A job that cannot be submitted as it is; the text says what to do instead."""


NO_S3 = (
    "Spark cannot read or write S3 here: hadoop-aws and its SDK (300 MB of jars) are not in the local image. Bring "
    "data in as a ProcessingInput and read it from its LocalPath; write below the LocalPath of a ProcessingOutput, "
    "which is uploaded at the end. The same script then works on AWS."
)
