"""Every error that the pipeline raises on purpose; the class name is what Retry and Catch match in the state machines.

SwitchyardError
├── InvalidInputError        what came from outside is wrong: file, row or field, and what to do; never retried
│   ├── InvalidDatasetError
│   │   ├── AbsentColumnError
│   │   └── EmptyFileError
│   └── InvalidPipelineError
├── TransientError           throttled, or a service did not answer: retried with backoff
├── BusyError                the resource is changing: try again later (retried with backoff)
├── ResourceLimitError       SageMaker has no room for it now: a wait in line, unless nobody may wait
├── CapacityFreedError       never raised: answers the token of a state that waits in line, and it enters itself again
├── EndpointSettledError     never raised: answers the token of a state whose endpoint was busy; it enters itself again
├── NoCapacityError          waited in line for too long, or asks for more than there can ever be
├── EvidenceUnavailableError a metric could not be read whole: the look comes back, and lasting silence is a verdict
├── MissingError             a record or resource that must exist does not
├── MismatchError            something with our name exists, but is not what we would have made
├── ChampionChangedError     the champion that was judged against is no longer there
├── RunUnderWayError         refused while a run of the model is under way: it could undo what is asked for
├── JobFailedError           a SageMaker job or endpoint ended badly; carries its FailureReason
└── StuckError               a resource did not settle within its laps: a human has to look
"""


class SwitchyardError(Exception):
    """Base of all."""


class InvalidInputError(SwitchyardError):
    """Something from outside is wrong."""


class InvalidDatasetError(InvalidInputError):
    """A dropped dataset is unusable; names file, row and column."""


class AbsentColumnError(InvalidDatasetError):
    """A column that is read beside the features is not there."""


class EmptyFileError(InvalidDatasetError):
    """A file without a row: a defect where all are so; among full ones it is what parallel writers leave."""


class InvalidPipelineError(InvalidInputError):
    """A pipeline.yaml is missing or wrong; names the field."""


class TransientError(SwitchyardError):
    """A service throttled us or did not answer."""


class BusyError(SwitchyardError):
    """The resource is in the middle of a change."""


class ResourceLimitError(SwitchyardError):
    """SageMaker answered ResourceLimitExceeded."""


class CapacityFreedError(SwitchyardError):
    """There may be room now."""


class EndpointSettledError(SwitchyardError):
    """An endpoint that was in the middle of another change is not any more."""


class NoCapacityError(SwitchyardError):
    """There was no room for too long, or there can never be."""


class EvidenceUnavailableError(SwitchyardError):
    """What a rollout is judged by could not be read whole; says what was answered and what to do."""


class MissingError(SwitchyardError):
    """A record or resource that must exist does not."""


class MismatchError(SwitchyardError):
    """A resource with our name is not what we would have made."""


class ChampionChangedError(SwitchyardError):
    """The champion is not the one that the challenger was judged against."""


class RunEndedError(SwitchyardError):
    """The run's execution is over, and it may move no traffic any more."""


class RunUnderWayError(SwitchyardError):
    """Refused while a run of the model is under way."""


class JobFailedError(SwitchyardError):
    """A SageMaker job or endpoint ended badly."""


class StuckError(SwitchyardError):
    """A resource did not settle within its laps."""
