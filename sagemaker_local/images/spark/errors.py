"""What the user can put right."""


class SubmitError(Exception):
    """A job that cannot be submitted as it is; the text says what to do instead."""


# A host that can never be: Spark's default file system on AWS is HDFS of the job's own cluster, and that is not here.
NO_HDFS_HOST = "default-file-system.invalid"
NO_HDFS = (
    "A path without a scheme was read or written: Spark's default file system is HDFS on AWS, not the instance's disk, "
    "and there is no HDFS here. Write file:///opt/ml/processing/... for the folders of ProcessingInput and "
    "ProcessingOutput; the same script then works on AWS."
)
NO_S3 = (
    "Spark cannot read or write S3 here: hadoop-aws and its SDK (300 MB of jars) are not in the local image. Bring "
    "data in as a ProcessingInput and read it from its LocalPath; write below the LocalPath of a ProcessingOutput, "
    "which is uploaded at the end. The same script then works on AWS."
)
