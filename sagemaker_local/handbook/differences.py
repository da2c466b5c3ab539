"""Where the plane differs from AWS, operation by operation, and what it does where AWS's documents are silent.

An empty text is a claim: nothing is known to differ. The tests hold the names to OPERATIONS.
"""

from __future__ import annotations

OPERATION_DIFFERENCES = {
    "AddTags": "",
    "CreateEndpoint": "quota by instances of the whole plane; DeploymentConfig as in UpdateEndpoint",
    "CreateEndpointConfig": (
        "refuses ExplainerConfig, CrossRegionTrafficConfig and variants without "
        "ModelName (inference components); instance types are taken and mean nothing"
    ),
    "CreateHyperParameterTuningJob": (
        "Bayesian search is a tree-structured Parzen estimator; refuses Autotune; AutoParameters and "
        "ConvergenceDetected are taken and mean nothing; of several instance configurations the first is used"
    ),
    "CreateModel": (
        "several containers as a Serial pipeline, on endpoints; refuses Mode Direct and MultiModel, and "
        "AdditionalModelDataSources; the image must be registered; VpcConfig and EnableNetworkIsolation are kept, not "
        "enforced"
    ),
    "CreateModelPackage": (
        "refuses ValidationSpecification and SourceAlgorithmSpecification; what is wrong with ModelCardContent is said "
        "in words of the plane's own"
    ),
    "CreateModelPackageGroup": "",
    "CreateProcessingJob": (
        "refuses S3InputMode Pipe, DatasetDefinition, FeatureStoreOutput and InstancePreferences; VPC and KMS "
        "members are taken and mean nothing; without ContainerEntrypoint the image's `process` command runs"
    ),
    "CreateTrainingJob": (
        "refuses AlgorithmName, FileSystemDataSource and training plans; FastFile copies before the program "
        "starts; Spot never interrupts; warm pool, debugger, profiler, TensorBoard, remote debug, VPC and KMS "
        "members are taken and mean nothing"
    ),
    "CreateTransformJob": (
        "refuses DataCaptureConfig and AugmentedManifestFile; MaxPayloadInMB 0 sends an object as one request "
        "with its length, not chunked"
    ),
    "DeleteEndpoint": "",
    "DeleteEndpointConfig": "",
    "DeleteHyperParameterTuningJob": "",
    "DeleteModel": "",
    "DeleteModelPackage": "",
    "DeleteModelPackageGroup": "",
    "DeleteProcessingJob": "",
    "DeleteScalingPolicy": "",
    "DeleteTags": "",
    "DeleteTrainingJob": "",
    "DeregisterScalableTarget": "",
    "DescribeEndpoint": "",
    "DescribeEndpointConfig": "",
    "DescribeHyperParameterTuningJob": "",
    "DescribeModel": "",
    "DescribeModelPackage": "IncludedData MetadataOnly shows the ModelCardContent whole",
    "DescribeModelPackageGroup": "",
    "DescribeProcessingJob": "",
    "DescribeScalableTargets": "",
    "DescribeScalingPolicies": "",
    "DescribeTrainingJob": "",
    "DescribeTransformJob": "",
    "ListEndpointConfigs": "",
    "ListEndpoints": "",
    "ListHyperParameterTuningJobs": "",
    "ListModelPackageGroups": "",
    "ListModelPackages": "",
    "ListModels": "",
    "ListProcessingJobs": "",
    "ListTags": "",
    "ListTrainingJobs": "no job is in a warm pool or a training plan",
    "ListTrainingJobsForHyperParameterTuningJob": "",
    "ListTransformJobs": "",
    "PutScalingPolicy": (
        "target tracking and step scaling; no alarms are made in CloudWatch for target tracking, and one metric is "
        "read, no metric math; a step policy answers alarms that name it as their action"
    ),
    "RegisterScalableTarget": "sagemaker:variant:DesiredInstanceCount alone; Tags are taken and mean nothing",
    "Search": "over TrainingJob, HyperParameterTuningJob, Endpoint, Model, ModelPackage and ModelPackageGroup",
    "StopHyperParameterTuningJob": "",
    "StopProcessingJob": "SIGTERM comes first, SIGKILL after the grace",
    "StopTrainingJob": "",
    "StopTransformJob": "",
    "UpdateEndpoint": (
        "without a DeploymentConfig, a variant whose model and instances stay the same is not replaced"
    ),
    "UpdateEndpointWeightsAndCapacities": "several variants may change their instance counts in one call",
    "UpdateModelPackage": "ModelCardContent as in CreateModelPackage",
}

# Operation of sagemaker-runtime: supported, and how it differs.
RUNTIME_DIFFERENCES = {
    "InvokeEndpoint": (
        "yes",
        "6 MB a request (4 MB serverless); TargetModel, TargetContainerHostname and InferenceComponentName are refused",
    ),
    "InvokeEndpointAsync": ("yes", "the queue is a folder; requests are processed at least once"),
    "InvokeEndpointWithResponseStream": (
        "yes",
        "no PayloadPart is larger than what came at once; not captured",
    ),
}

DECISIONS = (
    (
        "serverless: how many containers",
        "one for all requests up to MaxConcurrency; it is stopped when idle and starts with the next request, "
        "which waits",
    ),
    (
        "serverless: a restart of the plane",
        "wakes nothing: its container starts with the next request",
    ),
    ("serverless: more requests than MaxConcurrency", "`ThrottlingException`, 400, `Rate exceeded`"),
    ("serverless: a container that does not start again", "`ModelError` with OriginalStatusCode 500"),
    (
        "serverless: MaxConcurrency or ProvisionedConcurrency changes",
        "a new container takes over; no request is lost",
    ),
    ("serverless: a request that its container gave no answer to", "counts in Invocations, and as no error"),
    (
        "realtime: a variant that nobody asks",
        "reports Invocations 0 for an hour after its last request, and then nothing",
    ),
    ("async: the failure object", "`<S3FailurePath>/<uuid>-error.out`, the reason as text"),
    ("async: the failure notification", "`invocationStatus` Failed and `failureReason`"),
    (
        "async: MaxConcurrentInvocationsPerInstance left out",
        "4 at once",
    ),
    ("async: capture, and the wrong kind of invocation", "refused, in words of our own"),
    ("async: an update while requests are processed", "those that lose their container are processed again"),
    (
        "transform: which failures are tried again",
        "5xx, time-outs and missing answers; 4xx are not, and fail the object at once",
    ),
    ("transform: BatchStrategy without SplitType", "taken, and without effect"),
    ("transform: an empty object", "an empty `.out`, and no request; blank lines are no records"),
    (
        "transform and training: an S3 prefix without its last `/`",
        "names the folder: `s3://b/train` brings `a.csv`; `train-2/a.csv`, which it matches too, keeps that name",
    ),
    (
        "processing: outputs of a job that failed or was stopped",
        "EndOfJob outputs are not written, Continuous ones are",
    ),
    ("processing: MaxRuntimeInSeconds is over", "Stopped, without a FailureReason"),
    (
        "tuning: ScalingType Auto",
        "Logarithmic where MinValue is above 0 and MaxValue at least 1,000 times as large, else Linear",
    ),
    ("tuning: the final objective of a training job", "the last value it wrote; a job that failed has none"),
    (
        "tuning: early stopping",
        "an epoch is one value of the objective; the median is of at least 3 training jobs that came as far",
    ),
    (
        "tuning: Hyperband",
        "one value of the objective is one resource; at each rung (MinResource times 3, 9, ...) the best third goes on",
    ),
    (
        "tuning: a training job that an internal error or a crash ended",
        "is a RetryableError, and another one takes its place; the tuning job goes on after a restart",
    ),
    ("tuning: MaxRuntimeInSeconds, or a completion criterion", "stops what runs; Completed"),
    (
        "tuning: when no training job comes to anything",
        "Failed after 5 (or all, where there are fewer), with AWS's reasons: no success, or no objective metric",
    ),
    ("tuning: several definitions", "take turns"),
    (
        "training: Pipe mode",
        "a pipe of an epoch can be opened once; RecordIO records are not split; attributes of an augmented manifest "
        "that are no text are JSON",
    ),
    (
        "training and processing: EnableNetworkIsolation",
        "a network of its own, with nothing but a loopback, where the host allows network namespaces; the log says "
        "where not; jobs of several hosts keep theirs",
    ),
    (
        "training and processing: several hosts",
        "each name resolves to an address of its own below 127.0.0.0/8, where the host allows mount namespaces; "
        "elsewhere `SAGEMAKER_LOCAL_HOSTS` tells them as JSON, and the XGBoost image reads it",
    ),
    (
        "training: links in the model",
        "are packed as what they lead to within /opt/ml; those that lead elsewhere stay links, and fail an endpoint",
    ),
    (
        "training: OutputDataConfig and others in Describe",
        "members that AWS fills in are there: KmsKeyId empty, CompressionType, the flags, VolumeSizeInGB 30",
    ),
    (
        "training: the Regex of a metric that does not compile",
        "refused",
    ),
    ("serverless: more than 4 MB", "`ValidationError`, `Request <id> has oversize body.`"),
    (
        "training: checkpoints",
        "every host's folder goes to the same prefix; a deleted file is deleted in S3; LocalPath lies below /opt/ml, "
        "and not in input, model, output or code",
    ),
    (
        "training: CompressionType NONE",
        "`<job>/output/model/` and `<job>/output/output/`; S3ModelArtifacts ends with `/`",
    ),
    (
        "instance types: processors",
        "an image is for amd64 unless images.yaml says architectures; on a type of another one its program ends with "
        "`exec format error`, and an endpoint fails its health check at once, not after half an hour",
    ),
    (
        "training: MlflowConfig",
        "kept and described; there is no MLflow, nothing is logged, and MlflowDetails are not there",
    ),
    ("instance types: memory and speed", "mean nothing"),
    (
        "images: names without a registry's host",
        "are those of this machine; a host that is not ECR's is that of a private registry, which needs a VPC",
    ),
    (
        "serverless: MemorySizeInMB",
        "a container that has more is killed within a second, its log says so, and it starts with the next request; "
        "looked at on Linux alone; speed does not come with it",
    ),
    ("UpdateEndpoint to the config it has", "`ValidationException`"),
    (
        "DeploymentConfig: shares of the traffic",
        "those of the instances that are turned on: percentages are rounded down to whole instances, at least one",
    ),
    (
        "DeploymentConfig: shares of a serverless endpoint's traffic",
        "by CAPACITY_PERCENT, to the hundredth; sizes in instances are refused",
    ),
    (
        "DeploymentConfig: which waits watch the alarms",
        "WaitIntervalInSeconds after every step, also the last, and TerminationWaitInSeconds",
    ),
    (
        "DeploymentConfig: an alarm that does not exist, or cannot be read until the end of a wait",
        "the deployment is rolled back",
    ),
    (
        "DeploymentConfig: a rollback",
        "`RollingBack`, then `InService` with the old config; FailureReason `The deployment was rolled back: "
        "alarm(s) NAME went into ALARM state.`",
    ),
    (
        "DeploymentConfig together with RetainDeploymentConfig",
        "the last one is reused; without a last one, all at once",
    ),
    (
        "DeploymentConfig: kill -9 while it is carried out",
        "the old config serves, and the deployment begins anew; a rollback is finished",
    ),
    (
        "shadow variant: which requests it gets",
        "the share that its weight has of the production variant's, at most every one; streams are not copied, and "
        "no more than 100 copies wait at once",
    ),
    ("shadow variant: RollingUpdatePolicy, async and serverless", "refused"),
    (
        "inference pipelines: what the next container gets",
        "the answer, its Content-Type, and the caller's other headers; a refusal ends the request and is reported as "
        "`from CONTAINER`; streams are refused",
    ),
    (
        "autoscaling: when counts move",
        "three periods above the target scale out, fifteen below 90 % of it scale in, while the endpoint is InService; "
        "during a cooldown for scaling out nothing is added",
    ),
    ("autoscaling: a realtime variant with MinCapacity 0", "is refused by its endpoint, and keeps its count"),
    (
        "DeleteEndpoint of a scalable target",
        "deregisters it, as for a caller who may; permissions are not looked at",
    ),
    ("a failed UpdateEndpoint", "InService with the old config, and FailureReason"),
    ("streaming from a serverless endpoint", "refused"),
    ("all weights are 0", "equal shares; TargetVariant reaches a variant of weight 0"),
    ("a named variant without DesiredWeight", "keeps its weight"),
    ("XGBoost's answer in text/csv", "one line a row; class probabilities as `[0.1, 0.7, 0.2]`"),
    (
        "the failure text of the XGBoost algorithm",
        "`framework error: ` and `UserError: ` before the algorithm's words",
    ),
    ("registry: ModelPackageName of a version", "the group's name in DescribeModelPackage"),
    (
        "Step Functions: sagemaker:createTrainingJob.sync and its like",
        "are for the local Step Functions to know; MiniStack ends them with `States.Runtime`. A Lambda that creates "
        "the job, and a task token that the job's event answers, do the same",
    ),
    ("names in ARNs", "lower case; describing is by the name as it was given"),
    (
        "metrics of the XGBoost algorithm image",
        "`train:` and `validation:` of 17 metrics; none in script mode (a hyperparameter sagemaker_program)",
    ),
    (
        "jobs that a crash interrupts",
        "Failed with `InternalServerError`, as AWS says of its own faults; with attempts left in RetryStrategy they "
        "begin anew; jobs that waited for a place wait again",
    ),
    (
        "jobs that wait for a place",
        "InProgress; training jobs with the secondary status Pending; first come first served",
    ),
)
