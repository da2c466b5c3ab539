"""Getting container/ into an account's registry: by the Docker that is here, or by CodeBuild."""
